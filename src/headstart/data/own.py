"""Recognise what headstart wrote itself, so that it is never taken for examples.

A folder or file is ours by what is in it, never by its name alone: a class folder may hold a
``manifest.json`` or a ``report.html`` of somebody else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection
from pathlib import Path

from headstart.data.own_predictions import is_other_header, is_other_row
from headstart.data.own_printed import PREDICTIONS, own_answer, own_page
from headstart.data.sniff import open_regular
from headstart.errors import SourceError

DRIFT_FILE, DRIFT_MARK = "headstart-drift.json", "headstart_drift"
"""What ``predict --out`` keeps of the test for drift, and what stands in it."""
SORTED_MARK = ".headstart-sorted"
"""A hidden file in the folder that ``predict --sort-into`` made."""
UNSURE, NONE = "unsure", "none of these"
"""Folders in it that are no classes."""
PREDICTIONS_MARK = "headstart.predictions"
"""Stands in the metadata of a Parquet table of predictions."""
MODEL = "a model saved by headstart"
SORTED = "files sorted by headstart"
REPORT = "a report made by headstart"
EXPORT = "a model exported by headstart"

__all__ = ["PREDICTIONS", "is_model", "own_file", "own_folder"]

_HEAD = 4096
_TAIL = 65536
# Name of a file in a folder: words that must stand in its first bytes, and what the folder is.
_FOLDER_MARKS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "manifest.json": ((b'"format_version"', b'"headstart"'), MODEL),
    "run.json": ((b'"format"', b'"data"', b'"base"', b'"config"'), "an unfinished run of headstart"),
    "headstart-export.json": ((), EXPORT),
    "headstart.sqlite": ((b"SQLite format 3",), "a workspace of the headstart app"),
    SORTED_MARK: ((), SORTED),
    "embeddings.sqlite": ((b"SQLite format 3",), "the cache of headstart"),
    "pyvenv.cfg": ((b"home",), "a Python environment"),
}
_PAGE = b'<meta name="generator" content="headstart'
_COLUMNS = frozenset(
    {"source", "id", "label", "probability", "answer", "set", "unsure", "novelty", "known", "error"}
)


def own_folder(folder: Path, names: Collection[str]) -> str | None:
    """Return what a folder is that headstart (or Python) made, or None where it may hold examples.

    Parameters
    ----------
    names
        The names of everything in it, hidden files too.
    """
    for mark, (words, what) in _FOLDER_MARKS.items():
        if mark == "manifest.json" and "head.safetensors" not in names:
            continue  # a copy of it beside somebody's own files makes no model of them
        if mark in names and _begins_with(folder / mark, words):
            return what
    if "manifest.sha256" in names and "head.safetensors" in names:  # a model whose manifest was lost
        return MODEL
    pages = {"compare.json", "compare.html"}
    visible = {name for name in names if not name.startswith(".")}
    if visible == pages and _is_page(folder / "compare.html"):
        return "a comparison made by headstart"
    return None


def own_file(path: Path) -> str | None:
    """Return what a file is that headstart made, or None where it may be an example."""
    test = _TESTS.get(path.suffix.lower())
    if test is None:
        return None
    try:
        return test(path)
    except (SourceError, OSError, ValueError):
        return None


def is_model(path: str | Path) -> bool:
    """Tell whether a path leads to a folder that is a saved model."""
    try:
        return own_folder(Path(path), {entry.name for entry in Path(path).iterdir()}) == MODEL
    except (OSError, ValueError):
        return False


def _html(path: Path) -> str | None:
    return REPORT if _is_page(path) else None


def _csv(path: Path) -> str | None:
    with open_regular(path) as file:
        line = file.readline(_HEAD).decode("utf-8-sig", "replace")
    names = line.strip().split(",")
    ours = names[0] == "source" and {"label", "probability", "error"} <= set(names) <= _COLUMNS
    return PREDICTIONS if ours or is_other_header(names) else None


def _json_lines(path: Path) -> str | None:
    with open_regular(path) as file:
        line = file.readline(_TAIL)
    if not line.startswith(b'{"source": '):
        return None
    row = json.loads(line)
    return (
        PREDICTIONS
        if set(row) == {"source", "error"} or {"label", "probability", "top"} <= set(row) or is_other_row(row)
        else None
    )


def _parquet(path: Path) -> str | None:
    return PREDICTIONS if PREDICTIONS_MARK.encode() in _end(path) else None


def _onnx(path: Path) -> str | None:
    return EXPORT if b"headstart.version" in _end(path) else None


def _zip(path: Path) -> str | None:
    """Tell a packed model by the names at the end of the archive."""
    end = _end(path)
    return MODEL if b"manifest.sha256" in end and b"head.safetensors" in end else None


def _json(path: Path) -> str | None:
    """Tell ``compare.json`` by the page beside it, and what ``headstart croissant`` writes."""
    if path.name == DRIFT_FILE and _begins_with(path, (DRIFT_MARK.encode(),)):
        return "what headstart keeps of its test for drift"
    if _begins_with(path, (b"mlcommons.org/croissant",)):
        return "a Croissant description"
    beside = path.with_name("compare.html")
    if path.name == "compare.json" and _is_page(beside):
        return "a comparison made by headstart"
    return own_answer(path)


_TESTS: dict[str, Callable[[Path], str | None]] = {
    ".html": _html,
    ".htm": _html,
    ".csv": _csv,
    ".jsonl": _json_lines,
    ".parquet": _parquet,
    ".onnx": _onnx,
    ".zip": _zip,
    ".json": _json,
    ".txt": own_page,
    ".log": own_page,
    ".out": own_page,
    ".md": own_page,
    "": lambda path: own_page(path) or _onnx(path),
}


def _is_page(path: Path) -> bool:
    return _begins_with(path, (_PAGE,))


def _begins_with(path: Path, words: Collection[bytes]) -> bool:
    try:
        with open_regular(path) as file:
            head = file.read(_HEAD)
    except (SourceError, OSError):
        return False
    return all(word in head for word in words)


def _end(path: Path) -> bytes:
    with open_regular(path) as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
        return file.read()
