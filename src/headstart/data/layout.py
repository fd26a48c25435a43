"""Find out what the folders above a file mean: wrapper, split, class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headstart.data.names import class_name, safe_name
from headstart.errors import LayoutError

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
"""Names of folders, files and cells that mean a split, to what they mean."""

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read the folders above a file.

    Attributes
    ----------
    wrapper
        How many outermost folders mean nothing.
    split_at
        Which of the next folders names the split, or None.
    notes
        What a person should know about how the folders were read.
    """

    wrapper: int = 0
    split_at: int | None = None
    notes: tuple[str, ...] = ()

    def place(self, parts: Parts) -> tuple[str | None, str | None, int]:
        """Return split, class and how many folders stand below the class, for a file or folder at `parts`."""
        rest = parts[self.wrapper :]
        split = None
        if self.split_at is not None and len(rest) > self.split_at:
            split = SPLITS.get(rest[self.split_at].lower())
            rest = rest[: self.split_at] + rest[self.split_at + 1 :]
        return split, class_name(rest[0]) if rest else None, max(0, len(rest) - 1)


def find_layout(root: str, files: Sequence[Parts], folders: Sequence[Parts]) -> Layout:
    """Tell where the classes are named.

    Known: ``class/file``, ``split/class/file``, ``class/split/file``, any of them inside one wrapping
    folder, with further folders below a class that holds files itself.

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
    rest = [parts[wrapper:] for parts in files]
    split_at = _split_at(root, rest)
    layout = Layout(wrapper, split_at)
    placed = [(layout.place(parts), parts[wrapper:]) for parts in files]
    if not any(label for (_, label, _), _ in placed):
        raise _no_classes(root, len(files), split_at is not None)
    notes = _check_depth(root, [(label, below, parts) for (_, label, below), parts in placed if label])
    if wrapper:
        notes.insert(0, f"The classes are the folders inside {safe_name('/'.join(files[0][:wrapper]))}.")
    return Layout(wrapper, split_at, tuple(notes))


def looks_like_splits(names: Iterable[str]) -> bool:
    """Tell whether all names are names of splits."""
    names = list(names)
    return bool(names) and all(name.lower() in SPLITS for name in names)


def _wrapper(files: Sequence[Parts], folders: Sequence[Parts]) -> int:
    """Count outer folders that hold nothing but one folder of folders, as unpacked archives have."""
    depth = 0
    while True:
        inside = {parts[depth] for parts in folders if len(parts) == depth + 1}
        if len(inside) > 1 or looks_like_splits(inside):
            return depth
        if not inside or any(len(parts) <= depth + 1 for parts in files):
            return 0
        depth += 1


def _split_at(root: str, files: Sequence[Parts]) -> int | None:
    outer = {parts[0] for parts in files if parts}
    if looks_like_splits(outer):
        if all(len(parts) < 2 for parts in files):
            raise LayoutError(
                f"{root} holds the folders {_list(outer)}, which name a split, but no class folders in them.",
                "Put a folder for each class inside them (train/cat/…), or add a metadata.csv with the "
                "columns file_name and label.",
            )
        return 0
    nested = {parts[0].lower() for parts in files if len(parts) > 1 and parts[0].lower() in SPLITS}
    if len({SPLITS[name] for name in nested}) > 1:
        others = [name for name in outer if name.lower() not in SPLITS]
        raise LayoutError(
            f"{root} holds the folders {_list(nested)}, which name a split, beside {_list(others)}, which "
            "do not.",
            f"Move either kind elsewhere, or name one of them: headstart train {root}/{sorted(nested)[0]}",
        )
    inner = {parts[1] for parts in files if len(parts) > 1}
    if all(len(parts) > 1 for parts in files) and looks_like_splits(inner):
        return 1
    return None


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
            "classes in a metadata.csv with the columns file_name and label.",
        )
    if inner:
        return [f"Files in folders below a class count as that class ({_list(inner)})."]
    return []


def _no_classes(root: str, count: int, split: bool) -> LayoutError:
    where = f"in the split folders of {root}" if split else f"in {root}"
    return LayoutError(
        f"Expected a folder for each class {where}, found {count} files that are in no such folder.",
        "Make one folder for each class, named for it, and put its files inside; or add a metadata.csv with "
        "the columns file_name and label.",
    )


def _list(names: Iterable[str], most: int = 6) -> str:
    shown = [repr(safe_name(name)) for name in sorted(set(names))]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")
