"""Turn what the readers found into one `Dataset`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from headstart.data.held import kind_of, modality_of, rejection
from headstart.data.text import read_text
from headstart.errors import DataError, NotEnoughDataError, ParameterError, SourceError
from headstart.types import Dataset, Example, Modality, Problem

if TYPE_CHECKING:
    from headstart.types import Source

SPLIT_NAMES = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Item:
    """One input as a reader found it; a `Path` has not been looked into yet."""

    source: Source
    name: str
    label: str | None = None
    group: str | None = None
    split: str | None = None


@dataclass
class Reading:
    """Everything one reader has to tell."""

    origin: str
    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def merge(self, other: Reading) -> None:
        """Take over what another reader found."""
        self.items += other.items
        self.problems += other.problems
        self.ignored += other.ignored
        self.notes += [note for note in other.notes if note not in self.notes]


def parse_modality(modality: str | Modality | None) -> Modality | None:
    """Return the modality a person named.

    Raises
    ------
    ParameterError
        When there is none of that name.
    """
    try:
        return None if modality is None else Modality(modality)
    except ValueError as error:
        known = ", ".join(Modality)
        raise ParameterError(
            f"modality must be one of {known}, got {modality!r}.", f"Use one of {known}."
        ) from error


def parse_split(split: str | None) -> str | None:
    """Return the split a person named.

    Raises
    ------
    ParameterError
        When there is none of that name.
    """
    if split is None or split in SPLIT_NAMES:
        return split
    raise ParameterError(f"split must be train, validation or test, got {split!r}.", "Use one of the three.")


def problem(name: str, error: DataError, suffix: str = "") -> Problem:
    """Turn an error about one input into a problem to list."""
    code = error.kind if isinstance(error, SourceError) else error.code
    return Problem(name, error.message + suffix, code)


def assemble(reading: Reading, *, modality: Modality | None, labelled: bool, split: str | None) -> Dataset:
    """Choose the split, find the modality, set aside what is unusable.

    Raises
    ------
    NotEnoughDataError
        When there is no input of any known kind.
    DataError
        When the split that was asked for is not there.
    """
    items = _choose_split(reading, split, labelled)
    if labelled:
        items = _require_labels(items, reading)
    modality, items = by_modality(items, modality, reading)
    examples = tuple(Example(item.source, item.label, item.group, item.name) for item in items)
    classes = tuple(sorted({item.label for item in items if item.label is not None}))
    reading.problems += _similar(classes)
    return Dataset(
        modality=modality,
        examples=examples,
        classes=classes,
        problems=tuple(reading.problems),
        ignored=dict(reading.ignored),
        origin=reading.origin,
        notes=tuple(reading.notes),
    )


def by_modality(
    items: Sequence[Item], wanted: Modality | None, reading: Reading
) -> tuple[Modality, list[Item]]:
    """Keep the items of one modality, the commonest where none is wanted; the others become problems.

    Raises
    ------
    NotEnoughDataError
        When no item is of any known modality and none is wanted.
    """
    kinds = [_kind(item, wanted, reading) for item in items]
    tally = Counter(filter(None, (modality_of(kind) for kind in kinds if kind)))
    # A description or caption may stand beside every photo, so that texts only win by a majority.
    order = (Modality.IMAGE, Modality.AUDIO, Modality.TEXT)
    modality = wanted or max(order, key=lambda one: tally[one])
    if wanted is None and not tally:
        raise _nothing_found(reading, items, kinds)
    kept = [_kept(item, kind, modality, reading) for item, kind in zip(items, kinds, strict=True) if kind]
    return modality, [item for item in kept if item is not None]


def _nothing_found(
    reading: Reading, items: Sequence[Item], kinds: Sequence[str | None]
) -> NotEnoughDataError:
    reasons = [f"{problem.source}: {problem.reason}" for problem in reading.problems]
    reasons += [
        f"{item.name}: {rejection(kind, Modality.IMAGE).message}"
        for item, kind in zip(items, kinds, strict=True)
        if kind
    ]
    looked_at = f"{len(items)} file{'' if len(items) == 1 else 's'}"
    return NotEnoughDataError(
        f"Expected photos, texts or sounds in {reading.origin}, found none in {looked_at}"
        + (f" ({reasons[0].rstrip('.')})." if reasons else "."),
        "Check the path. Pictures may be JPEG, PNG, WebP, GIF, BMP or TIFF; sounds WAV, FLAC, OGG or MP3; "
        "texts .txt files or a table.",
    )


def _kind(item: Item, wanted: Modality | None, reading: Reading) -> str | None:
    """Look at the first bytes; None where the file cannot be opened."""
    try:
        return kind_of(item.source, wanted)
    except SourceError as error:
        reading.problems.append(problem(item.name, error))
        return None


def _kept(item: Item, kind: str, modality: Modality, reading: Reading) -> Item | None:
    try:
        if modality_of(kind) != modality:
            raise rejection(kind, modality)
        if modality is not Modality.TEXT:
            return item
        text, note = read_text(item.source)
    except SourceError as error:
        reading.problems.append(problem(item.name, error))
        return None
    if note:
        reading.notes.append(f"{item.name}: {note}.")
    return replace(item, source=text)


def _choose_split(reading: Reading, split: str | None, labelled: bool) -> list[Item]:
    counts = Counter(item.split for item in reading.items)
    present = [name for name in SPLIT_NAMES if counts[name]]
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
            "split='test' reads them."
        )
        return [item for item in reading.items if item.split != "test"]
    return list(reading.items)


def _require_labels(items: Iterable[Item], reading: Reading) -> list[Item]:
    kept = []
    for item in items:
        if item.label:
            kept.append(item)
        else:
            reason = "It has no label; fill in its class or remove it."
            reading.problems.append(Problem(item.name, reason, "no_label"))
    return kept


def _similar(classes: Sequence[str]) -> list[Problem]:
    """Find classes whose names differ only in capitals or spaces."""
    same: Mapping[str, list[str]] = defaultdict(list)
    for name in classes:
        same["".join(name.casefold().replace("_", " ").replace("-", " ").split())].append(name)
    return [
        Problem(
            names[0],
            f"The classes {' and '.join(map(repr, names))} differ only in capitals or spaces and are kept "
            "apart; if they are one class, give them one name.",
            "similar_classes",
        )
        for names in same.values()
        if len(names) > 1
    ]
