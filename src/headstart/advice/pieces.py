"""How a text base takes a person's texts: whole words, or splinters of a language it never read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MOST_TEXTS = 500
MOST_CHARACTERS = 2_000
_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]+")
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_ENGLISH = frozenset(
    "the of and for with to is that from by this are it be at you your not have its can has will".split()
)
"""Frequent words of English that few other languages spell alike."""


def text_measures(tokenizer: Path, texts: Sequence[str]) -> dict[str, float]:
    """Return how texts are cut up.

    Parameters
    ----------
    tokenizer
        The base's ``tokenizer.json``.
    texts
        At most `MOST_TEXTS` of them, evenly spread, and the first `MOST_CHARACTERS` of each, are looked at.

    Returns
    -------
    dict
        ``pieces_per_word``; ``unknown``, the share of pieces that stand for nothing the base has seen (or for
        single bytes); ``english``, the share of words that are frequent ones of English.
    """
    return measures_of(open_cutter(tokenizer), texts)


def open_cutter(tokenizer: Path) -> Any:
    """Return the tokenizer of a file, which takes a second where it is large."""
    import tokenizers

    cutter = tokenizers.Tokenizer.from_file(str(tokenizer))
    cutter.no_truncation()
    cutter.no_padding()
    return cutter


def measures_of(cutter: Any, texts: Sequence[str]) -> dict[str, float]:
    """Return how an opened tokenizer cuts up texts; see `text_measures`."""
    nothing = {cutter.token_to_id(name) for name in ("[UNK]", "<unk>")} - {None}
    step = max(1, len(texts) // MOST_TEXTS)
    pieces = words = unknown = 0
    for text in texts[::step]:
        start = text[:MOST_CHARACTERS]
        cut = cutter.encode(start, add_special_tokens=False)
        pieces += len(cut.ids)
        words += len(_WORD.findall(start))
        unknown += sum(
            number in nothing or bool(_BYTE.fullmatch(piece))
            for number, piece in zip(cut.ids, cut.tokens, strict=True)
        )
    return {
        "pieces_per_word": pieces / max(words, 1),
        "unknown": unknown / max(pieces, 1),
        "english": english_share(texts[::step]),
    }


def english_share(texts: Sequence[str]) -> float:
    """Return the share of words that are frequent in English: about .2 there, below .03 elsewhere."""
    words = [word.lower() for text in texts for word in _LETTERS.findall(text[:MOST_CHARACTERS])]
    return sum(word in _ENGLISH for word in words) / max(len(words), 1)
