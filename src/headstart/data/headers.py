"""Groups that the headers of files give away: when and with what a photo or a sound was taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from headstart.data import exif
from headstart.data.names import safe_name

if TYPE_CHECKING:
    from headstart.types import Example

_Told = TypeVar("_Told")

BURST = timedelta(minutes=30)
"""Photos of one camera belong together until nothing was taken for so long."""

_SAMPLE = 48
_TAGS = ("artist", "album")
_PHOTOS = frozenset({".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".webp", ".png", ".heic", ".heif", ".avif"})
_SOUNDS = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff"})


def by_exif(examples: Sequence[Example]) -> tuple[str | None, ...]:
    """Group photos by camera and by bursts: photos with no pause of `BURST` between them."""
    shots = _read_all(examples, _PHOTOS, _capture)
    timed = [
        (shot.camera, shot.taken, place)
        for place, shot in enumerate(shots)
        if shot is not None and shot.taken is not None
    ]
    members: list[str | None] = [None] * len(examples)
    last: tuple[str, datetime] | None = None
    burst = ""
    for camera, taken, place in sorted(timed):
        if last is None or last[0] != camera or taken - last[1] > BURST:
            burst = f"{camera} {taken:%Y-%m-%d %H:%M}".strip()
        members[place] = burst
        last = camera, taken
    return tuple(members)


def by_camera(examples: Sequence[Example]) -> tuple[str | None, ...]:
    """Group photos by the camera that they name: maker, model and serial number."""
    shots = _read_all(examples, _PHOTOS, _capture)
    return tuple(None if shot is None else shot.camera or None for shot in shots)


def by_sound(examples: Sequence[Example]) -> tuple[str | None, ...]:
    """Group sounds by who made them where tags tell, else by rate, channels and format."""
    return tuple(_read_all(examples, _SOUNDS, _recorded, varied=True))


def _read_all(
    examples: Sequence[Example],
    suffixes: frozenset[str],
    read: Callable[[Path], _Told | None],
    *,
    varied: bool = False,
) -> list[_Told | None]:
    """Read the headers of files; of a few only where these say nothing, or one thing and `varied` is set."""
    paths = [
        example.source
        if isinstance(example.source, Path) and example.source.suffix.lower() in suffixes
        else None
        for example in examples
    ]
    if not any(paths):
        return [None] * len(paths)
    step = max(1, len(paths) // _SAMPLE)
    headers = {None if path is None else read(path) for path in paths[::step]}
    if len(headers) < 2 and (varied or headers == {None}):
        return [None] * len(paths)
    return [None if path is None else read(path) for path in paths]


def _capture(path: Path) -> exif.Capture | None:
    from PIL import Image  # not needed where all is text

    try:
        with Image.open(path) as image:  # reads the header alone
            return exif.capture(image.info.get("exif"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _recorded(path: Path) -> str | None:
    import soundfile

    try:
        with soundfile.SoundFile(path) as sound:
            tags = sound.copy_metadata()
            recorded = [tags[tag].strip() for tag in _TAGS if tags.get(tag, "").strip()]
            description = f"{sound.samplerate} Hz, {sound.channels} channels, {sound.format} {sound.subtype}"
            return safe_name(", ".join(recorded) or description)
    except (OSError, RuntimeError, ValueError):
        return None
