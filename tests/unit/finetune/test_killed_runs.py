"""Processes that are killed while they tune, and others that go on where they were."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tune_small

SCRIPT = Path(tune_small.__file__)


def _killed(folder: Path, epochs: int, seconds: float) -> bool:
    """Kill a process some time after its first checkpoint of this life; whether it had not ended before."""
    before = {path: path.stat().st_mtime_ns for path in folder.glob("run-*")}
    command = [sys.executable, str(SCRIPT), str(folder), str(epochs)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None and before == {p: p.stat().st_mtime_ns for p in folder.glob("run-*")}:
        time.sleep(0.01)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


# As many epochs as leave work for the last kill, however many a quick machine gets through between two.
@pytest.mark.parametrize(
    ("times", "epochs", "seed"), [(2, 12, 0), pytest.param(20, 120, 1, marks=pytest.mark.slow)]
)
def test_killed_and_resumed_it_gives_the_numbers_of_an_unbroken_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, epochs: int, seed: int
) -> None:
    monkeypatch.setenv("HEADSTART_THREADS", "1")
    unbroken = json.loads(tune_small.main(tmp_path / "unbroken", epochs))
    rng = np.random.default_rng(seed)
    kills = sum(_killed(tmp_path / "killed", epochs, float(rng.uniform(0, 0.1))) for _ in range(times))
    assert kills == times
    command = [sys.executable, str(SCRIPT), str(tmp_path / "killed"), str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == unbroken
    # What a kill cut off in the middle of writing lies beside its place, under a name that nobody reads.
    whole = [path for path in (tmp_path / "killed").iterdir() if ".headstart-new-" not in path.name]
    assert {path.suffix for path in whole} <= {".json", ".safetensors"}


def test_two_processes_share_the_runs_and_give_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_THREADS", "1")
    alone = json.loads(tune_small.main(tmp_path / "alone"))
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
    done = subprocess.run(
        [*command, str(SCRIPT), str(tmp_path / "both")], capture_output=True, text=True, check=True
    )
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert told == [alone, alone]
