"""Find out what the folders above a file mean: wrapper, split, class."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headstart.data.names import class_name, safe_name
from headstart.data.storage import (
    NO_LABEL,
    SPLITS,
    are_stores,
    is_companion,
    is_companion_of_files,
    is_never_a_class,
    is_unlabelled,
    part_of,
    parts_of,
    words_of,
)
from headstart.errors import LayoutError

__all__ = ["FOLDERS", "LINES", "SPLITS", "Layout", "find_layout", "looks_like_splits"]

FOLDERS = "folders"
"""The layout in which each folder is a class, whatever it is called."""
LINES = "lines"
"""The layout in which each line of a text file is an example, and the file or its folder the class."""
AS_FOLDERS = "--layout folders (layout='folders' in Python)"
_ANNOTATIONS = frozenset({"annotation", "annotations", "metadata", "imagesets"})
_DOMAIN = re.compile(r"(train|test|valid|val)[ _-]?([AB])")
_TABLE = "a table with the columns file_name and label beside them"

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read the folders above a file.

    Attributes
    ----------
    wrapper
        The outermost folders, which mean nothing; whatever stands beside them is no example.
    split_at
        Which of the next folders names the split, or None.
    parts
        What each folder at `split_at` means.
    inner
        How many folders below that mean nothing either: ``training_set/training_set``, ``train/images``.
    unlabelled
        Folders among those of the classes whose names say that their files have no label.
    notes
        What a person should know about how the folders were read.
    """

    wrapper: Parts = ()
    split_at: int | None = None
    parts: dict[str, str] = field(default_factory=dict)
    inner: int = 0
    unlabelled: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def place(self, parts: Parts) -> tuple[str | None, str | None, int]:
        """Return split, class and how many folders stand below the class, for a file or folder at `parts`."""
        rest = parts[len(self.wrapper) :]
        if parts[: len(self.wrapper)] != self.wrapper:
            return None, None, 0
        split = None
        if self.split_at is not None and len(rest) > self.split_at:
            split = self.parts.get(rest[self.split_at])
            rest = rest[: self.split_at] + rest[self.split_at + 1 :]
        rest = rest[self.inner :]
        if split == NO_LABEL or (rest and rest[0] in self.unlabelled):
            return None, None, 0
        return split, class_name(rest[0]) if rest else None, max(0, len(rest) - 1)

    def passes_over(self, parts: Parts) -> str | None:
        """Return the folder for whose name a file there is left out, or None."""
        depth = len(self.wrapper)
        if parts[:depth] != self.wrapper:
            same = next((at for at in range(depth) if parts[at : at + 1] != self.wrapper[at : at + 1]), depth)
            return parts[same] if len(parts) > same else None
        rest = parts[depth:]
        if self.split_at is not None and len(rest) > self.split_at:
            name = rest[self.split_at]
            flat = self.split_at == 0 and len(rest) == 1 + self.inner and self.parts.get(name) == "test"
            if flat or self.parts.get(name) == NO_LABEL:
                return name
            rest = rest[: self.split_at] + rest[self.split_at + 1 :]
        rest = rest[self.inner :]
        return rest[0] if rest and rest[0] in self.unlabelled else None


def find_layout(root: str, files: Sequence[Parts], folders: Sequence[Parts]) -> Layout:
    """Tell where the classes are named.

    Known: ``class/file``, ``split/class/file``, ``class/split/file``, any of them inside folders that mean
    nothing (an unpacked archive's, ``images/`` beside ``annotations/``), with further folders below a class
    that holds files itself.

    Parameters
    ----------
    root
        What to call the whole in messages.
    files
        The folders above each file that is data.
    folders
        All folders, empty ones too.

    Raises
    ------
    LayoutError
        When the folders have no single meaning, naming those that were seen.
    """
    wrapper = _wrapper(files, folders)
    inside = [parts for parts in dict.fromkeys(files) if parts[: len(wrapper)] == wrapper]
    layout = _with_split(root, Layout(wrapper), [parts[len(wrapper) :] for parts in inside])
    layout = _with_unlabelled(layout, inside)
    placed = [(layout.place(parts), parts) for parts in inside]
    if not any(label for (_, label, _), _ in placed):
        raise _no_classes(root, len(files), layout, inside)
    _check_names(root, {label: below for (_, label, below), _ in placed if label})
    notes = _check_depth(root, [(label, below, parts) for (_, label, below), parts in placed if label])
    if wrapper:
        notes.insert(0, f"The classes are the folders inside {safe_name('/'.join(wrapper))}.")
    return replace(layout, notes=tuple(notes))


def looks_like_splits(names: Iterable[str]) -> bool:
    """Tell whether all names are names of splits."""
    names = list(names)
    return bool(names) and all(name.lower() in SPLITS for name in names)


def _wrapper(files: Sequence[Parts], folders: Sequence[Parts]) -> Parts:
    """Return the outer folders that hold nothing but folders and have no sibling with examples in it."""
    inside: Parts = ()
    while True:
        depth = len(inside)
        here = {parts[depth] for parts in folders if len(parts) == depth + 1 and parts[:depth] == inside}
        only = here if len(here) == 1 else {name for name in here if not is_companion(name)}
        if not here or len(only) != 1 or _meant(here):
            return inside if len(here) > 1 or _meant(here) else ()
        (name,) = only
        below = (*inside, name)
        if any(parts in (inside, below) for parts in files):
            return inside if len(here) > 1 else ()
        deeper = {
            parts[depth + 1] for parts in folders if parts[: depth + 1] == below and len(parts) > depth + 1
        }
        if len(here) > 1 and not (are_stores([name]) and deeper) and not _is_annotated(here - only, deeper):
            return inside
        inside = below


def _is_annotated(others: Collection[str], deeper: Collection[str]) -> bool:
    """Tell whether a folder of folders has nothing beside it but its annotations."""
    return len(deeper) > 1 and all(set(words_of(name)) <= _ANNOTATIONS for name in others)


def _with_split(root: str, layout: Layout, files: Sequence[Parts]) -> Layout:
    outer = {parts[0] for parts in files if parts}
    _refuse_domains(root, outer)
    meant = _meant(outer)
    if meant:
        layout = replace(layout, split_at=0, parts=meant)
        return replace(layout, inner=_inner(meant, files))
    _check_beside(root, outer, files)
    inner = {parts[1] for parts in files if len(parts) > 1}
    if all(len(parts) > 1 for parts in files) and parts_of(inner):
        return replace(layout, split_at=1, parts=parts_of(inner))
    return layout


def _refuse_domains(root: str, outer: Collection[str]) -> None:
    """Refuse folders that name a split and a kind at once: a set for turning one kind into another."""
    matches = [_DOMAIN.fullmatch(name) for name in outer]
    if matches and all(matches) and len({match[2] for match in matches if match}) == 2:
        raise LayoutError(
            f"{root} looks like a set for turning pictures of one kind into another (CycleGAN): its folders "
            f"{_list(outer)} name a split and a kind at once.",
            "To learn to tell A from B, put the kinds into folders of the splits: train/A, train/B, test/A, "
            f"test/B. If each folder is a class: {AS_FOLDERS}",
        )


def _meant(names: Iterable[str]) -> dict[str, str]:
    """Return what sibling folders mean where all name a split or what belongs to one, as ``ground_truth``."""
    names = list(names)
    companions = {name: NO_LABEL for name in names if is_companion_of_files(name) and part_of(name) is None}
    splits = parts_of(name for name in names if name not in companions)
    return {**splits, **companions} if splits else {}


def _inner(meant: dict[str, str], files: Sequence[Parts]) -> int:
    """Count folders between the split and the classes: the split's own name again, or a lone ``images``."""
    labelled = [parts for parts in files if parts and meant[parts[0]] != NO_LABEL]
    deep = [parts for parts in labelled if len(parts) > 1]
    inner = 0
    while deep and all(len(parts) > inner + 2 for parts in deep):
        names = {parts[inner + 1] for parts in deep}
        again = all(
            part_of(parts[inner + 1]) == meant[parts[0]] or parts[inner + 1] == parts[0] for parts in deep
        )
        if not again and not (len(names) == 1 and are_stores(names)):
            break
        inner += 1
    return inner


def _check_beside(root: str, outer: Collection[str], files: Sequence[Parts]) -> None:
    """Refuse folders that name a split beside others that do not, unless they hold files as a class does."""
    deep: dict[str, set[str]] = {}
    for parts in files:
        if len(parts) > 1:
            deep.setdefault(parts[0], set()).add(parts[1])
    nested = {name: inner for name, inner in deep.items() if part_of(name) not in (None, NO_LABEL)}
    again = next((name for name, inner in deep.items() if len(inner) > 1 and inner <= set(outer)), None)
    others = {name for name in outer if part_of(name) is None}
    several = len({part_of(name) for name in nested}) > 1
    repeated = any(len(inner) > 1 and inner & others for inner in nested.values())
    if others and (several or repeated):
        raise LayoutError(
            f"{root} holds the folders {_list(nested)}, which name a split, beside {_list(others)}, which "
            "do not.",
            f"Move either kind elsewhere, or name one of them: headstart train {root}/{sorted(nested)[0]}. "
            f"If each folder is a class: {AS_FOLDERS}",
        )
    if again is not None:
        raise LayoutError(
            f"{root} holds {_list([again])} beside the folders {_list(deep[again])}, and the same folders "
            "are in it.",
            f"Move it elsewhere if it is a copy. If each folder is a class: {AS_FOLDERS}",
        )


def _with_unlabelled(layout: Layout, files: Sequence[Parts]) -> Layout:
    labels = {label for _, label, _ in map(layout.place, files) if label}
    unlabelled = {name for name in labels if is_unlabelled(name)}
    if any({"labeled", "labelled"} & set(words_of(name)) for name in labels):
        return layout  # with and without a label are two classes
    return replace(layout, unlabelled=frozenset(unlabelled)) if labels - unlabelled else layout


def _check_names(root: str, labels: Mapping[str, int]) -> None:
    """Refuse folders whose names say how files are kept; `labels` says how many folders stand below each."""
    if are_stores(labels) and len(labels) > 1 and all(labels.values()):
        raise LayoutError(
            f"{root} holds the folders {_list(labels)}, which say how files are kept, and each has folders "
            "in it.",
            f"Give one of them: headstart train {root}/{sorted(labels)[0]}. If each is a class: {AS_FOLDERS}",
        )
    if are_stores(labels):
        raise LayoutError(
            f"{root} has no folders that are named for classes: {_list(labels)} "
            f"{'says' if len(labels) == 1 else 'say'} how files are kept, not what is in them.",
            f"Make a folder for each class, or give {_TABLE}. If each folder is a class: {AS_FOLDERS}",
        )
    odd = [name for name in labels if is_never_a_class(name)]
    if odd:
        others = [name for name in labels if name not in odd]
        raise LayoutError(
            f"{root} holds {_list(odd)} beside the folders {_list(others)}; that looks like a place for "
            "files, not like a class.",
            f"Move it elsewhere. If it is a class as the others are: {AS_FOLDERS}",
        )


def _check_depth(root: str, placed: Sequence[tuple[str, int, Parts]]) -> list[str]:
    """Refuse folders in folders where either kind could be the classes; tell about harmless ones."""
    direct = {label for label, below, _ in placed if below == 0}
    inner: dict[str, set[str]] = {}
    for label, below, parts in placed:
        if below:
            inner.setdefault(label, set()).add(parts[-below])
    several = {label for label, names in inner.items() if len(names) > 1}
    if several and not direct and len(inner) > 1:
        outer_names = _list(inner)
        inner_names = _list({name for names in inner.values() for name in names})
        raise LayoutError(
            f"{root} has folders in folders, and either could be the classes: {outer_names}, or the folders "
            f"inside them, {inner_names}.",
            "Keep one level: move the files up so that they stand in the folders of their class, or name the "
            "classes in a metadata.csv with the columns file_name and label. If the outer ones are the "
            f"classes: {AS_FOLDERS}",
        )
    if inner:
        return [f"Files in folders below a class count as that class ({_list(inner)})."]
    return []


def _no_classes(root: str, count: int, layout: Layout, files: Sequence[Parts]) -> LayoutError:
    if layout.split_at is not None:
        outer = {parts[len(layout.wrapper)] for parts in files if len(parts) > len(layout.wrapper)}
        return LayoutError(
            f"{root} holds the folders {_list(outer)}, which name a split, but no class folders in them.",
            "Put a folder for each class inside them (train/cat/…), or add a metadata.csv with the columns "
            f"file_name and label. If each folder is a class: {AS_FOLDERS}",
        )
    return LayoutError(
        f"Expected a folder for each class in {root}, found {count} files that are in no such folder.",
        "Make one folder for each class, named for it, and put its files inside; or add a metadata.csv with "
        "the columns file_name and label. Which to label first, headstart suggest says; photos of good parts "
        "alone are enough for --target defects.",
    )


def _list(names: Iterable[str], most: int = 6) -> str:
    shown = [repr(safe_name(name)) for name in sorted(set(names))]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
