"""What every benchmark shares: timing, one table, one JSON file per run."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
SCALE = {"ms": 1e3, "s": 1.0}


@dataclass(frozen=True)
class Row:
    """Our seconds beside the seconds of what a user would otherwise run."""

    name: str
    ours: float
    against: str
    theirs: float


def seconds_of(work: Callable[[], Any]) -> float:
    """Return the wall-clock seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def machine() -> dict[str, Any]:
    """Return what the numbers depend on."""
    import os

    names = [
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "onnxruntime", "pillow")},
    }


def show(
    title: str, rows: list[Row], *, ours_is: str, unit: str = "ms", extra: dict[str, Any] | None = None
) -> None:
    """Print a table with ratios and keep it as JSON under benchmarks/results/.

    `ours_is` says which way the ratio reads: ``faster`` divides theirs by ours, ``slower`` ours by theirs.
    """
    print(f"\n{title}")
    for row in rows:
        ratio = row.theirs / row.ours if ours_is == "faster" else row.ours / row.theirs
        print(
            f"  {row.name:44s} {row.ours * SCALE[unit]:10.2f} {unit}   {row.against:36s}"
            f" {row.theirs * SCALE[unit]:10.2f} {unit}   {ratio:6.2f}x {ours_is}"
        )
    RESULTS.mkdir(exist_ok=True)
    record = {"machine": machine(), "unit": "s", "rows": [asdict(row) for row in rows], **(extra or {})}
    (RESULTS / f"{title}.json").write_text(json.dumps(record, indent=1) + "\n")
