"""The memory of a long run does not grow with the number of inputs, nor with what was done before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headstart.types import Modality
from tiny import tiny_model, tiny_sources

MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
PROGRAM = str(Path(sys.executable).parent / "headstart")


def peak(*arguments: object) -> float:
    """Return the peak memory of the real program in MB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, PROGRAM, *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout) / 1024


@pytest.mark.slow
def test_ten_times_as_many_rows_take_no_more_memory(tmp_path: Path):
    model = tiny_model(tmp_path / "base", Modality.TEXT).save(tmp_path / "model")
    texts, _ = tiny_sources(Modality.TEXT, 50)
    peaks = {}
    for count in (3_000, 30_000):
        table = tmp_path / f"in{count}.csv"
        with table.open("w") as file:
            file.write("id,text\n")
            file.writelines(f"row{n},{texts[n % 50]} {'very ' * 40}\n" for n in range(count))
        for kind in ("csv", "parquet"):
            peaks[count, kind] = peak("predict", model, table, "--out", tmp_path / f"{count}.{kind}")
    print(peaks)
    assert peaks[30_000, "csv"] < peaks[3_000, "csv"] + 12
    assert peaks[30_000, "parquet"] < peaks[3_000, "parquet"] + 40  # a row group of 5,000 rows
