"""Counts of words and pieces of words as a graph, hashes and all; see `headstart.encoders.raw_text`.

The host hands over the code points of the text in lower case. Multiplying 64-bit numbers wraps around in the
runtime as it does in NumPy; shifts and exclusive-or are ONNX's own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from headstart.encoders import raw_text as raw
from headstart.export.pieces import Pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CODE_POINTS = 0x110000
_BLANK = 32


def buckets(g: Pieces, code_points: str) -> str:
    """Return the bucket ``(m,)`` of each word, pair of words, and piece of a word that occurs."""
    row = g.node("Reshape", g.cast(code_points, "int64"), g.integers(-1))
    codes = g.node("Pad", row, g.integers(1, 1), g.whole(_BLANK))
    inside = g.cast(g.node("Gather", g.constant(_word_characters()), codes), "bool")
    words = _words(g, codes, inside)
    letters = g.choose(inside, codes, g.whole(_BLANK))
    hashes = [words, _pairs(g, words)]
    hashes += [_pieces(g, letters, inside, length) for length in raw.PIECES]
    dense = g.node("GreaterOrEqual", codes, g.whole(raw.NO_BLANKS))
    hashes.append(_pieces(g, letters, dense, 2))
    every = g.node("Concat", *hashes, axis=0)
    return g.cast(_right(g, every, 64 - raw.BITS), "int64")


@cache
def _word_characters() -> NDArray[np.uint8]:
    """Return 1 for every character that belongs to words, as this Python's Unicode tables have it."""
    return raw.belong_to_words(np.arange(_CODE_POINTS, dtype=np.uint32)).astype(np.uint8)


def _words(g: Pieces, codes: str, inside: str) -> str:
    """Hash each word as a polynomial of its letters."""
    before = g.node("Pad", g.cast(g.cut_ends(inside, 0, 1), "int64"), g.integers(1, 0))
    starts = g.both(inside, g.node("Not", g.cast(before, "bool")))
    begun = g.node("CumSum", g.cast(starts, "int64"), g.whole(0))
    letters = g.where(inside)
    word = g.sub(g.node("Gather", begun, letters), g.whole(1))
    first = g.node("Gather", g.where(starts), word)
    place = g.least(g.sub(letters, first), g.whole(raw.LONGEST_WORD))
    powers = g.constant(raw.POWERS.view(np.int64))
    terms = g.mul(g.node("Gather", codes, letters), g.node("Gather", powers, place))
    count = g.total(g.cast(starts, "int64"), 0, keep=True)
    sums = g.node("ScatterElements", g.node("Expand", g.whole(0), count), word, terms, reduction="add")
    return _mixed(g, sums, 1)


def _pairs(g: Pieces, words: str) -> str:
    """Hash each pair of words that follow each other."""
    numbers = g.cast(words, "int64")
    base = g.constant(np.asarray(raw.BASE).view(np.int64))
    return _mixed(g, g.add(g.mul(g.cut_ends(numbers, 0, 1), base), g.cut_ends(numbers, 1, 0)), 2)


def _pieces(g: Pieces, letters: str, kind: str, length: int) -> str:
    """Hash runs of `length` characters that hold one word's letters; see `raw_text`."""
    inner = range(1, length - 1) if length > 2 else range(2)
    # two blanks at the end make the runs fit into texts of any length and are part of no run
    room = g.node("Pad", letters, g.integers(0, length), g.whole(_BLANK))
    marks = g.node("Pad", g.cast(kind, "int64"), g.integers(0, length))
    fits = g.both(*(g.cast(g.cut_ends(marks, i, length - i), "bool") for i in inner))
    base = g.constant(np.asarray(raw.BASE).view(np.int64))
    hashes = g.mul(g.cut_ends(room, 0, length), base)
    for i in range(1, length):
        hashes = g.mul(g.add(hashes, g.cut_ends(room, i, length - i)), base)
    return _mixed(g, g.node("Compress", hashes, fits, axis=0), length)


def _mixed(g: Pieces, hashes: str, salt: int) -> str:
    """Spread hashes over all bits; takes signed numbers and returns unsigned ones."""
    mixed = g.add(hashes, g.constant(raw.POWERS[salt : salt + 1].view(np.int64)))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        signed = g.cast(_folded(g, g.cast(mixed, "uint64"), shift), "int64")
        mixed = g.mul(signed, g.constant(np.array(factor, dtype=np.uint64).view(np.int64)))
    return _folded(g, g.cast(mixed, "uint64"), 31)


def _folded(g: Pieces, value: str, shift: int) -> str:
    return g.node("BitwiseXor", value, _right(g, value, shift))


def _right(g: Pieces, value: str, shift: int) -> str:
    return g.node("BitShift", value, g.constant(np.array(shift, dtype=np.uint64)), direction="RIGHT")
