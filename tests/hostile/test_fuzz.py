"""A second of fuzzing each reader; ten minutes each are run by hand before a release."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(sys.platform == "win32", reason="limits and timers of POSIX"),
]


@pytest.mark.parametrize(
    "readers", [("image", "audio", "text", "csv", "bundle"), ("pdf", "packed", "written")]
)
def test_changed_files_get_a_reason_or_are_read(tmp_path: Path, readers: tuple[str, ...]) -> None:
    running = {
        reader: subprocess.Popen(
            [
                *(sys.executable, REPO / "scripts" / "fuzz.py", reader),
                *("--seconds", "2", "--keep", tmp_path, "--seed", str(sum(reader.encode()))),
            ],
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for reader in readers
    }
    said = {reader: process.communicate(timeout=120)[0] for reader, process in running.items()}
    for reader, process in running.items():
        assert process.returncode == 0, said[reader]
        found = re.fullmatch(
            rf"{reader}: (\d+) inputs in 2 s, 0 findings, most memory \d+ MB\n", said[reader]
        )
        assert found is not None, said[reader]
        assert int(found[1]) > 5
    assert list(tmp_path.iterdir()) == []
