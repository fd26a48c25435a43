"""Run the real program as a person would, for the tests of this folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = str(Path(sys.executable).parent / "headstart")


def run(*arguments: object, code: int = 0, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command; it must leave with `code` and without a traceback."""
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)], capture_output=True, text=True, input=stdin, timeout=300
    )
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done
