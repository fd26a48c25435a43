"""Collect inputs to predict: files, folders, tables, lines of text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from headstart.data.archives import is_archive, unpack
from headstart.data.assemble import Reading, by_modality, parse_modality, problem
from headstart.data.frames import as_frame
from headstart.data.item import Item
from headstart.data.mixed.deciding import Asked, file_as_mixed
from headstart.data.names import safe_name
from headstart.data.objects import is_one_input
from headstart.data.own import SORTED
from headstart.data.rows import is_table_name, read_rows
from headstart.data.table import exists, read_table
from headstart.data.walk import walk
from headstart.errors import DataError, ParameterError
from headstart.execution import ProgressCallback, silent
from headstart.kinds import has_columns, is_inline
from headstart.types import Example, Modality, Problem


@dataclass(frozen=True, slots=True)
class _Wanted:
    modality: Modality
    names_as_texts: bool
    input_column: str | None
    progress: ProgressCallback


def gather(
    paths: Sequence[str | Path],
    modality: str | Modality,
    *,
    names_as_texts: bool = True,
    input_column: str | None = None,
    progress: ProgressCallback = silent,
) -> tuple[list[Example], list[Problem], dict[str, int]]:
    """Collect unlabelled inputs, in the order they are named.

    Parameters
    ----------
    paths
        Files, folders (with all below them), tables (CSV, TSV, JSONL, Parquet, spreadsheets), archives of
        these. For texts also ``-`` (one text a line from standard input) and texts themselves, where no file
        has that name.
    names_as_texts
        Whether cells of a table that look like names are texts; see `headstart.data.table.read_table`.
    input_column
        The column of a table that holds the inputs; guessed when None.
    progress
        Called while an archive is unpacked, where that takes long.

    Returns
    -------
    examples, problems, ignored
        What can be predicted, what cannot with the reason, and the count of leftovers passed over.

    Raises
    ------
    DataError
        When a table has no such column, or none of the inputs exists.
    """
    kind = parse_modality(modality) or Modality.IMAGE
    wanted = _Wanted(kind, names_as_texts, input_column, progress)
    reading = Reading(", ".join(safe_name(str(path)) for path in paths[:3]))
    for path in paths:
        reading.merge(_one(path, wanted))
    _, items = by_modality(reading.items, wanted.modality, reading)
    examples = [Example(item.source, item.label, item.group, item.name) for item in items]
    return examples, reading.problems, dict(reading.ignored)


def names_of_files(given: Any) -> list[str | Path]:
    """Return the names of files, folders and tables that were given; a single one counts as a list of one.

    Raises
    ------
    ParameterError
        When something else is among them, naming its type.
    """
    if isinstance(given, str | os.PathLike):
        return [given if isinstance(given, str) else Path(given)]
    is_listed = isinstance(given, Iterable) and not (
        isinstance(given, Mapping) or is_one_input(given) or as_frame(given) is not None
    )
    paths = list(given) if is_listed else [given]
    odd = next((path for path in paths if not isinstance(path, str | os.PathLike)), None)
    if odd is not None or not is_listed:
        type_name = type(given if odd is None else odd).__name__
        raise ParameterError(
            f"Expected names of files, folders or tables, got {type_name}.",
            "For what is in memory use model.predict, which takes pictures, arrays, open files and tables.",
        )
    return [path if isinstance(path, str) else Path(path) for path in paths]


def _one(path: str | Path, wanted: _Wanted) -> Reading:
    reading = Reading(safe_name(str(path)))
    if isinstance(path, str) and not path.strip():  # else it would mean the folder one is in
        reason = (
            "The text is empty; fill it in."
            if is_inline(wanted.modality)
            else ("The name is empty; name a file or a folder ('.' for the one you are in).")
        )
        reading.problems = [Problem("''", reason, "empty")]
    elif str(path) == "-":
        reading.items = _standard_input(wanted.modality)
    elif isinstance(path, str) and is_inline(wanted.modality) and is_text(path):
        reading.items = [Item(path, short_name(path))]
    elif is_archive(path):
        reading.merge(_archive(Path(path), wanted))
    elif Path(path).is_dir():
        seen = walk(Path(path))
        reading.problems = [
            replace(problem, source=_below(path, problem.source)) for problem in seen.problems
        ]
        reading.ignored = seen.ignored
        if seen.own not in (None, SORTED):
            reading.problems = [own_problem(safe_name(str(path)), str(seen.own))]
            return reading
        reading.items = [Item(file.path, safe_name(str(file.path))) for file in seen.files]
    elif is_table_name(path):
        reading.merge(_table(Path(path), wanted))
    elif is_inline(wanted.modality) and not os.path.lexists(path):
        reading.problems = [no_such_text(path)]
    else:
        reading.items = [Item(Path(path), safe_name(str(path)))]
    return reading


def no_such_text(path: str | Path) -> Problem:
    """Say what to do with what looks like the name of a file, where no file has that name."""
    reason = (
        "There is no file of that name. If it is a text, send it to standard input, one text a line: "
        "headstart predict MODEL -"
    )
    return Problem(safe_name(str(path)), reason, "missing")


def own_problem(name: str, own: str) -> Problem:
    """Return why a folder that headstart wrote gives no inputs."""
    return Problem(name, f"It is {own}; name the files to predict.", "own_output")


def _archive(path: Path, wanted: _Wanted) -> Reading:
    try:
        archive = unpack(path, wanted.progress)
    except DataError as error:
        return Reading(safe_name(str(path)), problems=[whole_problem(path, error)])
    with archive.named():
        reading_of = _one(archive.table or archive.root, wanted)
    reading_of.items = [replace(item, name=archive.told(item.name)) for item in reading_of.items]
    reading_of.problems = [*archive.told_of(reading_of.problems), *archive.problems_below]
    reading_of.ignored += archive.ignored
    return reading_of


def whole_problem(path: Path, error: DataError) -> Problem:
    """Turn what is wrong with a whole archive or table into a problem to list."""
    whole = problem(safe_name(str(path)), error)
    return replace(whole, reason=f"{whole.reason} {error.hint}") if error.hint else whole


def _below(folder: str | Path, name: str) -> str:
    shown = safe_name(str(folder))
    return name if name == shown else f"{shown.rstrip('/')}/{name}"


def _table(path: Path, wanted: _Wanted) -> Reading:
    try:
        if has_columns(wanted.modality):
            asked = Asked(labelled=False, modality=wanted.modality)
            return file_as_mixed(path, read_rows(path), asked) or Reading(safe_name(str(path)))
        return read_table(
            path,
            input_column=wanted.input_column,
            labelled=False,
            modality=wanted.modality,
            names_as_texts=wanted.names_as_texts,
        )
    except DataError as error:
        if wanted.input_column is not None:
            raise
        return Reading(safe_name(str(path)), problems=[whole_problem(path, error)])


def _standard_input(modality: Modality) -> list[Item]:
    if not is_inline(modality):
        raise ParameterError(
            f"'-' reads texts from standard input, but this model takes {modality}.",
            "Name files or folders instead.",
        )
    lines = (line.rstrip("\r\n") for line in sys.stdin)
    return [Item(line, f"stdin:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def is_text(argument: str) -> bool:
    """Tell a text from the name of a file: it names none, and no file would be called so."""
    if exists(Path(), argument) or _is_folder(argument):
        return False
    if "://" in argument:  # an address is never fetched
        return True
    return any(letter.isspace() for letter in argument) or not ("/" in argument or "." in argument)


def _is_folder(argument: str) -> bool:
    try:
        return Path(argument).is_dir()
    except (OSError, ValueError):
        return False


def short_name(text: str) -> str:
    """Return what to call a text: how it begins, on one line."""
    line = safe_name(" ".join(text.split()))
    return line if len(line) <= 60 else line[:59] + "…"
