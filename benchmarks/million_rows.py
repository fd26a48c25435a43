"""Fit a head on a million embeddings of width 1280: its memory beside them, and its time.

Usage: python benchmarks/million_rows.py [ROWS]      writes a file of 5 GB to a temporary folder
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from harness import Row, seconds_of, show

from headstart.heads.select import fit_head

WIDTH, CLASSES, CHUNK = 1280, 20, 20_000


def anonymous_megabytes() -> float:
    """Memory of this process that is not a mapped file."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1e3
    return 0.0


def write(path: Path, rows: int) -> tuple[np.memmap, np.ndarray]:
    """Class means of some length in noise, unit length as embeddings are."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, CLASSES, rows)
    means = rng.normal(size=(CLASSES, WIDTH)).astype(np.float32) * 0.12
    out = np.memmap(path, dtype=np.float32, mode="w+", shape=(rows, WIDTH))
    for first in range(0, rows, CHUNK):
        part = means[y[first : first + CHUNK]] + rng.standard_normal(
            (len(y[first : first + CHUNK]), WIDTH), np.float32
        )
        out[first : first + CHUNK] = part / np.linalg.norm(part, axis=1, keepdims=True)
    out.flush()
    return np.memmap(path, dtype=np.float32, mode="r", shape=(rows, WIDTH)), y


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    peak, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            peak[0] = max(peak[0], anonymous_megabytes())

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        embeddings, y = write(Path(folder, "embeddings"), rows)
        print(f"wrote {rows} rows in {time.perf_counter() - start:.0f} s", flush=True)
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        made = []
        spent = seconds_of(lambda: made.append(fit_head({"embedding": embeddings}, y)))
        stop.set()
        fitted = made[0]
        accuracy = next(trial.accuracy for trial in fitted.candidates if trial.chosen)
        read = seconds_of(lambda: [embeddings[i : i + CHUNK].sum() for i in range(0, rows, CHUNK)])
    print(f"peak {peak[0]:.0f} MB beside the embeddings; {fitted.how}, accuracy {accuracy:.3f}")
    show(
        "million_rows",
        [Row(f"head on {rows} x {WIDTH}, {CLASSES} classes", spent, "reading the file once", read)],
        ours_is="slower",
        unit="s",
        extra={"peak_megabytes": round(peak[0]), "accuracy": accuracy},
    )


if __name__ == "__main__":
    main()
