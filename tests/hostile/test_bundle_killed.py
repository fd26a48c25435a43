"""A save that is killed, or that meets another, leaves the old model or the new one: no mix, never none."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headstart import Model
from tiny import tiny_model

TESTS = Path(__file__).resolve().parents[1]

SAVER = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from tiny import tiny_model
from headstart.bundle import swap
if {two_steps}:
    swap._exchange = lambda one, other: False
base = Path({base!r})
models = [tiny_model(base / str(n), "text", classes=[f"a{{n}}", f"b{{n}}"], seed=n) for n in range(3)]
print("ready", flush=True)
while True:
    for model in models:
        model.save({target!r})
"""


def start(base: Path, target: Path, *, two_steps: bool = False) -> subprocess.Popen[str]:
    code = SAVER.format(tests=str(TESTS), base=str(base), target=str(target), two_steps=two_steps)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def whole(model: Model) -> bool:
    """Return whether classes and head come from the same save."""
    number = model.classes[0][1:]
    return list(model.classes) == [f"a{number}", f"b{number}"]


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a Unix matter")
@pytest.mark.parametrize("two_steps", [False, True], ids=["exchange", "two steps"])
def test_kill_during_save(tmp_path: Path, two_steps: bool):
    target = tmp_path / "out" / "mood"
    first = tiny_model(tmp_path / "first", "text", classes=["a9", "b9"])
    first.save(target)
    rng = random.Random(0)
    for _ in range(6):
        process = start(tmp_path / "bases", target, two_steps=two_steps)
        time.sleep(rng.uniform(0.0, 0.08))
        end(process)
        assert whole(Model.load(target))  # load checks every hash: a mix could not pass
    first.save(target)
    assert Model.load(target).classes == ("a9", "b9")
    assert [path.name for path in target.parent.iterdir()] == ["mood"]


@pytest.mark.skipif(sys.platform == "win32", reason="locks differ there")
@pytest.mark.parametrize("two_steps", [False, True], ids=["exchange", "two steps"])
def test_reading_while_two_processes_save_over_each_other(tmp_path: Path, two_steps: bool):
    target = tmp_path / "out" / "mood"
    tiny_model(tmp_path / "first", "text", classes=["a9", "b9"]).save(target)
    savers = [start(tmp_path / f"bases{n}", target, two_steps=two_steps) for n in range(2)]
    try:
        for _ in range(60):
            assert whole(Model.load(target))
    finally:
        for saver in savers:
            end(saver)
    assert whole(Model.load(target))
