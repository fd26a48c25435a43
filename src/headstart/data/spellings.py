"""Find classes that are one, spelled by type: 1, 1.0 and "1"; True and "true"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

# Leading zeros belong to codes ("01"), further decimals to versions ("1.10").
_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)(?:\.0)?")
_NUMBER_OF = {"false": "0", "true": "1"}
_TOLD = 5
_BOOLEAN_OF = {number: word for word, number in _NUMBER_OF.items()}


def one_spelling(
    counts: Mapping[str, int], *, gaps: bool = False, booleans: bool = False
) -> tuple[dict[str, str], list[str]]:
    """Return which name to read each name as, and a note on what was merged.

    Names change only where two of them meet, or where whole numbers became decimals for the sake of a gap.

    Parameters
    ----------
    counts
        Examples of each name.
    gaps
        Whether some labels are missing: a column of whole numbers with a gap is often written 1.0, 2.0.
    booleans
        Whether some labels are true or false by their type, so that True equals 1 beside other numbers too.
    """
    numbers = {name: _number(name) for name in counts if _WHOLE.fullmatch(name)}
    words = {name: name.casefold() for name in counts if name.casefold() in _NUMBER_OF}
    as_read: dict[str, str] = {}
    decimals = len(numbers) == len(counts) and all(name.endswith(".0") for name in counts)
    if _meet(numbers) or (gaps and decimals):
        as_read |= numbers
    if _meet(words):
        as_read |= words
    if words and numbers and (booleans or set(numbers.values()) <= set(_BOOLEAN_OF)):
        as_read |= _joined(counts, numbers, words)
    changed = {name: to for name, to in as_read.items() if name != to}
    return changed, _notes(counts, changed)


def _joined(
    counts: Mapping[str, int], numbers: Mapping[str, str], words: Mapping[str, str]
) -> dict[str, str]:
    """Read booleans as numbers or numbers as booleans, whichever are fewer."""
    in_numbers, in_words = (sum(counts[name] for name in spelled) for spelled in (numbers, words))
    if in_numbers > in_words or not set(numbers.values()) <= set(_BOOLEAN_OF):
        return {**numbers, **{name: _NUMBER_OF[word] for name, word in words.items()}}
    return {**words, **{name: _BOOLEAN_OF[number] for name, number in numbers.items()}}


def respelled(names: Iterable[str], known: Sequence[str]) -> dict[str, str]:
    """Return which of the known classes each name spells by another type; those that are known stay out."""
    binary = {_number(name) for name in known if _WHOLE.fullmatch(name)} <= set(_BOOLEAN_OF)
    by_key: dict[str, list[str]] = defaultdict(list)
    for name in known:
        by_key[_key(name, binary)].append(name)
    spelled = {}
    for name in set(names) - set(known):
        same = by_key.get(_key(name, binary), [])
        if len(same) == 1:
            spelled[name] = same[0]
    return spelled


def _key(name: str, binary: bool) -> str:
    if _WHOLE.fullmatch(name):
        number = _number(name)
        return _BOOLEAN_OF.get(number, number) if binary else number
    folded = name.casefold()
    return folded if folded in _NUMBER_OF else name


def _number(name: str) -> str:
    whole = name.removesuffix(".0")
    return "0" if whole == "-0" else whole


def _meet(as_read: Mapping[str, str]) -> bool:
    return len(set(as_read.values())) < len(as_read)


def _notes(counts: Mapping[str, int], changed: Mapping[str, str]) -> list[str]:
    """Tell which names were merged, and which were written anew to match."""
    spelled: dict[str, list[str]] = defaultdict(list)
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        spelled[changed.get(name, name)].append(name)
    merged = [
        f"{', '.join(map(repr, names[:-1]))} and {names[-1]!r} as {to!r}"
        for to, names in sorted(spelled.items())
        if len(names) > 1
    ]
    renamed = [
        f"{names[0]!r} as {to!r}"
        for to, names in sorted(spelled.items())
        if len(names) == 1 and names != [to]
    ]
    notes = []
    if merged:
        notes.append(f"The same class, spelled in different ways by type, was merged: {_listed(merged)}.")
    if renamed:
        notes.append(f"Classes are named as whole numbers or plain words: {_listed(renamed)}.")
    return notes


def _listed(parts: Sequence[str]) -> str:
    more = len(parts) - _TOLD
    return "; ".join(parts[:_TOLD]) + (f" and {more} more" if more > 0 else "")
