"""An account with nothing: no HOME, no line in /etc/passwd, no folder that may be written to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

import headstart

GOLDEN = Path(__file__).parents[1] / "golden" / "v1-text" / "bundle"
USER = 23456
NOBODY = ("setpriv", "--reuid", str(USER), "--regid", str(USER), "--clear-groups")


def bare(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    code = ":".join([str(Path(headstart.__file__).parents[1]), sysconfig.get_path("purelib")])
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": code, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    command = [*NOBODY, sys.executable, "-m", "headstart", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


@pytest.fixture
def folder():
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, to take an account that does not exist")
    if subprocess.run([*NOBODY, sys.executable, "-c", "import numpy"], capture_output=True).returncode:
        pytest.skip("this Python may be run by its owner alone")
    with tempfile.TemporaryDirectory(prefix="headstart-bare-") as name:
        place = Path(name)
        shutil.copytree(GOLDEN, place / "m")
        (place / "t.csv").write_text("text,label\n" + "warm meal,good\ncold meal,bad\n" * 6)
        place.chmod(0o755)
        yield place


def test_what_keeps_nothing_works(folder):
    answered = bare(folder, "predict", "m", "warm kind meal", "--json")
    assert answered.returncode == 0, answered.stderr
    assert '"label"' in answered.stdout
    listed = bare(folder, "bases", "--json")
    assert listed.returncode == 0, listed.stderr


@pytest.mark.parametrize("command", [("check", "t.csv"), ("cache", "info"), ("bases", "get", "minilm_l6")])
def test_what_keeps_something_names_the_mend(folder, command):
    done = bare(folder, *command)
    assert done.returncode == 2
    assert "HEADSTART_CACHE=" in done.stderr
    assert "fault" not in done.stderr


def test_a_home_that_is_not_there(folder):
    done = bare(folder, "check", "t.csv", HOME="/nonexistent")
    assert done.returncode == 2
    assert "/nonexistent/.cache/headstart" in done.stderr
    assert "HEADSTART_CACHE" in done.stderr


def test_a_place_that_may_not_be_written_to(folder):
    done = bare(folder, "export", "m", "-o", "m.onnx")
    assert done.returncode == 2
    assert "may be written to" in done.stderr
