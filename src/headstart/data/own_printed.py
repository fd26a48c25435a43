"""Recognise what a headstart command printed, kept in a file: ``headstart check … > c.txt``."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from headstart import glossary
from headstart.data.own_predictions import is_other_row
from headstart.data.sniff import open_regular

PRINTED = "what a headstart command printed"
PREDICTIONS = "predictions written by headstart"
CARD = "the page about a model saved by headstart"

_HEAD = 16384
_MOST_JSON = 32 << 20
# Of a command's answer: fields that stand in it together, whatever else comes and goes between versions.
_ANSWERS: tuple[frozenset[str], ...] = tuple(
    frozenset(fields.split())
    for fields in (
        "data availability ranking similarity amount",
        "modality base used per_class guessing accuracy",
        "model modality used seen_in_training accuracy",
        "modality base classes folds ways pairs",
        "to path modality inputs parity quantised",
        "path modality classes bases created headstart",
        "modality used accuracy per_class balanced_accuracy n_groups",
    )
)
_BASES = frozenset("name modality trained_on recipe sources licence".split())
_FIRST_KEYS = re.compile(rb'[\s\[{\xef\xbb\xbf]*"(source|data|modality|model|to|path|name|embeddings)"')
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Of a command's page: phrases that stand in it together, whatever the data were. A text that tells of
# headstart may hold one of them.
_PAGES: tuple[tuple[re.Pattern[str], ...], ...] = tuple(
    tuple(re.compile(phrase) for phrase in phrases)
    for phrases in (
        (r"Is there a base model for this kind of data\?", r"How similar is my task to what it learned\?"),
        (r"tells \d+ classes of \w+ apart", r"\bbase \w", r"(All that was measured|accuracy|Accuracy)"),
        (r"Of 100 new [\w ]+, expect \d+ to \d+ to get the right name", r"commonest class"),
        (r"right of 100\s+95% interval", r"the same for every way"),
        (r"^Wrote .{1,400}\(\S+ [kMG]?B\)\.", r"Compared with the model on \d+"),
        (r"tells \d+ classes of \w+ apart", r"with headstart \d+\.\d+"),
        (r" is whole: \d+ files,", r"each as it was saved"),
        (r"^\w+ name\s+learned from\s+fetch\s+licence",),
    )
)
# One of these stands in each page, on one line; a look for them is enough for most texts.
_HINTS = (
    b"Of 100 new",
    b"right of 100",
    b"Is there a base",
    b"apart",
    b"learned from",
    b"is whole",
    b"Wrote ",
)
_TABLE = re.compile(r"\s*input +class +sure\b")
_CARD = re.compile(r"---\n(?:[^\n]*\n){0,40}?library_name: *headstart\n")


def own_answer(path: Path) -> str | None:
    """Return what a JSON file is, where a command of headstart printed it with ``--json``."""
    with open_regular(path) as file:
        head = file.read(_HEAD)
        if not _FIRST_KEYS.match(head):
            return None
        content = head + file.read(_MOST_JSON)
    if len(content) > _MOST_JSON:
        return None
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    return _named(answer)


def own_page(path: Path) -> str | None:
    """Return what a text file is, where a command of headstart printed it, or it describes a saved model."""
    with open_regular(path) as file:
        head = file.read(_HEAD)
    text = _COLOURS.sub("", head[:1024].decode("utf-8-sig", "replace"))
    if _TABLE.match(text):
        return PREDICTIONS
    if _CARD.match(text):
        return CARD
    if text.lstrip()[:1] in ("{", "["):
        return own_answer(path)
    if any(hint in head for hint in _HINTS) and _is_page(head):
        return PRINTED
    return PRINTED if _explains(" ".join(text.split())) else None


def _is_page(head: bytes) -> bool:
    flat = " ".join(_COLOURS.sub("", head.decode("utf-8-sig", "replace")).split())
    return any(all(phrase.search(flat) for phrase in phrases) for phrases in _PAGES)


def _named(answer: Any) -> str | None:
    if isinstance(answer, Mapping):
        return PRINTED if any(fields <= answer.keys() for fields in _ANSWERS) else None
    rows = answer if isinstance(answer, list) else []
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        return None
    if all(_is_prediction(row) for row in rows):
        return PREDICTIONS
    return PRINTED if all(row.keys() >= _BASES for row in rows) else None


def _is_prediction(row: Mapping[str, Any]) -> bool:
    names: Collection[str] = row.keys()
    ours = names == {"source", "error"} or {"source", "label", "probability", "top"} <= set(names)
    return ours or is_other_row(row)


def _explains(flat: str) -> bool:
    """Tell how the glossary begins, or one line of it."""
    return flat.startswith(_all_terms()[:200]) or flat in _lines()


@cache
def _all_terms() -> str:
    return " ".join(" ".join(f"{name}: {line}".split()) for name, line in glossary.terms().items())


@cache
def _lines() -> frozenset[str]:
    return frozenset(" ".join(line.split()) for line in glossary.terms().values())
