"""Where unpacked archives are kept, for how long, and how they are removed."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from headstart.files import write_whole
from headstart.settings import current

KEPT_DAYS = 30
"""Unpacked archives that nobody has read for so long are removed when another one is unpacked."""

KEPT_BYTES = 50 << 30
"""Above this, those that were read longest ago are removed, but none of the last day."""

ABOUT = "about.json"
"""What is known of an unpacked archive; its time is when it was last read."""

NEW = ".new-"
"""How the folders begin that are being filled."""

_STAMP = ".stamp-"
_SETTLED_NS = 2_000_000_000
_HOUR = 3600
_DAY = 24 * _HOUR


def kept() -> dict[str, Any]:
    """Return how many unpacked archives the cache holds, and their bytes."""
    places = _places()
    return {"archives": len(places), "archive_bytes": sum(bytes_below(place) for place in places)}


def clear() -> int:
    """Remove every unpacked archive from the cache; return the bytes freed."""
    places = [*_places(), *_unfinished()]
    freed = sum(bytes_below(place) for place in places)
    for place in places:
        shutil.rmtree(place, ignore_errors=True)
    _forget_stamps()
    return freed


_passing_folder: list[Path] = []


def folder() -> Path:
    """Return the folder of unpacked archives: in the cache, or where that cannot be written a passing one."""
    try:  # a user without a home has no cache
        place = current().unpacked
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        if os.access(place, os.W_OK | os.X_OK):
            return place
    except OSError:
        pass
    if not _passing_folder:
        _passing_folder.append(Path(tempfile.mkdtemp(prefix="headstart-")))
        atexit.register(shutil.rmtree, _passing_folder[0], ignore_errors=True)
    return _passing_folder[0]


def stamp_of(path: Path, status: os.stat_result) -> str:
    """Return a name for the state of a file; empty where it changed just now, and may within one tick again.

    Nobody can set the time of the last change of state (``st_ctime_ns``) back, so a file of the same stamp
    holds the same bytes.
    """
    if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) < _SETTLED_NS:
        return ""
    facts = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    whole = f"{os.path.realpath(path)}\0{facts}".encode(errors="surrogateescape")
    return hashlib.blake2b(whole, digest_size=16, person=b"archive stamp").hexdigest()


def remembered(place: Path, stamp: str) -> str | None:
    """Return the name of the folder that a file of this stamp was unpacked into, if that is still there."""
    if stamp:
        with suppress(OSError, ValueError):
            name = (place / f"{_STAMP}{stamp}").read_text(encoding="ascii")
            return name if name.isalnum() and (place / name / ABOUT).is_file() else None
    return None


def remember(place: Path, stamp: str, name: str) -> None:
    """Keep under which name a file of this stamp is unpacked."""
    if stamp and not (place / f"{_STAMP}{stamp}").exists():
        with suppress(OSError):
            write_whole(place / f"{_STAMP}{stamp}", name.encode("ascii"))


def _forget_stamps() -> None:
    """Remove the stamps of archives that are no longer kept."""
    with suppress(OSError):
        for stamp in current().unpacked.glob(f"{_STAMP}*"):
            if remembered(stamp.parent, stamp.name.removeprefix(_STAMP)) is None:
                stamp.unlink(missing_ok=True)


def _places() -> list[Path]:
    with suppress(OSError):
        places = [place for place in current().unpacked.iterdir() if not place.name.startswith(NEW)]
        return [place for place in places if (place / ABOUT).is_file()]
    return []


def _unfinished() -> list[Path]:
    """Return what processes left that were killed; those that are at work are never so old."""
    before = time.time() - _HOUR
    with suppress(OSError):
        places = [place for place in current().unpacked.iterdir() if place.name.startswith(NEW)]
        return [place for place in places if _used(place) < before]
    return []


def prune() -> None:
    """Remove what a killed process left, what is old, and what is too much."""
    now = time.time()
    used = sorted((_used(place), place) for place in _places())
    for place in _unfinished():
        shutil.rmtree(place, ignore_errors=True)
    total = sum(bytes_below(place) for _, place in used)
    for when, place in used:
        if when < now - KEPT_DAYS * _DAY or (total > KEPT_BYTES and when < now - _DAY):
            total -= bytes_below(place)
            shutil.rmtree(place, ignore_errors=True)
    _forget_stamps()


def _used(place: Path) -> float:
    about = place / ABOUT
    try:
        if not about.exists():
            return max(path.stat().st_mtime for path in (place, *place.glob("files/*")))
        return about.stat().st_mtime
    except OSError:
        return time.time()


def bytes_below(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return count_below(folder)[1]


def count_below(folder: Path) -> tuple[int, int]:
    """Return how many files there are below a folder, and their bytes."""
    files = size = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(where, name)).st_size  # noqa: PTH118 - many files
                files += 1
    return files, size
