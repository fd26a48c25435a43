"""Reads the vocabulary and the rules of characters out of a SentencePiece model, as data.

The file is a Protocol Buffers message, of which two fields are needed: 1 (repeated) a piece with its text
(1), score (2) and type (3); 3 the normalizer, whose compiled rules are its field 2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.errors import CorruptBaseError

_PIECE, _NORMALIZER = 1, 3
_TEXT, _SCORE, _TYPE = 1, 2, 3
_RULES = 2
_UNKNOWN = 2
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LONGEST_VARINT = 10


@dataclass(frozen=True)
class SentencePieces:
    """A vocabulary.

    Attributes
    ----------
    pieces, scores
        The text of each piece, and the logarithm of its share.
    unknown
        Number of the piece that stands for what is unknown.
    rules
        How characters are replaced, as SentencePiece compiles it.
    """

    pieces: Sequence[str]
    scores: Sequence[float]
    unknown: int
    rules: bytes


def read_sentencepieces(path: Path) -> SentencePieces:
    """Read the file.

    Raises
    ------
    CorruptBaseError
        When it is not such a message, or is cut short.
    """
    try:
        return _read(path.read_bytes())
    except (ValueError, IndexError, struct.error, TypeError) as error:
        raise CorruptBaseError(
            f"{path.name} is not a readable model of SentencePiece: {error}.",
            "Do not use this file; fetch it from where the card says.",
        ) from error


def _read(data: bytes) -> SentencePieces:
    pieces: list[str] = []
    scores: list[float] = []
    unknown, rules = -1, b""
    for number, value in _fields(data):
        if number == _PIECE:
            piece = dict(_fields(value))
            if piece.get(_TYPE) == _UNKNOWN:
                unknown = len(pieces)
            pieces.append(piece[_TEXT].decode())
            scores.append(struct.unpack("<f", piece.get(_SCORE, b"\0\0\0\0"))[0])
        elif number == _NORMALIZER:
            rules = dict(_fields(value)).get(_RULES, b"")
    if unknown < 0 or not rules:
        raise ValueError("it lacks the piece for what is unknown, or the rules of characters")
    return SentencePieces(pieces, scores, unknown, rules)


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Give each field's number and value: a number, or the bytes of what is not one."""
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, place = _varint(data, place)
            yield number, value
            continue
        if wire == _BYTES:
            size, place = _varint(data, place)
        elif wire in (_FOUR, _EIGHT):
            size = 4 if wire == _FOUR else 8
        else:
            raise ValueError(f"it holds a field of type {wire} at byte {place}")
        if size > len(data) - place:
            raise ValueError(f"it is cut short at byte {len(data)}")
        yield number, data[place : place + size]
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(_LONGEST_VARINT):
        byte = data[place]
        place += 1
        value |= (byte & 127) << (7 * shift)
        if byte < 128:
            return value, place
    raise ValueError(f"it holds a number of more than {_LONGEST_VARINT} bytes at byte {place}")
