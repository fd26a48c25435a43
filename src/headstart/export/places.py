"""Where an export is written: whole or not at all, and never over what somebody else put there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headstart.bundle.swap import replacing
from headstart.errors import ParameterError, StorageError
from headstart.files import storage_errors, write_whole

_MEND = "Free some space, or choose another place with -o."
MARK = "headstart-export.json"
"""A file in every exported folder, by which it is known as one that may be replaced."""


def check_file(path: Path, suffix: str) -> Path:
    """Return the absolute file that may be written as `path`; nothing is written.

    Raises
    ------
    ParameterError, StorageError
        When it cannot be written there.
    """
    target = Path(os.path.realpath(path.expanduser()))
    if target.is_dir():
        raise ParameterError(
            f"{target} is a folder; this export is one file.",
            f"Name a file, such as -o {path / 'model'}{suffix}",
        )
    _check_parent(target)
    return target


def check_folder(path: Path) -> Path:
    """Return the absolute folder that may be made or replaced as `path`; nothing is written.

    Raises
    ------
    ParameterError, StorageError
        When something else is there, or nothing may be written.
    """
    target = Path(os.path.realpath(path.expanduser()))
    _check_parent(target)
    if target.is_file():
        raise ParameterError(f"{target} is a file; this export is a folder.", "Choose another name with -o.")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise ParameterError(
            f"{target} is a folder that holds other things than an export; it is left alone.",
            "Choose another name with -o, or move that away first.",
        )
    return target


def write_file(target: Path, content: bytes) -> None:
    """Write a file beside its place and move it in.

    Raises
    ------
    StorageError
        When the disk is full or forbidden.
    """
    write_whole(target, content, mend=_MEND)


@contextmanager
def filling(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which becomes `target` when the block ends well."""
    with storage_errors(target, mend=_MEND), replacing(target, lambda _: True) as folder:
        yield folder


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())


def _check_parent(target: Path) -> None:
    parent = next(folder for folder in target.parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise StorageError(
            f"{target} cannot be written: {parent} is not a folder that may be written to.",
            "Choose another place with -o.",
        )
