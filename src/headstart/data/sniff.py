"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import os
import stat
from io import BufferedReader

from headstart.errors import SourceError
from headstart.types import Modality

HEAD_BYTES = 512
"""How much of a file `sniff` wants to see."""

IMAGE_KINDS = frozenset({"jpeg", "png", "gif", "webp", "bmp", "tiff"})
AUDIO_KINDS = frozenset({"wav", "flac", "ogg", "mp3", "aiff"})
TEXT_KINDS = frozenset({"text", "html", "svg", "json"})

_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
    (b"%!PS", "eps"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"%PDF-", "pdf"),
    (b"8BPS", "psd"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"\x00\x00\x00\x0cjP  ", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
    (b"\x00\x00\x00\x0cJXL ", "jpegxl"),
    (b"\xff\x0a", "jpegxl"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"PAR1", "parquet"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wma"),
    (b"#!AMR", "amr"),
    (b"version https://git-lfs", "git-lfs"),
    # Byte-order marks of UTF-16 and UTF-32; the first could also begin an MPEG layer I frame, now unheard of.
    (b"\xff\xfe", "text"),
    (b"\xfe\xff", "text"),
    (b"\x00\x00\xfe\xff", "text"),
)

_CONTAINERS = {b"WAVE": "wav", b"WEBP": "webp", b"AVI ": "video"}
_BRANDS = (
    ((b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"), "heic"),
    ((b"avif", b"avis"), "avif"),
    ((b"M4A ", b"M4B "), "m4a"),
)

# kind: (what to call it, what mends it)
_WORDS: dict[str, tuple[str, str]] = {
    "jpeg": ("a JPEG picture", ""),
    "png": ("a PNG picture", ""),
    "gif": ("a GIF picture", ""),
    "webp": ("a WebP picture", ""),
    "bmp": ("a BMP picture", ""),
    "tiff": ("a TIFF picture", ""),
    "wav": ("a WAV sound", ""),
    "flac": ("a FLAC sound", ""),
    "ogg": ("an OGG sound", ""),
    "mp3": ("an MP3 sound", ""),
    "aiff": ("an AIFF sound", ""),
    "text": ("plain text", ""),
    "json": ("JSON text", ""),
    "html": ("a web page (HTML)", "download the file itself, not the page that shows it"),
    "svg": ("an SVG drawing", "export it as PNG"),
    "eps": ("an EPS drawing", "export it as PNG or JPEG"),
    "pdf": ("a PDF document", "export its pages as PNG or JPEG, or its words as .txt"),
    "psd": ("a Photoshop file", "export it as PNG or JPEG"),
    "ico": ("an icon file", "save it as PNG"),
    "jpeg2000": ("a JPEG 2000 picture", "save it as JPEG or PNG"),
    "jpegxl": ("a JPEG XL picture", "save it as JPEG or PNG"),
    "heic": ("a HEIC photo, as iPhones make them", "save or export it as JPEG"),
    "avif": ("an AVIF picture", "save it as JPEG or PNG"),
    "m4a": ("an M4A sound", "convert it to WAV or MP3"),
    "wma": ("a WMA sound", "convert it to WAV or MP3"),
    "amr": ("an AMR sound", "convert it to WAV or MP3"),
    "video": ("a video", "save single pictures or the sound from it"),
    "zip": ("a ZIP archive or office document", "unpack it, or save it as text"),
    "gzip": ("a compressed file", "unpack it first"),
    "archive": ("an archive", "unpack it first"),
    "parquet": ("a Parquet table", "give its path instead of the folder's"),
    "git-lfs": ("a Git LFS pointer, not the file itself", "fetch the real files with: git lfs pull"),
    "empty": ("empty", "copy it again from where it came"),
    "unknown": ("a file of an unknown kind", "save it again in a common format"),
}

_SUPPORTED = {
    Modality.IMAGE: "a JPEG, PNG, WebP, GIF, BMP or TIFF picture",
    Modality.AUDIO: "a WAV, FLAC, OGG, MP3 or AIFF sound",
    Modality.TEXT: "plain text",
}
_NOT = {Modality.IMAGE: "not_an_image", Modality.AUDIO: "not_a_sound", Modality.TEXT: "not_text"}


def sniff(head: bytes) -> str:
    """Name the kind of a file from its first `HEAD_BYTES` bytes.

    A file that is several things at once (a polyglot) is what its first bytes say.

    Returns
    -------
    str
        One of `IMAGE_KINDS`, `AUDIO_KINDS`, `TEXT_KINDS`, a kind that is known but not supported
        (``eps``, ``pdf``, ``heic``, …), ``empty`` or ``unknown``.
    """
    if not head:
        return "empty"
    for prefix, kind in _PREFIXES:
        if head.startswith(prefix):
            return kind
    return _container(head) or _mpeg(head) or _textual(head)


def _container(head: bytes) -> str | None:
    """Look at the second tag of formats that wrap others."""
    if head[:4] in (b"RIFF", b"RF64", b"RIFX"):
        return _CONTAINERS.get(head[8:12], "unknown")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if (
        head[:2] == b"BM"
        and head[6:10] == b"\x00\x00\x00\x00"
        and head[14:15] in b"\x0c\x28\x34\x38\x40\x6c\x7c"
    ):
        return "bmp"
    if head[4:8] == b"ftyp":
        return next((kind for brands, kind in _BRANDS if head[8:12] in brands), "video")
    return None


def _mpeg(head: bytes) -> str | None:
    """Recognise an MPEG audio frame: 11 sync bits, then version, layer, bit rate and rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    return "mp3" if version != 1 and layer != 0 and rate not in (0, 15) and sampling != 3 else None


def _textual(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n\x00")[:256].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "html"
    if start.startswith(b"<svg") or (
        start.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head.lower()
    ):
        return "svg"
    if _is_wide(head):
        return "text"
    # Bytes below 32 that no text holds; NUL is let through because damaged texts hold it.
    if sum(byte < 32 and byte not in b"\x00\t\n\r\x0b\x0c\x1b" for byte in head) > max(2, len(head) // 50):
        return "unknown"
    if head.count(0) > len(head) // 10:
        return "unknown"
    return "json" if start[:1] in (b"{", b"[") else "text"


def _is_wide(head: bytes) -> bool:
    """Tell whether every second byte is NUL, as in UTF-16 of Western text without its mark."""
    even, odd = head[0::2], head[1::2]
    return (
        len(odd) >= 2
        and max(even.count(0) / len(even), odd.count(0) / len(odd)) > 0.7
        and head.count(0) < 0.6 * len(head)
    )


def sniff_path(path: str | os.PathLike[str]) -> str:
    """Name the kind of the file at `path`.

    Raises
    ------
    SourceError
        When the file cannot be opened.
    """
    descriptor = _open_descriptor(path)
    try:
        return sniff(os.read(descriptor, HEAD_BYTES))
    except OSError as error:
        raise SourceError(f"It cannot be read ({error.strerror}); copy it again.") from error
    finally:
        os.close(descriptor)


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


def modality_of(kind: str) -> Modality | None:
    """Return the modality whose decoder takes this kind, or None."""
    if kind in IMAGE_KINDS:
        return Modality.IMAGE
    if kind in AUDIO_KINDS:
        return Modality.AUDIO
    return Modality.TEXT if kind in TEXT_KINDS else None


def describe(kind: str) -> str:
    """Name a kind in words, with its article."""
    return _WORDS.get(kind, _WORDS["unknown"])[0]


def rejection(kind: str, modality: Modality) -> SourceError:
    """Say why a file of this kind is not used where `modality` is wanted, and what would mend it."""
    words, mend = _WORDS.get(kind, _WORDS["unknown"])
    if kind == "empty":
        return SourceError(f"The file is empty (0 bytes); {mend}.", kind="empty")
    mend = mend or f"give {_SUPPORTED[modality]}, or move it elsewhere"
    return SourceError(f"It is {words}, not {_SUPPORTED[modality]}; {mend}.", kind=_NOT[modality])
