"""What is inside a container: a sound, a video, a document. Only its table of contents is read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

_MOST_BOXES = 4096
_MOST_BYTES = 1 << 20
_DEEPEST = 6

_MP4_FOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_SOUND_BRANDS = (b"M4A ", b"M4B ")
_STILL_CODECS = frozenset({b"jpeg", b"png ", b"mjpa", b"mjpb"})
"""How sounds carry their cover."""

_EBML_SEGMENT, _EBML_TRACKS, _EBML_TRACK, _EBML_CLUSTER = 0x18538067, 0x1654AE6B, 0xAE, 0x1F43B675
_EBML_TYPE, _EBML_CODEC = 0x83, 0x86
_ASF_SOUND = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")

_OFFICE = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"))
_OPEN_DOCUMENT = (
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
    (b"application/epub+zip", "epub"),
)


def look_inside(kind: str, handle: IO[bytes], head: bytes, tail: bytes) -> str:
    """Return the kind of what a container holds.

    Parameters
    ----------
    kind
        What `headstart.data.signatures` said; kinds that hold no others come back as they are.
    handle
        The file, read from place to place; each look is bounded, whatever the file claims.
    head, tail
        Its first and last bytes.
    """
    if kind == "mp4":
        return _mp4(handle, head)
    if kind == "matroska":
        return _matroska(handle)
    if kind == "asf":
        return _asf(handle)
    if kind == "ogg":
        return _ogg(head)
    if kind == "mp3" and head.startswith(b"ID3"):
        return _tagged(handle, head)
    return _zip(head, tail) if kind == "zip" else kind


def _tagged(handle: IO[bytes], head: bytes) -> str:
    """Look behind the tag that players put before sounds of several kinds."""
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    handle.seek(len(b"ID3") + 7 + length)
    start = handle.read(2)
    return "aac" if len(start) == 2 and start[0] == 0xFF and start[1] & 0xF6 == 0xF0 else "mp3"


def _mp4(handle: IO[bytes], head: bytes) -> str:
    """Look for a track of moving pictures: a sound has none, or one that is its cover."""
    sound, film = False, False
    track = _Track()
    for name, body in _boxes(handle):
        if name == b"trak":
            track = _Track()
        elif name == b"hdlr":
            track.handler = (
                track.handler or body[8:12]
            )  # QuickTime writes a second one for where the data are
        elif name == b"stsd":
            track.codec = body[12:16]
        elif name == b"stsz":
            track.samples = int.from_bytes(body[8:12], "big")
        else:
            continue
        sound = sound or track.handler == b"soun"
        film = film or (name in (b"stsd", b"stsz") and track.moves)
    if film:
        return "video"
    if head[8:12] in _SOUND_BRANDS:
        return "m4a"
    if not sound:
        return "video" if track.handler else "mp4"
    return "3gp" if head[8:10] == b"3g" else "m4a"


class _Track:
    """One track of an MP4 file, as far as it has been read."""

    handler = b""
    codec = b""
    samples: int | None = None

    @property
    def moves(self) -> bool:
        """Whether it shows more than one picture. Films sent in pieces say zero and have a real codec."""
        return (
            self.handler == b"vide"
            and bool(self.codec)
            and self.codec not in _STILL_CODECS
            and self.samples is not None
            and self.samples != 1
        )


def _boxes(handle: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield each box within the table of contents, folders before what they hold."""
    end = handle.seek(0, 2)
    waiting, at = [end], 0
    for _ in range(_MOST_BOXES):
        while waiting and at + 8 > waiting[-1]:
            at = waiting.pop()
        if not waiting:
            return
        handle.seek(at)
        start = handle.read(16)
        if len(start) < 8:
            return
        size, name, body = int.from_bytes(start[:4], "big"), start[4:8], at + 8
        if size == 1 and len(start) == 16:
            size, body = int.from_bytes(start[8:], "big"), at + 16
        stop = waiting[-1] if size == 0 else min(at + size, waiting[-1])
        if stop < body:
            return
        if name in _MP4_FOLDERS and len(waiting) <= _DEEPEST:
            yield name, b""
            waiting.append(stop)
            at = body
            continue
        if name in (b"hdlr", b"stsd", b"stsz"):
            handle.seek(body)
            yield name, handle.read(min(stop - body, 64))
        at = stop


def _matroska(handle: IO[bytes]) -> str:
    tracks = _ebml_tracks(handle)
    types = [dict(_elements(track)) for track in tracks]
    kinds = {track.get(_EBML_TYPE, b"")[-1:] for track in types}
    if b"\x02" not in kinds:
        return "video"
    moving = any(
        track.get(_EBML_TYPE, b"")[-1:] == b"\x01" and not track.get(_EBML_CODEC, b"").startswith(b"V_MJPEG")
        for track in types
    )
    return "video" if moving else "webm"


def _ebml_tracks(handle: IO[bytes]) -> list[bytes]:
    """Return the descriptions of the tracks, which stand before the data."""
    at = 0
    for _ in range(_MOST_BOXES):
        handle.seek(at)
        start = handle.read(12)
        element = _element(start, 0)
        if element is None:
            return []
        name, size, body = element
        if name == _EBML_SEGMENT:
            at += body
            continue
        if name == _EBML_TRACKS:
            handle.seek(at + body)
            content = handle.read(min(size or 0, _MOST_BYTES))
            return [part for number, part in _elements(content) if number == _EBML_TRACK]
        if name == _EBML_CLUSTER or size is None:
            return []
        at += body + size
    return []


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(_MOST_BOXES):
        element = _element(content, at)
        if element is None or element[1] is None:
            return
        name, size, body = element
        yield name, content[body : body + (size or 0)]
        at = body + (size or 0)


def _element(content: bytes, at: int) -> tuple[int, int | None, int] | None:
    """Return the name, size (None: unknown) and place of the body of one EBML element."""
    name_length = _length(content, at, 4)
    size_length = _length(content, at + name_length, 8) if name_length else 0
    body = at + name_length + size_length
    if not size_length or body > len(content):
        return None
    name = int.from_bytes(content[at : at + name_length], "big")
    ones = (1 << 7 * size_length) - 1
    size = int.from_bytes(content[at + name_length : body], "big") & ones
    return name, None if size == ones else size, body


def _length(content: bytes, at: int, most: int) -> int:
    """Return how many bytes a number of EBML takes, told by its leading zeros; 0 where it is none."""
    if at >= len(content):
        return 0
    length = 9 - content[at].bit_length()
    return length if length <= most else 0


def _asf(handle: IO[bytes]) -> str:
    handle.seek(0)
    start = handle.read(24)
    if len(start) < 24:
        return "wma"
    (size,) = struct.unpack_from("<Q", start, 16)
    header = handle.read(min(size, _MOST_BYTES))
    return "video" if _ASF_VIDEO in header or _ASF_SOUND not in header else "wma"


def _ogg(head: bytes) -> str:
    if b"\x80theora" in head or b"\x01video\x00" in head or b"BBCD\x00" in head:
        return "video"
    return "speex" if head[28:36] == b"Speex   " else "ogg"


def _zip(head: bytes, tail: bytes) -> str:
    """Name a document that is a ZIP by what its first member, or its list of members, says."""
    if head[30:38] == b"mimetype":
        return next((kind for mark, kind in _OPEN_DOCUMENT if mark in head[:200]), "zip")
    names = _member_names(head, tail)
    first = names[0] if names else b""
    if b"[Content_Types].xml" in names:
        return next((kind for mark, kind in _OFFICE if any(name.startswith(mark) for name in names)), "zip")
    if first.endswith(b".npy"):
        return "npz"
    return "torch" if any(name.endswith(b"/data.pkl") for name in names) else "zip"


def _member_names(head: bytes, tail: bytes) -> list[bytes]:
    """Collect names of members as far as they can be seen from both ends."""
    names: list[bytes] = []
    for part, mark, length_at, name_at in ((head, b"PK\x03\x04", 26, 30), (tail, b"PK\x01\x02", 28, 46)):
        at = part.find(mark)
        while at >= 0 and len(names) < _MOST_BOXES:
            length = int.from_bytes(part[at + length_at : at + length_at + 2], "little")
            names.append(part[at + name_at : at + name_at + length])
            at = part.find(mark, at + 4)
    return names
