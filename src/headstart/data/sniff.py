"""What a file is, told by what it holds and never by its name."""

from __future__ import annotations

import io
import os
import stat
from io import BufferedReader
from typing import IO, Literal

from headstart.data.containers import look_inside
from headstart.data.formats import AUDIO_KINDS, IMAGE_KINDS, TEXT_KINDS, describe, modality_of, rejection
from headstart.data.signatures import by_signature
from headstart.data.textual import has_controls, is_noise, is_wide, textual
from headstart.data.tga import seems_tga
from headstart.errors import SourceError
from headstart.kinds import is_ours, kind_of, kinds

__all__ = [
    "AUDIO_KINDS",
    "HEAD_BYTES",
    "IMAGE_KINDS",
    "TEXT_KINDS",
    "describe",
    "modality_of",
    "open_regular",
    "rejection",
    "sniff",
    "sniff_content",
    "sniff_handle",
    "sniff_path",
]

HEAD_BYTES = 8192
"""How much of a file `sniff` wants to see."""

_TAIL_BYTES = 65536
_SAMPLE_BYTES = 4096


def sniff(head: bytes) -> str:
    """Name the kind of a file from its first `HEAD_BYTES` bytes.

    A file that is several things at once (a polyglot) is what its first bytes say. Where only a look at the
    rest can tell, `sniff_path` and `sniff_content` tell it.

    Returns
    -------
    str
        One of `IMAGE_KINDS`, `AUDIO_KINDS`, `TEXT_KINDS`, a kind that is known but not supported
        (``eps``, ``pdf``, ``docx``, …), ``empty`` or ``unknown``.
    """
    if not head:
        return "empty"
    kind = by_signature(head)
    if kind is not None:
        inside = look_inside(kind, io.BytesIO(head), head, b"")
        return "video" if inside == "mp4" else inside  # its table of contents may be at its end
    if seems_tga(head):
        return "tga"
    return textual(head) or "unknown"


def sniff_handle(handle: IO[bytes]) -> str:
    """Name the kind of an open file, by its head and, where that is not enough, by places further on.

    The file is left at its beginning.
    """
    handle.seek(0)
    head = handle.read(HEAD_BYTES)
    kind = _sniffed(handle, head)
    handle.seek(0)
    return kind


def sniff_content(content: bytes, wanted: str | None = None) -> str:
    """Name the kind of a whole file's bytes, as `sniff_path` does."""
    return _told(io.BytesIO(content), content[:HEAD_BYTES], "", wanted)


def _told(handle: IO[bytes], head: bytes, ending: str, wanted: str | None) -> str:
    """Ask the kinds of other packages first, unless the file is what it shall be already."""
    if wanted is None or not is_ours(wanted):
        return _of_package(head, ending, wanted) or _sniffed(handle, head)
    kind = _sniffed(handle, head)
    return kind if kind in kind_of(wanted).files.formats else _of_package(head, ending, wanted) or kind


def _of_package(head: bytes, ending: str, wanted: str | None) -> str | None:
    """Return what a kind of another package says of a file with one of its endings, or that it shall be."""
    for kind in kinds().values():
        look = kind.files.sniff
        if look is not None and head and (kind.name == wanted or ending in kind.files.endings):
            kind_name: str | None = look(head)
            if kind_name is not None:
                return kind_name
    return None


def _sniffed(handle: IO[bytes], head: bytes) -> str:
    if not head:
        return "empty"
    kind = by_signature(head)
    if kind == "tiff":
        return by_signature(_tiff_head(handle, head)) or kind
    if kind is not None:
        return look_inside(kind, handle, head, _tail(handle) if kind == "zip" else b"")
    if seems_tga(head) and seems_tga(head, handle.seek(0, os.SEEK_END), _tail(handle)[-64:]):
        return "tga"
    kind = textual(head)
    return kind if kind is not None and _goes_on_as_text(handle, head) else "unknown"


def _tiff_head(handle: IO[bytes], head: bytes) -> bytes:
    """Return a head that goes on with the list of fields, wherever in the file it stands."""
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    start = int.from_bytes(head[4:8], order)
    if start + _SAMPLE_BYTES <= len(head):
        return head
    handle.seek(start)
    return head[:4] + (8).to_bytes(4, order) + handle.read(_SAMPLE_BYTES)


def _tail(handle: IO[bytes]) -> bytes:
    size = handle.seek(0, os.SEEK_END)
    handle.seek(max(0, size - _TAIL_BYTES))
    return handle.read(_TAIL_BYTES)


def _goes_on_as_text(handle: IO[bytes], head: bytes) -> bool:
    """Look at the middle and the end too: the head of a binary file may well be words."""
    size = handle.seek(0, os.SEEK_END)
    if size <= len(head) or is_wide(head):
        return True
    for place in (max(len(head), size // 2), max(len(head), size - _SAMPLE_BYTES)):
        handle.seek(place)
        part = handle.read(_SAMPLE_BYTES)
        if has_controls(part) or is_noise(part):
            return False
    return True


def sniff_path(path: str | os.PathLike[str], wanted: str | None = None) -> str:
    """Name the kind of the file at `path`.

    Parameters
    ----------
    wanted
        The kind of data that it shall be, where that is known.

    Raises
    ------
    SourceError
        When the file cannot be opened.
    """
    with open_regular(path) as handle:
        try:
            head = handle.read(HEAD_BYTES)
            ending = os.path.splitext(path)[1].lower()  # noqa: PTH122
            return _told(handle, head, ending, wanted)
        except OSError as error:
            raise SourceError(f"It cannot be read ({error.strerror}); copy it again.") from error


def open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    """Open an ordinary file for reading bytes; never a pipe or device, which could hang for ever."""
    return os.fdopen(_open_descriptor(path), "rb")


def _open_descriptor(path: str | os.PathLike[str]) -> int:
    try:
        # Without waiting: opening a pipe that nobody writes to would never return.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceError("There is no such file; check the spelling of the name.", kind="missing") from error
    except PermissionError as error:
        raise SourceError("It may not be read; allow reading it, or copy it.", kind="forbidden") from error
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"It cannot be opened ({detail}); copy it again.", kind="unreadable") from error
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise SourceError("It is a folder, not a file; name the files inside it.", kind="not_a_file")
    raise SourceError("It is a pipe or device, not a file; copy its content to a file.", kind="not_a_file")
