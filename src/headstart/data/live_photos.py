"""Know the short video that a phone keeps beside a live photo: IMG_0001.HEIC and IMG_0001.MOV."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

_VIDEOS = frozenset({".mov", ".mp4"})
_PHOTOS = (".heic", ".heif", ".jpg", ".jpeg", ".avif")


def is_companion(source: Any) -> bool:
    """Tell whether this file is a video with a photo of the same name beside it."""
    if not isinstance(source, Path) or source.suffix.lower() not in _VIDEOS:
        return False
    return any(
        source.with_suffix(written).is_file() for suffix in _PHOTOS for written in (suffix, suffix.upper())
    )


def companions(names: Collection[str]) -> set[str]:
    """Return the names among those of one folder that are videos of live photos."""
    paths = [Path(name) for name in names]
    photos = {path.stem for path in paths if path.suffix.lower() in _PHOTOS}
    return {path.name for path in paths if path.suffix.lower() in _VIDEOS and path.stem in photos}
