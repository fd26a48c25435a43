"""Simple features of texts, without any base: how often each word and each piece of a word occurs.

Words, pairs of neighbouring words, and runs of 3 to 5 letters within a word (its edges marked by blanks)
are hashed to buckets. All texts of a batch are one array of code points, so no Python runs per letter.
Rarity weights belong to the head, which has seen the training texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from unicodedata import category

import numpy as np

from headstart.heads.sparse import Sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

BITS = 18
COLUMNS = 1 << BITS
"""Buckets."""

PIECES = (3, 4, 5)
NO_BLANKS = 0x2E80  # from here on scripts set words without blanks between: pairs of letters count too
_LETTERS_AT_ONCE = 1 << 20
BASE = np.uint64(0x9E3779B97F4A7C15)
LONGEST_WORD = 64  # of a longer "word" (a link, base64) the first letters count
POWERS = np.cumprod(np.full(LONGEST_WORD + 1, BASE, dtype=np.uint64), dtype=np.uint64)


def count_grams(texts: Sequence[str]) -> Sparse:
    """Count words and pieces of words.

    Returns
    -------
    Sparse
        ``(n, COLUMNS)`` whole numbers: how often what falls in each bucket occurs in each text. The same on
        every machine and in every process.
    """
    parts = [_count(part) for part in _cut(texts)]
    if not parts:
        empty = np.zeros(0)
        return Sparse(empty.astype(np.float32), empty.astype(np.int32), np.zeros(1, np.int64), (0, COLUMNS))
    return parts[0] if len(parts) == 1 else Sparse.stack(parts)


def _cut(texts: Sequence[str]) -> list[Sequence[str]]:
    """Cut into batches of about `_LETTERS_AT_ONCE` letters."""
    parts, first, letters = [], 0, 0
    for i, text in enumerate(texts):
        letters += len(text)
        if letters > _LETTERS_AT_ONCE:
            parts.append(texts[first : i + 1])
            first, letters = i + 1, 0
    if first < len(texts):
        parts.append(texts[first:])
    return parts


def _count(texts: Sequence[str]) -> Sparse:
    codes, owner = _code_points(texts)
    kind = belong_to_words(codes)
    starts = np.flatnonzero(kind & ~np.concatenate(([False], kind[:-1])))
    ends = np.flatnonzero(kind & ~np.concatenate((kind[1:], [False]))) + 1
    words = _word_hashes(codes, starts, ends)
    hashes = [words, *_pair_hashes(words, owner[starts])]
    owners = [owner[starts], owner[starts[:-1]][owner[starts[1:]] == owner[starts[:-1]]]]
    padded = np.where(kind, codes, 32).astype(np.uint64)
    for length in PIECES:
        pieces, places = _piece_hashes(padded, kind, length)
        hashes.append(pieces)
        owners.append(owner[places])
    pieces, places = _piece_hashes(padded, codes >= NO_BLANKS, 2)
    hashes.append(pieces)
    owners.append(owner[places])
    return _gather(np.concatenate(hashes), np.concatenate(owners), len(texts))


def _code_points(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return all letters in lower case, each text between blanks, and which text each belongs to."""
    lowered = [text.lower() for text in texts]
    joined = " " + "  ".join(lowered) + " "
    codes = np.frombuffer(joined.encode("utf-32-le", errors="replace"), dtype=np.uint32)
    lengths = np.array([len(text) + 2 for text in lowered], dtype=np.int64)
    return codes, np.repeat(np.arange(len(texts), dtype=np.int64), lengths)


def _word_hashes(codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Hashes:
    """Hash each word as a polynomial of its letters."""
    if not len(starts):
        return np.zeros(0, dtype=np.uint64)
    lengths = ends - starts
    letter = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    letter += np.arange(int(lengths.sum()))
    place = np.minimum(letter - np.repeat(starts, lengths), LONGEST_WORD)
    terms = codes[letter].astype(np.uint64) * POWERS[place]
    first = np.cumsum(lengths) - lengths
    return _mixed(np.add.reduceat(terms, first), 1)


def _pair_hashes(words: Hashes, owner: NDArray[np.int64]) -> list[Hashes]:
    """Hash each pair of words that follow each other in one text."""
    together = owner[1:] == owner[:-1]
    return [_mixed(words[:-1][together] * BASE + words[1:][together], 2)]


def _piece_hashes(padded: Hashes, kind: NDArray[np.bool_], length: int) -> tuple[Hashes, NDArray[np.int64]]:
    """Hash runs of `length` characters that hold one word's letters, with a blank at an edge or none."""
    count = len(padded) - length + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    inner = np.ones(count, dtype=np.bool_)
    for i in range(1, length - 1) if length > 2 else range(2):  # only the edges of long ones may be blank
        inner &= kind[i : i + count]
    places = np.flatnonzero(inner)
    hashes = np.zeros(len(places), dtype=np.uint64)
    for i in range(length):
        hashes = (hashes + padded[places + i]) * BASE
    return _mixed(hashes, length), places


def _mixed(hashes: Hashes, salt: int) -> Hashes:
    """Spread hashes over all bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    mixed = hashes + POWERS[salt]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    spread: Hashes = mixed ^ (mixed >> np.uint64(31))
    return spread


def _gather(hashes: Hashes, owners: NDArray[np.int64], count: int) -> Sparse:
    """Count equal buckets of each text."""
    keys = owners << BITS | (hashes >> np.uint64(64 - BITS)).astype(np.int64)
    keys.sort()
    new = np.concatenate(([True], keys[1:] != keys[:-1])) if len(keys) else np.zeros(0, dtype=np.bool_)
    at = np.flatnonzero(new)
    counts = np.diff(np.concatenate((at, [len(keys)])))
    unique = keys[at]
    indptr = np.searchsorted(unique, np.arange(count + 1, dtype=np.int64) << BITS).astype(np.int64)
    columns = (unique & (COLUMNS - 1)).astype(np.int32)
    return Sparse(counts.astype(np.float32), columns, indptr, (count, COLUMNS))


def belong_to_words(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Tell which characters belong to words: all but blanks, punctuation and control characters.

    Symbols belong to them outside ASCII (an emoji says a lot), inside only letters, digits, ' and _.
    """
    inside = _ASCII[np.minimum(codes, 127)]
    foreign = codes > 127
    if foreign.any():
        kinds, place = np.unique(codes[foreign], return_inverse=True)
        inside[foreign] = np.array([category(chr(code))[0] not in "ZPC" for code in kinds.tolist()])[place]
    return inside


_ASCII = np.array([chr(code).isalnum() or chr(code) in "'_" for code in range(128)])
