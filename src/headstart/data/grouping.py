"""Groups that nobody named but that the data give away: file names, folders, headers, columns that are ids.

Everything here is decided by names and headers alone, so that the same data always give the same groups,
whether they are suspected or asked for with ``--groups name-prefix``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from headstart.data.headers import by_camera, by_exif, by_sound
from headstart.data.layout import SPLITS
from headstart.data.names import class_name, safe_name
from headstart.errors import DataError

if TYPE_CHECKING:
    from headstart.types import Dataset, Example

NONE = "none"
ORDER = "name-order"
"""Runs of numbers in file names; where one ends is told by the contents, see `headstart.data.runs`."""

_SEPARATORS = re.compile(r"[\s_\-.,;()\[\]{}+@#~]+")
_GLUED = re.compile(r"^(.*?\D)\d+$")
_ROW = re.compile(r":\d+(?: \((?P<file>.*)\))?$")
_MOST_SHARE = 0.9
_LEAST_MEASURED = 0.25


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to say which examples belong together.

    Attributes
    ----------
    source
        What gives it away: ``name-prefix``, ``folder``, ``column speaker``, …
    members
        Group of each example; None where it says nothing about one.
    """

    source: str
    members: tuple[str | None, ...]


def candidates(dataset: Dataset) -> list[Grouping]:
    """Return the groupings that the data give away and that something could be measured by.

    A grouping is plausible where most examples share their group with others, where there are two groups or
    more, and where leaving a group out leaves examples of its classes.
    """
    groupings: dict[tuple[int, ...], Grouping] = {}
    labels = dataset.labels
    listed = [Grouping(way, read(dataset.examples)) for way, read in _WAYS.items()]
    listed += [Grouping(f"column {name}", members) for name, members in _columns(dataset.examples).items()]
    for grouping in listed:
        if is_plausible(grouping.members, labels):
            groupings.setdefault(_partition(grouping.members), grouping)
    return list(groupings.values())


def is_plausible(members: Sequence[str | None], labels: Sequence[str | None]) -> bool:
    """Tell whether a grouping has groups worth leaving out."""
    sizes = Counter(name for name in members if name is not None)
    shared = sum(size for size in sizes.values() if size > 1)
    if len(sizes) < 2 or 2 * shared < len(members) or max(sizes.values()) > _MOST_SHARE * len(members):
        return False
    homes: defaultdict[str | None, set[str | int]] = defaultdict(set)
    for place, (name, label) in enumerate(zip(members, labels, strict=True)):
        homes[label].add(place if name is None else name)
    measured = sum(len(homes[label]) > 1 for label in labels)
    spread = sum(len(home) > 1 for home in homes.values())
    return spread > 1 and measured >= _LEAST_MEASURED * len(labels)


def regroup(dataset: Dataset, way: str) -> Dataset:
    """Return the examples grouped the way a person asked for, one of `WAYS`.

    Groups that are given already stay. ``none`` and ``name-order`` change no example; they are kept in
    `Dataset.grouping` for whoever measures.

    Raises
    ------
    DataError
        When the names or headers give no groups.
    """
    if way in _WAYS:
        members = _WAYS[way](dataset.examples)
        sizes = Counter(name for name in members if name is not None)
        if len(sizes) < 2 or max(sizes.values()) < 2:
            raise _no_groups(dataset, way, sizes)
        examples = tuple(
            replace(example, group=name if example.group is None else example.group)
            for example, name in zip(dataset.examples, members, strict=True)
        )
        dataset = replace(dataset, examples=examples)
    return replace(dataset, grouping=way)


def _no_groups(dataset: Dataset, way: str, sizes: Counter[str]) -> DataError:
    names = [safe_name(example.name) for example in dataset.examples[:3]]
    if not sizes:
        seen = "nothing"
    elif len(sizes) == 1:
        seen = f"only one, {next(iter(sizes))!r}"
    else:
        seen = "a group of its own for each example"
    return DataError(
        f"--groups {way} expected groups in {_MEANING[way]}, found {seen} (the examples are called "
        f"{', '.join(map(repr, names))}).",
        "Leave --groups away, or name a CSV file with the columns file and group.",
    )


def place_of(example: Example) -> PurePosixPath | None:
    """Return the path that an example is known by; None where it has no file of its own."""
    row = _ROW.search(example.name)
    if row is not None:
        file = row.group("file")
        return PurePosixPath(file.replace("\\", "/")) if file else None
    plain = PurePosixPath(example.name.replace("\\", "/"))
    if plain.suffix or len(plain.parts) > 1:
        return plain  # what the person calls it: the app keeps files under other names
    return PurePosixPath(safe_name(example.source.as_posix())) if isinstance(example.source, Path) else None


def words_of(example: Example) -> list[str]:
    """Return the words of a file's name, without those that only name its class."""
    place = place_of(example)
    if place is None:
        return []
    words = [word for word in _SEPARATORS.split(place.stem) if word]
    own = [word for word in _SEPARATORS.split((example.label or "").casefold()) if word]
    return _without(words, own) if own else words


def _without(words: list[str], own: list[str]) -> list[str]:
    folded = [word.casefold() for word in words]
    for start in range(len(words) - len(own) + 1):
        if folded[start : start + len(own)] == own:
            return words[:start] + words[start + len(own) :]
    if len(own) == 1:  # snare12: the class with its counter
        rest = [word[len(own[0]) :] if word.casefold().startswith(own[0]) else word for word in words]
        return [word for word, before in zip(rest, words, strict=True) if word == before or word.isdigit()]
    return words


def by_prefix(examples: Sequence[Example]) -> tuple[str | None, ...]:
    """Group by how file names begin: all before the counter, without the class."""
    named = [words_of(example) for example in examples]
    whole = tuple("_".join(words[:-1] if _counted(words) else words) or None for words in named)
    if is_plausible(whole, [example.label for example in examples]):
        return whole
    # slice3: where no counter stands apart, it may be glued to the last word.
    return tuple(
        name if name is None or _counted(words) else _GLUED.sub(r"\1", name)
        for name, words in zip(whole, named, strict=True)
    )


def _counted(words: Sequence[str]) -> bool:
    return bool(words) and words[-1].isdigit()


def by_start(examples: Sequence[Example]) -> tuple[str | None, ...]:
    """Group by the first word of file names of several words."""
    named = [words_of(example) for example in examples]
    return tuple(words[0] if len(words) > 1 else None for words in named)


def by_suffix(examples: Sequence[Example]) -> tuple[str | None, ...]:
    """Group by the last word of file names of several words, where that is no counter."""
    named = [words_of(example) for example in examples]
    return tuple(words[-1] if len(words) > 1 and not words[-1].isdigit() else None for words in named)


def by_folder(examples: Sequence[Example]) -> tuple[str | None, ...]:
    """Group by the folders above a file that are neither its class nor a split."""
    places = [place_of(example) for example in examples]
    folders = [place.parts[:-1] if place is not None else () for place in places]
    shared = _shared(folders)
    return tuple(
        "/".join(_telling(parts[shared:], example.label)) or None
        for parts, example in zip(folders, examples, strict=True)
    )


def _telling(parts: Sequence[str], label: str | None) -> list[str]:
    telling = [part for part in parts if part.lower() not in SPLITS]
    own = next((place for place, part in enumerate(telling) if class_name(part) == label), None)
    return telling if own is None else telling[:own] + telling[own + 1 :]


def _shared(folders: Sequence[tuple[str, ...]]) -> int:
    """Return how many outermost folders all files have in common."""
    if not folders:
        return 0
    first, last = min(folders), max(folders)
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return same


def _columns(examples: Sequence[Example]) -> Mapping[str, tuple[str | None, ...]]:
    names = dict.fromkeys(name for example in examples for name, _ in example.ids)
    cells = [dict(example.ids) for example in examples] if names else []
    return {name: tuple(row.get(name) for row in cells) for name in names}


def _partition(members: Sequence[str | None]) -> tuple[int, ...]:
    numbers: dict[str | int, int] = {}
    return tuple(
        numbers.setdefault(place if name is None else name, len(numbers))
        for place, name in enumerate(members)
    )


_WAYS: Mapping[str, Callable[[Sequence[Example]], tuple[str | None, ...]]] = {
    "name-prefix": by_prefix,
    "name-start": by_start,
    "name-suffix": by_suffix,
    "folder": by_folder,
    "exif": by_exif,
    "camera": by_camera,
    "sound": by_sound,
}
_MEANING = {
    "name-prefix": "how the file names begin",
    "name-start": "the first words of the file names",
    "name-suffix": "the last words of the file names",
    "folder": "the folders above or below the classes",
    "exif": "the times and cameras that the photos name",
    "camera": "the cameras that the photos name",
    "sound": "the headers of the recordings",
}
WAYS = (*_WAYS, ORDER, NONE)
"""What ``--groups`` takes besides the name of a list."""
