"""Look into one file: can it be used, what is it, and what does a small picture of it look like."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.data.sniff import modality_of, open_regular, rejection, sniff_path
from headstart.data.text import read_text
from headstart.errors import SourceError
from headstart.files import whole_file
from headstart.kinds import kind_of
from headstart.types import Modality

if TYPE_CHECKING:
    from PIL import Image

THUMB = 256
PREVIEW = 1280
TEXT_SHOWN = 300
_CHECK_RATE = 8000
_LONGEST_SECONDS = 600.0


@dataclass
class Examined:
    """What was found in a file.

    Attributes
    ----------
    content
        SHA-256 of its bytes: the same file twice is found by it.
    code, reason
        Set where it cannot be used.
    """

    kind: str
    size: int
    mtime: int
    content: bytes = b""
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    text: str | None = None
    code: str | None = None
    reason: str | None = None


def examine(path: Path, modality: Modality, thumb: Path | None = None) -> Examined:
    """Look into a file, and keep a small picture of it.

    Parameters
    ----------
    thumb
        Where to keep the picture; made for images only.
    """
    try:
        status = path.stat()
        found = Examined(sniff_path(path, modality), status.st_size, status.st_mtime_ns)
        with open_regular(path) as handle:
            found.content = hashlib.file_digest(handle, "sha256").digest()
        if modality_of(found.kind) != modality:
            raise rejection(found.kind, modality)
        kind = kind_of(modality)
        look = _decode if kind.examine is None else kind.examine
        look(path, found, thumb)
    except SourceError as error:
        found.code, found.reason = error.kind, error.message
    except FileNotFoundError:
        found = Examined("unknown", 0, 0, code="missing", reason="The file is not there any more.")
    return found


def make_thumb(path: Path, thumb: Path, side: int) -> tuple[int, int]:
    """Keep a small WebP of a picture; return width and height of the picture itself.

    Raises
    ------
    SourceError
        When it cannot be decoded.
    """
    from headstart.data.image import decode_picture

    image = decode_picture(path, cover=side)
    size = image.size
    image.thumbnail((side, side))
    _keep(image, thumb)
    return size


def _keep(image: Image.Image, thumb: Path) -> None:
    """Write a picture whole or not at all; without the place and camera that a photo may tell."""
    thumb.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(thumb) as passing:
        image.save(passing, "WEBP", quality=80, method=2, exif=b"")


def _decode(path: Path, found: Examined, _: Path | None) -> None:
    """Find out whether an input of a kind that says nothing more about it can be used."""
    kind = modality_of(found.kind)
    if kind is not None:
        kind_of(kind).simple_features(threads=1).decode(path)


def picture(path: Path, found: Examined, thumb: Path | None) -> None:
    """Decode a picture, and keep a small copy where that is wanted."""
    if thumb is None:
        from headstart.data.image import decode_picture

        decode_picture(path, cover=THUMB)
    else:
        make_thumb(path, thumb, THUMB)
    from headstart.data.dimensions import picture_size

    found.width, found.height = picture_size(path)


def sound(path: Path, found: Examined, _: Path | None) -> None:
    """Decode a sound, and tell how long it is."""
    from headstart.data.audio import decode_audio
    from headstart.data.sound_file import promised_seconds

    samples, _note = decode_audio(path, rate=_CHECK_RATE, max_seconds=_LONGEST_SECONDS)
    found.seconds = round(promised_seconds(path) or len(samples) / _CHECK_RATE, 2)


def text(path: Path, found: Examined, _: Path | None) -> None:
    """Read a text, and keep its beginning."""
    words, _note = read_text(path)
    found.text = words[:TEXT_SHOWN]
