"""Tokenizers of the kind that SentencePiece trains (Kudo, 2018), as the ``tokenizers`` library reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import normalize

SPACE = "▁"
_PASSING = 0xE000  # characters for private use, in which what must stay passes through NFKC
_WIDE = (
    "～"  # NFKC makes a plain tilde of it; SentencePiece's rules leave it, for Japanese writes spans with it
)


def unigram_tokenizer(
    pieces: Sequence[str],
    scores: Sequence[float],
    *,
    unknown: int,
    start: int,
    end: int,
    normalizers: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the content of a ``tokenizer.json``.

    Parameters
    ----------
    pieces, scores
        The vocabulary, and the logarithm of each piece's share.
    unknown, start, end
        Numbers of the pieces that stand for what is unknown, and mark a text's ends.
    normalizers
        Steps that every text goes through before it is cut; runs of spaces are made one after them.
    """
    marks = {mark: {"id": mark, "ids": [number], "tokens": [pieces[number]]}
             for mark, number in (("start", start), ("end", end))}  # fmt: skip
    single = [_mark("start"), {"Sequence": {"id": "A", "type_id": 0}}, _mark("end")]
    pair = [*single, {"Sequence": {"id": "B", "type_id": 0}}, _mark("end")]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [*normalizers, replace_all(" {2,}", " ")]},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "WhitespaceSplit"},
                {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True},
            ],
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": pair,
            "special_tokens": marks,
        },
        "decoder": {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True},
        "model": {
            "type": "Unigram",
            "unk_id": unknown,
            "vocab": [[piece, score] for piece, score in zip(pieces, scores, strict=True)],
            "byte_fallback": False,
        },
    }


def replacing(replaced: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the steps that replace characters so: NFKC, and what departs from it.

    Unicode's own form also joins a letter with the accents that follow it, which a table of single characters
    cannot: a Mac writes file names so.
    """
    kept = {_WIDE: chr(_PASSING)} if replaced.get(_WIDE, _WIDE) == _WIDE else {}
    others: dict[str, list[str]] = {}
    for character, instead in replaced.items():
        if normalize("NFKC", character) != instead:
            others.setdefault(instead, []).append(character)
    steps = [replace_all(f"[{''.join(map(_escaped, group))}]", instead) for instead, group in others.items()]
    steps += [replace_all(character, passing) for character, passing in kept.items()]
    steps += [{"type": "NFKC"}]
    return steps + [replace_all(passing, character) for character, passing in kept.items()]


def replace_all(pattern: str, content: str) -> dict[str, Any]:
    """Return the step that puts `content` wherever the regular expression matches."""
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def _mark(name: str) -> dict[str, Any]:
    return {"SpecialToken": {"id": name, "type_id": 0}}


def _escaped(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"
