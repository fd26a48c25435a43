"""Turn what the readers found into one `Dataset`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headstart import kinds
from headstart.data.encodings import GUESSED, Found
from headstart.data.held import kind_of, modality_of, rejection
from headstart.data.item import Item
from headstart.data.labels import EMPTY, LabelCells
from headstart.data.live_photos import is_companion
from headstart.data.own import SORTED
from headstart.data.phone import check_phone
from headstart.data.sidecars import commonest, likely_by_name, sidecars
from headstart.data.text import common_encoding, read_text
from headstart.errors import DataError, LayoutError, NotEnoughDataError, ParameterError, SourceError
from headstart.row import TABLE, ColumnRole, Row
from headstart.targets import CLASSES, target_of, targets
from headstart.types import Dataset, Example, Modality, Problem

if TYPE_CHECKING:
    from headstart.targets import Target, Words

_BETWEEN_WORDS = re.compile(r"(?<=\w)[\s_-]+(?=\w)|_")
SPLIT_NAMES = ("train", "validation", "test")
HELD_OUT = "held-out"
"""What a finished model is measured on: the test split where there is one, else everything."""


@dataclass
class Reading:
    """Everything one reader has to tell.

    Attributes
    ----------
    labels
        What was met in each column that labels were read from; none where folders name the classes.
    columns
        What each column is used as, where the items are rows with several columns to learn from.
    outputs
        Names of what is learned of each item, in the order of `Item.value`; none where that is its class.
    """

    origin: str
    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    labels: list[LabelCells] = field(default_factory=list)
    columns: tuple[ColumnRole, ...] = ()
    outputs: tuple[str, ...] = ()

    def merge(self, other: Reading) -> None:
        """Take over what another reader found."""
        self.items += other.items
        self.problems += other.problems
        self.ignored += other.ignored
        self.labels += other.labels
        self.columns = self.columns or other.columns
        if self.outputs and other.outputs and self.outputs != other.outputs:
            raise LayoutError(
                f"{self.origin} and {other.origin} do not tell of the same: {_some(self.outputs)} and "
                f"{_some(other.outputs)}.",
                "Give every part the same columns.",
            )
        self.outputs = self.outputs or other.outputs
        self.notes += [note for note in other.notes if note not in self.notes]


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def parse_modality(modality: str | Modality | None) -> Modality | None:
    """Return the modality a person named.

    Raises
    ------
    ParameterError
        When there is none of that name.
    """
    if modality is None or kinds.is_kind(modality):
        return None if modality is None else Modality(modality)
    known = ", ".join(kinds.kinds())
    raise ParameterError(f"modality must be one of {known}, got {modality!r}.", f"Use one of {known}.")


def parse_split(split: str | None) -> str | None:
    """Return the split a person named.

    Raises
    ------
    ParameterError
        When there is none of that name.
    """
    if split is None or split in (*SPLIT_NAMES, HELD_OUT):
        return split
    raise ParameterError(f"split must be train, validation or test, got {split!r}.", "Use one of the three.")


def problem(name: str, error: DataError, suffix: str = "") -> Problem:
    """Turn an error about one input into a problem to list."""
    code = error.kind if isinstance(error, SourceError) else error.code
    return Problem(name, error.message + suffix, code)


def assemble(
    reading: Reading,
    *,
    modality: Modality | None,
    labelled: bool,
    split: str | None,
    target: str | None = None,
) -> Dataset:
    """Choose the split, find the modality, set aside what is unusable.

    Parameters
    ----------
    target
        The name of what labels are; found by looking at them where None. ``classes`` takes them as they are,
        whatever they look like.

    Raises
    ------
    NotEnoughDataError
        When there is no input of any known kind.
    LayoutError
        When the labels are nothing that can be learned.
    DataError
        When the split that was asked for is not there.
    """
    items = _choose_split(reading, split, labelled)
    wanted = CLASSES if target is None else target_of(target)
    if labelled:
        if target is None:
            wanted = _recognised(items, reading)
        if not wanted.empty:
            items = [replace(item, label=None) if item.label == EMPTY else item for item in items]
        items = wanted.read(items, reading, target is not None)
    modality, items = by_modality(items, TABLE if reading.columns else modality, reading)
    examples = tuple(
        Example(item.source, item.label, item.group, item.name, item.ids, item.value) for item in items
    )
    classes = reading.outputs or tuple(sorted({item.label for item in items if item.label is not None}))
    reading.problems[:0] = _similar(
        classes, wanted.words
    )  # first, for it may be one class that is measured as two
    return Dataset(
        target=wanted.name,
        modality=modality,
        examples=examples,
        classes=classes,
        problems=tuple(reading.problems),
        columns=reading.columns,
        ignored=dict(reading.ignored),
        origin=reading.origin,
        notes=tuple(reading.notes),
    )


def _recognised(items: Sequence[Item], reading: Reading) -> Target:
    """Return the target that labels are clearly of, with a note that says so; classes where there is none."""
    for target in targets().values():
        note = target.recognise(items, reading) if target.recognise is not None else None
        if note:
            reading.notes.insert(0, note)  # what is learned comes first
            return target
    return CLASSES


def by_modality(
    items: Sequence[Item], wanted: Modality | None, reading: Reading
) -> tuple[Modality, list[Item]]:
    """Keep the items of one modality, the commonest where none is wanted; the others become problems.

    Raises
    ------
    NotEnoughDataError
        When no item is of any known modality and none is wanted.
    """
    if kinds.has_columns(wanted):
        return TABLE, list(_rows(items, reading))
    formats = [_kind(item, wanted, reading) for item in items]
    modality = wanted or commonest(items, formats)
    if wanted is None:
        described = sidecars(items, formats, modality)
        if described:
            reading.ignored["files that describe one beside them"] += len(described)
        items = [item for place, item in enumerate(items) if place not in described]
        formats = [kind for place, kind in enumerate(formats) if place not in described]
    if wanted is None and not any(_is_read(kind, modality) for kind in formats if kind):
        raise _nothing_found(reading, items, formats, modality)
    usable = [(item, kind) for item, kind in zip(items, formats, strict=True) if kind]
    if kinds.is_inline(modality):
        return modality, _texts(list(_of(usable, modality, reading)), reading)
    return modality, list(_of(usable, modality, reading))


def _rows(items: Iterable[Item], reading: Reading) -> Iterator[Item]:
    """Yield the rows of tables; whatever else was given becomes a problem."""
    for item in items:
        if isinstance(item.source, Row):
            yield item
        else:
            reason = (
                "It is no row of a table; give a table (CSV, Parquet, a spreadsheet) with the same columns."
            )
            reading.problems.append(Problem(item.name, reason, "not_a_row"))


def _nothing_found(
    reading: Reading, items: Sequence[Item], formats: Sequence[str | None], modality: Modality
) -> NotEnoughDataError:
    named = [likely_by_name(item.name) for item in items]
    reasons = [f"{problem.source}: {problem.reason}" for problem in reading.problems]
    reasons += [
        f"{item.name}: {_refusal(kind, likely or modality)}"
        for item, kind, likely in zip(items, formats, named, strict=True)
        if kind
    ]
    if reading.labels and not items:
        return NotEnoughDataError(
            f"No row of {reading.origin} can be used" + (f" ({reasons[0].rstrip('.')})." if reasons else "."),
            " ".join([*reading.notes, _what_to_fill_in(reading)]),
        )
    looked_at = f"{len(items)} file{'' if len(items) == 1 else 's'}"
    passed = [f"{what} ({count})" for what, count in reading.ignored.items() if count]
    if not reasons and passed:
        reasons = [f"passed over: {', '.join(passed[:5])}"]
    return NotEnoughDataError(
        f"Expected photos, texts or sounds in {reading.origin}, found none in {looked_at}"
        + (f" ({reasons[0].rstrip('.')})." if reasons else "."),
        _what_to_bring(reading, named if any(formats) else ()),
    )


def _what_to_fill_in(reading: Reading) -> str:
    """Return the next step for a table none of whose rows can be used."""
    if any(problem.code == "no_label" for problem in reading.problems):
        return "Fill in what is missing, or name other columns: --label-column NAME"
    return _what_to_bring(reading, ())


def _what_to_bring(reading: Reading, named: Sequence[Modality | None]) -> str:
    """Return the next step, in the terms of what was found."""
    if SORTED in reading.ignored:
        return "To train on the files that headstart sorted, give the folder that it sorted them into."
    if not named and reading.problems:
        return f"Mend these first, for instance {reading.problems[0].source}."
    kinds_found = set(named)
    wanted = [
        kind.files.may_be
        for kind in sorted(kinds.kinds().values(), key=lambda kind: kind.inline)
        if kind.name in kinds_found or None in kinds_found or not kinds_found
    ]
    return f"Check the path. {' '.join(wanted)}"


def _kind(item: Item, wanted: Modality | None, reading: Reading) -> str | None:
    """Look at the first bytes; None where the file cannot be opened."""
    try:
        return kind_of(item.source, wanted)
    except SourceError as error:
        reading.problems.append(problem(item.name, error))
        return None


def _of(items: Iterable[tuple[Item, str]], modality: Modality, reading: Reading) -> Iterator[Item]:
    """Yield the items of one modality; the others become problems."""
    for item, kind in items:
        if kind == "video" and modality is Modality.IMAGE and is_companion(item.source):
            reading.ignored["videos of live photos"] += 1
            continue
        try:
            if modality_of(kind) != modality:
                raise rejection(kind, modality)
            check_phone(kind)
        except SourceError as error:
            reading.problems.append(problem(item.name, error))
        else:
            yield item


def _texts(items: Sequence[Item], reading: Reading) -> list[Item]:
    """Read the texts; those in an older encoding together, because one short text could be in any of them."""
    guessed: list[int] = []
    kept: list[Item | None] = []
    for item in items:
        text, note = _text(item, reading)
        if note.startswith(GUESSED):
            guessed.append(len(kept))
        elif note:
            reading.notes.append(f"{item.name}: {note}.")
        kept.append(None if text is None else replace(item, source=text))
    if guessed:
        encoding = common_encoding(items[place].source for place in guessed)
        for place in guessed:
            text, _ = _text(items[place], reading, encoding)
            kept[place] = None if text is None else replace(items[place], source=text)
        others = f" and {len(guessed) - 1} more" if len(guessed) > 1 else ""
        reading.notes.append(f"{items[guessed[0]].name}{others}: {encoding.note}.")
    return [item for item in kept if item is not None]


def _is_read(kind: str, modality: Modality) -> bool:
    return modality_of(kind) == modality and not _refusal(kind, modality)


def _refusal(kind: str, modality: Modality) -> str:
    """Return why files of this kind are not used, or nothing where they are."""
    try:
        check_phone(kind)
    except SourceError as error:
        return error.message
    return "" if modality_of(kind) == modality else rejection(kind, modality).message


def _text(item: Item, reading: Reading, encoding: Found | None = None) -> tuple[str | None, str]:
    try:
        return read_text(item.source, encoding)
    except SourceError as error:
        reading.problems.append(problem(item.name, error))
        return None, ""


def _choose_split(reading: Reading, split: str | None, labelled: bool) -> list[Item]:
    counts = Counter(item.split for item in reading.items)
    present = [name for name in SPLIT_NAMES if counts[name]]
    if split == HELD_OUT:
        if not counts["test"] or len(counts) < 2:
            return list(reading.items)
        reading.notes.append(f"Measured on the test split: {counts['test']} examples.")
        split = "test"
    if split is not None:
        if split not in present:
            raise DataError(
                f"{reading.origin} has no {split} split (it has {', '.join(present) or 'none'}).",
                "Leave split away to use what there is.",
            )
        return [item for item in reading.items if item.split == split]
    if labelled and counts["test"] and len(counts) > 1:
        # Never trained on unless asked for, so that it can still judge the model that comes out.
        reading.notes.append(
            f"{counts['test']} examples of the test split were left out, to measure the model with later: "
            "headstart evaluate takes them (split='test' in Python)."
        )
        return [item for item in reading.items if item.split != "test"]
    return list(reading.items)


def _similar(classes: Sequence[str], words: Words) -> list[Problem]:
    """Find classes or tags whose names differ only in capitals or spaces."""
    same: Mapping[str, list[str]] = defaultdict(list)
    for name in classes:
        if name.startswith("-") and name[1:2].isdigit():  # not the number without its sign
            continue
        same[_BETWEEN_WORDS.sub("", name.casefold())].append(name)
    return [
        Problem(
            names[0],
            f"The {words.many} {' and '.join(map(repr, names))} differ only in capitals or spaces and are "
            f"kept apart; if they are one {words.one}, give them one name.",
            "similar_classes",
        )
        for names in same.values()
        if len(names) > 1
    ]
