"""Take the class of each file from the folders above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from headstart.data.assemble import Reading
from headstart.data.item import Item
from headstart.data.layout import AS_FOLDERS, Layout, Parts, find_layout
from headstart.data.names import safe_name
from headstart.data.sniff import modality_of, sniff_path
from headstart.data.storage import is_companion, part_of
from headstart.data.walk import Found, Walk
from headstart.errors import SourceError
from headstart.kinds import is_of_files
from headstart.types import Problem

_BESIDE = "files beside the class folders"
_FEW = 20


def by_folders(reading: Reading, seen: Walk, *, each: bool) -> tuple[list[Item], Layout]:
    """Return the files of a folder of class folders with their classes, and how the folders were read.

    Parameters
    ----------
    each
        Whether each folder is a class, whatever it is called.

    Raises
    ------
    LayoutError
        When the folders have no single meaning.
    """
    files = _without_stray_texts(reading, seen.files)
    if not files:
        return [], Layout()
    layout = Layout()
    if not each or not any(file.parts for file in files):
        loose = _loose(files)
        solid = [file.parts for file in files if file.parts not in loose]
        layout = find_layout(reading.origin, solid, seen.folders)
    reading.notes += layout.notes
    items: list[Item] = []
    for file in files:
        _place(reading, layout, file, items)
    _tell_unlabelled(reading, layout)
    reading.problems += _empty_classes(layout, seen, {item.label for item in items})
    return items, layout


def is_media(file: Found) -> bool:
    """Tell whether a file is a picture or a sound."""
    try:
        return is_of_files(modality_of(sniff_path(file.path)))
    except SourceError:
        return False


def _place(reading: Reading, layout: Layout, file: Found, items: list[Item]) -> None:
    split, label, _ = layout.place(file.parts)
    if label is not None:
        items.append(Item(file.path, file.name, label, None, split))
        return
    passed = layout.passes_over(file.parts)
    if passed is not None:
        reading.ignored[f"files in {safe_name(passed)!r}"] += 1
    elif file.parts and not is_media(file):
        reading.ignored[_BESIDE] += 1
    else:
        reason = "It is in no class folder; move it into the folder of its class."
        reading.problems.append(Problem(file.name, reason, "not_in_class"))


def _without_stray_texts(reading: Reading, files: Sequence[Found]) -> list[Found]:
    """Pass over a README, licence or list of labels that stands beside the class folders."""
    if not any(file.parts for file in files):
        return list(files)
    kept = []
    for file in files:
        if not file.parts and not is_media(file):
            reading.ignored[_BESIDE] += 1
        else:
            kept.append(file)
    return kept


def _loose(files: Sequence[Found]) -> set[Parts]:
    """Return the wrappers and splits whose own files are a few texts beside folders that hold many more."""
    direct: dict[Parts, list[Found]] = {}
    below: Counter[Parts] = Counter()
    for file in files:
        direct.setdefault(file.parts, []).append(file)
        below.update(file.parts[:depth] for depth in range(len(file.parts)))
    folders = set(below) | set(direct)
    return {
        parts
        for parts, own in direct.items()
        if _is_no_class(parts, folders)
        and len(own) <= _FEW
        and below[parts] > len(own)
        and not any(map(is_media, own))
    }


def _is_no_class(parts: Parts, folders: Collection[Parts]) -> bool:
    """Tell whether a folder is named for a split or has no sibling, so that the classes are further down."""
    if not parts or part_of(parts[-1]) is not None:
        return True
    siblings = {folder for folder in folders if len(folder) == len(parts) and folder[:-1] == parts[:-1]}
    return sum(not is_companion(folder[-1]) for folder in siblings) == 1


def _tell_unlabelled(reading: Reading, layout: Layout) -> None:
    for name in sorted(layout.unlabelled):
        reading.notes.append(
            f"The folder {safe_name(name)!r} was left out: its name says that its files have no label. "
            f"If it is a class: {AS_FOLDERS}."
        )


def _empty_classes(layout: Layout, seen: Walk, used: set[str | None]) -> list[Problem]:
    problems = []
    for parts in seen.folders:
        _, label, below = layout.place(parts)
        if label is not None and below == 0 and label not in used:
            used.add(label)
            reason = "The class folder is empty; put examples into it or remove it."
            problems.append(Problem(safe_name("/".join(parts)), reason, "empty_class"))
    return problems
