"""Find names that mean "no label" beside the others: ?, -, unlabeled, -1 among words, inf among numbers.

Alone none of them says so (``-`` is a class beside ``+``, and -1 beside 0 and 1): the whole column decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from headstart.data.measured import is_endless
from headstart.errors import LayoutError

_INSIST = '--target classes (target="classes" in Python)'
_FEWEST_BLOCKS = 6
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


def require_no_markers(counts: Mapping[str, int], where: str) -> None:
    """Refuse labels of which one means that there is none: it would be learned as a class.

    Parameters
    ----------
    counts
        Examples of each label.
    where
        What to call the column in a message.

    Raises
    ------
    LayoutError
        Where one does, with the way to insist.
    """
    markers_found = sorted(markers_among(counts))
    if not markers_found:
        return
    rows = sum(counts[name] for name in markers_found)
    shown = ", ".join(map(repr, markers_found[:3]))
    raise LayoutError(
        f"Expected the name of a class in each cell of {where}, found {shown} in {rows:,} of "
        f"{sum(counts.values()):,}, which often means that nobody has said yet.",
        "Empty those cells (None in Python): examples without a label are left out. If it is a class of its "
        f"own, say so: {_INSIST}.",
    )


def require_no_blocks(names: Sequence[str | None], where: str) -> None:
    """Refuse labels that stand at the beginning of each block of examples alone, as merged cells leave them.

    Parameters
    ----------
    names
        The label of each example in their order, None where it has none.
    where
        What to call the column in a message.

    Raises
    ------
    LayoutError
        Where they do, with the way to fill them in.
    """
    places = [place for place, name in enumerate(names) if name is not None]
    filled = [names[place] for place in places]
    if len(filled) < 2 or places[0] != 0 or 2 * len(filled) > len(names):
        return
    if any(after - before < 2 for before, after in pairwise(places)) or any(
        first == other for first, other in pairwise(filled)
    ):
        return
    if len(set(filled)) < len(filled) and len(filled) < _FEWEST_BLOCKS:
        return
    raise LayoutError(
        f"Expected a label for each example in {where}, found one at the beginning of each block alone: "
        f"{len(filled):,} of {len(names):,} are filled in, as merged cells leave them.",
        "Fill the label in on each row (in pandas: frame[column].ffill()). If the other examples have no "
        f"label, say so: {_INSIST}.",
    )


def note_on_minus_one(counts: Mapping[str, int], where: str) -> list[str]:
    """Return what should be known of -1 beside 0 and 1: a sentiment, or not known."""
    if _numbers(counts) != _SIGNED or len(counts) > len(_SIGNED):
        return []
    return [
        f"-1 in {where} is read as a class, beside 0 and 1. Where it means that the label is not known, "
        "empty those cells."
    ]


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
    minus = {name for name in others if name in _MINUS_ONE}
    minus = minus if _is_outside(others - minus) else set()
    endless = {name for name in others if is_endless(name)}
    if len(endless) == len(others) or not all(map(_is_number, others - endless)):
        endless = set()
    return frozenset(words | marks | minus | endless)


def _marks(names: set[str]) -> set[str]:
    """Return the question marks and dashes beside words; beside letters and signs a dash may be a class."""
    questions = {name for name in names if _QUESTION.fullmatch(name)}
    dashes = {name for name in names if _MARK.fullmatch(name)}
    others = names - questions - dashes
    if not others or not all(any(map(str.isalnum, name)) for name in others):
        return set()
    words = sum(len(name) > 1 for name in others)
    return questions | (dashes if len(others) > 1 and 2 * words >= len(others) else set())


def _is_outside(others: set[str]) -> bool:
    """Tell whether -1 is none of them: beside words alone, or numbers from 0 to 2 and more."""
    numbers = {name.removesuffix(".0") for name in others if _WHOLE.fullmatch(name)}
    if not numbers:
        return len(others) > 1 and not any(map(_is_number, others))
    negative = any(number.startswith("-") for number in numbers)
    return len(numbers) == len(others) and "0" in numbers and not negative and not numbers <= {"0", "1"}


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
