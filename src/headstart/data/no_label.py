"""Find names that mean "no label" beside the others: ?, -, unlabeled, -1 among words, inf among numbers.

Alone none of them says so (``-`` is a class beside ``+``, and -1 beside 0 and 1): the whole column decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from headstart.data.labels import LabelCells, said_as_no_label
from headstart.data.measured import is_endless
from headstart.errors import LayoutError

_INSIST = '--target classes (target="classes" in Python)'
_QUESTION = re.compile(r"[?？]+")
_MARK = re.compile(r"[-–—_]+|\.+|…|/")
_WORDS = frozenset(
    {
        "nil", "undefined", "unlabeled", "unlabelled", "unannotated", "untagged", "tbd", "todo", "to do",
        "n.a.", "not labeled", "not labelled", "no label", "nolabel", "not annotated", "to be labeled",
        "to be labelled", "missing label", "label missing", "without label",
    }
)  # fmt: skip
_WHOLE = re.compile(r"-?\d+(?:\.0)?")
_MINUS_ONE = frozenset({"-1", "-1.0"})
_SIGNED = frozenset({"-1", "0", "1"})


def without_markers(
    names: Sequence[str | None], cells: Sequence[LabelCells]
) -> tuple[list[str | None], list[str]]:
    """Return the labels, None in place of those that mean that there is none, and notes on them.

    Parameters
    ----------
    names
        The label of each example, None where it has none.
    cells
        What was met while they were read.

    Raises
    ------
    LayoutError
        Where nobody can tell whether -1 is a class.
    """
    counts = Counter(name for name in names if name is not None)
    where, column = (cells[0].where, cells[0].column) if cells else ("the labels", "")
    _refuse_minus_one(counts, where)
    markers = markers_among(counts)
    notes = [
        said_as_no_label(counts[name], name, column) + f" If it is a class, say so: {_INSIST}."
        for name in sorted(markers)
    ]
    if _numbers(counts) == _SIGNED:
        notes.append(
            f"-1 in {where} is read as a class, beside 0 and 1. Where it means that the label is not known, "
            "leave these cells empty."
        )
    return [None if name in markers else name for name in names], notes


def markers_among(counts: Mapping[str, int]) -> frozenset[str]:
    """Return the names that mean "no label", given the others.

    Parameters
    ----------
    counts
        Examples of each label.
    """
    words = {name for name in counts if _folded(name) in _WORDS}
    marks = _marks(set(counts) - words)
    others = set(counts) - words - marks
    numbers = {name for name in others if _WHOLE.fullmatch(name)}
    lone = numbers if numbers <= _MINUS_ONE and len(others) > len(numbers) else set()
    endless = {name for name in others if is_endless(name)}
    if len(endless) == len(others) or not all(map(_is_number, others - endless)):
        endless = set()
    return frozenset(words | marks | lone | endless)


def _marks(names: set[str]) -> set[str]:
    """Return the question marks and dashes beside words; a dash beside one other name says "not that"."""
    questions = {name for name in names if _QUESTION.fullmatch(name)}
    dashes = {name for name in names if _MARK.fullmatch(name)}
    others = names - questions - dashes
    if not all(any(map(str.isalnum, name)) for name in others):
        return set()
    return questions | (dashes if len(others) > 1 else set()) if others else set()


def _refuse_minus_one(counts: Mapping[str, int], where: str) -> None:
    """Refuse -1 beside numbers from 0: data sets write it where a label is not known."""
    numbers = _numbers(counts)
    if "-1" not in numbers or "0" not in numbers or numbers <= _SIGNED or len(numbers) < len(counts):
        return
    if any(number.startswith("-") and number != "-1" for number in numbers):
        return
    rows = sum(counts[name] for name in counts if name in _MINUS_ONE)
    raise LayoutError(
        f"Expected classes in {where}, found -1 ({rows:,} of {sum(counts.values()):,}) beside numbers from "
        "0: data sets often write -1 where a label is not known.",
        f"If it means no label, leave these cells empty (None in Python). If -1 is a class: {_INSIST}.",
    )


def _numbers(counts: Mapping[str, int]) -> set[str]:
    return {name.removesuffix(".0") for name in counts if _WHOLE.fullmatch(name)}


def _folded(name: str) -> str:
    return " ".join(re.split(r"[\s_-]+", name.casefold())).strip("<>[]() ")


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
