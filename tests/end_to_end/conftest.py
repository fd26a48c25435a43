"""What the walks through the program share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def photos(tmp_path: Path, data_root: Path) -> Path:
    """Sixty real photos in three classes."""
    for kind in ("bird", "coin", "flower"):
        (tmp_path / "photos" / kind).mkdir(parents=True)
        for photo in sorted((data_root / "image" / "stamp_photos" / kind).iterdir())[:20]:
            shutil.copy2(photo, tmp_path / "photos" / kind)
    return tmp_path / "photos"
