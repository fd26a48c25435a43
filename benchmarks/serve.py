"""The server over loopback beside the bare encoder: throughput, overload, memory. Bounded in count and time.

Usage: python benchmarks/serve.py [throughput] [overload] [memory]

The client, the server and its decoders share the same cores, which the bare encoder has for itself.
"""

from __future__ import annotations

import asyncio
import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from harness import Row, show
from load import closed_loop, form_request, json_request, open_loop
from photos import SIZES, make_photos
from weights import CACHE, DATA

from headstart import Model
from headstart.serve.settings import ServeSettings

PROGRAM = Path(sys.executable).parent / "headstart"
BATCHES = (1, 2, 4, 8, 16, 32, 64)
SECONDS = 6.0
OVERLOAD_SECONDS = 10.0
MANY = 10_000


def train(source: Path, folder: Path, base: str) -> Path:
    """Train a model once; it is kept for the next run."""
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [PROGRAM, "train", source, "-o", folder, "--base", base, "--no-blend", "--json"],
        check=True,
        capture_output=True,
    )
    return folder


@contextmanager
def served(*models: Path, options: Sequence[str] = ()) -> Iterator[tuple[int, psutil.Process]]:
    """Run the server; yield its port and process."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [PROGRAM, "serve", *models, "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/docs", line)
            if found:
                break
        try:
            yield int(found[1]), psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(60)


def best_rate(model: Model, sources: Sequence[Any]) -> tuple[int, float]:
    """Return the batch at which the bare model is fastest, and its inputs a second there."""
    model.predict(sources[:4])
    rates = {}
    for batch in BATCHES:
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < 2.0:
            model.predict([sources[(done + i) % len(sources)] for i in range(batch)])
            done += batch
        rates[batch] = done / (time.perf_counter() - start)
    batch = max(rates, key=lambda size: rates[size])
    return batch, rates[batch]


def measured(port: int, requests: Sequence[bytes], each: int, connections: int, rate: float) -> float:
    """Return inputs a second through the server."""
    asyncio.run(closed_loop(port, requests, connections, 2 * connections))
    total = max(4 * connections, int(SECONDS * rate / each))
    start = time.perf_counter()
    seen = asyncio.run(closed_loop(port, requests, connections, total))
    spent = time.perf_counter() - start
    assert seen.count(200) == total, (seen.hung, seen.broken, {k: len(v) for k, v in seen.seconds.items()})
    return total * each / spent


def throughput(places: dict[str, Path], inputs: dict[str, Sequence[Any]]) -> list[Row]:
    rows = []
    best = {name: best_rate(Model.load(places[name]), inputs[name]) for name in places}
    for name, each, connections in (
        ("photos", 16, 6),
        ("photos", 1, 32),
        ("texts", 16, 6),
        ("texts", 1, 32),
        ("sounds", 16, 6),
        ("sounds", 1, 32),
    ):
        sources = inputs[name]
        batch, bare = best[name]
        with served(places[name]) as (port, _):
            path = f"/v1/models/{places[name].name}:predict"
            make: Callable[[str, Sequence[Any]], bytes] = json_request if name == "texts" else form_request
            groups = [
                [sources[(start + i) % len(sources)] for i in range(each)]
                for start in range(0, max(len(sources), each), each)
            ]
            rate = measured(port, [make(path, group) for group in groups], each, connections, bare)
        title = f"{name}, {each} a request, {connections} connections"
        rows.append(Row(f"serve, {title}", 1 / rate, f"bare model, batches of {batch}", 1 / bare))
        print(f"{title}: {rate:.0f}/s, bare {bare:.0f}/s: {100 * rate / bare:.0f}%", flush=True)
    return rows


def overload(place: Path, photos: Sequence[bytes]) -> dict[str, Any]:
    """Send four times what the server can take, one photo a request."""
    path = f"/v1/models/{place.name}:predict"
    requests = [form_request(path, [photo]) for photo in photos]
    with served(place) as (port, _):
        asyncio.run(closed_loop(port, requests, 32, 64))
        start = time.perf_counter()
        asyncio.run(closed_loop(port, requests, 32, 300))
        capacity = 300 / (time.perf_counter() - start)
        seen = asyncio.run(open_loop(port, requests, 4 * capacity, OVERLOAD_SECONDS))
    figures = {
        "capacity a second": capacity,
        "sent a second": 4 * capacity,
        "answered": seen.count(200),
        "refused (503)": seen.count(503),
        "with Retry-After": seen.retry_after,
        "other": sum(len(v) for k, v in seen.seconds.items() if k not in (200, 503)),
        "hung": seen.hung,
        "broken": seen.broken,
        "p50 of answered": seen.percentile(200, 0.5),
        "p99 of answered": seen.percentile(200, 0.99),
        "p50 of refused": seen.percentile(503, 0.5),
        "p99 of refused": seen.percentile(503, 0.99),
    }
    for key, value in figures.items():
        print(f"  {key}: {value:.3f}" if isinstance(value, float) else f"  {key}: {value}", flush=True)
    return figures


def memory(place: Path, photos: Sequence[bytes]) -> dict[str, Any]:
    """Send ten thousand small photos, and look at the memory of the server and its decoders."""
    path = f"/v1/models/{place.name}:predict"
    requests = [form_request(path, [photo]) for photo in photos]
    figures = {}
    with served(place) as (port, process):
        for upto in range(1000, MANY + 1, 1000):
            seen = asyncio.run(closed_loop(port, requests, 8, 1000))
            assert seen.count(200) == 1000
            whole = [process, *process.children(recursive=True)]
            figures[upto] = sum(one.memory_info().rss for one in whole) / 2**20
            print(f"  after {upto} requests: {figures[upto]:.1f} MB", flush=True)
    return {"megabytes after requests": figures}


def main() -> None:
    os.environ.setdefault("HEADSTART_CACHE", str(CACHE / "headstart"))
    os.environ["HEADSTART_OFFLINE"] = "1"
    wanted = set(sys.argv[1:]) or {"throughput", "overload", "memory"}
    small = sorted(p for p in (DATA / "image" / "stamp_photos").rglob("*") if p.is_file())
    large = make_photos(small, CACHE / "benchmark-photos", SIZES["640x480"], 48)
    clips = sorted(p for p in (DATA / "audio" / "spoken_commands").rglob("*") if p.is_file())
    with (DATA / "text" / "package_section.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)][:512]
    folder = CACHE / "benchmark-models"
    places = {
        "photos": train(DATA / "image" / "stamp_photos", folder / "photos", "efficientnet_lite0"),
        "texts": train(DATA / "text" / "package_section.csv", folder / "texts", "minilm_l6"),
        "sounds": train(DATA / "audio" / "spoken_commands", folder / "sounds", "whisper_tiny_en"),
    }
    inputs: dict[str, Sequence[Any]] = {
        "photos": [photo.read_bytes() for photo in large],
        "texts": texts,
        "sounds": [clip.read_bytes() for clip in clips[::4]],
    }
    if "throughput" in wanted:
        show("serve", throughput(places, inputs), ours_is="slower")
    if "overload" in wanted:
        figures = overload(places["photos"], inputs["photos"])
        full = ServeSettings().queue / figures["capacity a second"]
        rows = [
            Row("serve, 4x overload, p99 of the answered", figures["p99 of answered"], "a full queue", full),
            Row("serve, 4x overload, p99 of the refused", figures["p99 of refused"], "a full queue", full),
        ]
        show("serve_overload", rows, ours_is="slower", extra={"figures": figures})
    if "memory" in wanted:
        figures = memory(places["photos"], [photo.read_bytes() for photo in small])
        show("serve_memory", [], ours_is="slower", extra=figures)


if __name__ == "__main__":
    main()
