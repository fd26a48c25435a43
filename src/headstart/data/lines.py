"""Text files that are a class each, with an example on each line: ``pos.txt`` beside ``neg.txt``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from headstart.data.assemble import Reading, problem
from headstart.data.item import Item
from headstart.data.layout import LINES
from headstart.data.names import class_name
from headstart.data.rows import TABLE_SUFFIXES
from headstart.data.sniff import modality_of, sniff_path
from headstart.data.storage import NO_LABEL, are_stores, part_of, part_of_table
from headstart.data.text import read_text
from headstart.data.walk import Found
from headstart.errors import LayoutError, SourceError
from headstart.types import Modality

AS_LINES = f"--layout {LINES} (layout={LINES!r} in Python)"
_MOST_FILES = 50
_LEAST_LINES = 5


def by_lines(reading: Reading, files: Sequence[Found]) -> list[Item]:
    """Return each line of each text file as an example.

    The class is the innermost folder that is named for one, or else the name of the file; where all files
    have the same name and other endings, as ``rt-polarity.pos`` and ``rt-polarity.neg``, it is the ending.
    """
    same = len({file.path.stem for file in files}) == 1 < len({file.path.suffix for file in files})
    items = []
    for file in files:
        split, label = _place(file, same)
        try:
            text, _ = read_text(file.path)
        except SourceError as error:
            reading.problems.append(problem(file.name, error))
            continue
        items += [
            Item(line.strip(), f"{file.name}:{number}", label, None, split)
            for number, line in enumerate(text.splitlines(), start=1)
            if line.strip()
        ]
    return items


def _place(file: Found, by_ending: bool) -> tuple[str | None, str]:
    named = [part for part in file.parts if part_of(part) in (None, NO_LABEL) and not are_stores([part])]
    parts = [part for part in map(part_of, file.parts) if part not in (None, NO_LABEL)]
    split = parts[-1] if parts else part_of_table(file.path.stem) if named else None
    name = file.path.suffix.lstrip(".") if by_ending else file.path.stem
    return split, class_name(named[-1] if named else name)


def refuse_line_files(root: str, files: Sequence[Found]) -> None:
    """Refuse text files beside each other, in no class folders, that are a class each.

    Raises
    ------
    LayoutError
        Where there are a few, each of many lines.
    """
    if not 2 <= len(files) <= _MOST_FILES or any(part_of_table(file.path.stem) for file in files):
        return
    counts = [_count_lines(file.path) for file in files]
    if min(counts) >= _LEAST_LINES:
        raise _one_file_each(root, files, counts)


def refuse_one_file_each(root: str, items: Sequence[Item]) -> None:
    """Refuse class folders of one text file of many lines each, and those that hold nothing but tables.

    Raises
    ------
    LayoutError
        Where all classes are so.
    """
    paths = [item.source for item in items if isinstance(item.source, Path)]
    if not paths or len(paths) != len(items):
        return
    tables = [path for path in paths if path.suffix.lower() in TABLE_SUFFIXES]
    if len(tables) == len(paths):
        raise LayoutError(
            f"The class folders of {root} hold tables, not examples: {items[0].name}.",
            "Put the rows of all of them into one table with the columns text and label. If each table is "
            "one text, give it the ending .txt; if it is a signal, draw it as a picture or save it as WAV.",
        )
    classes = Counter(item.label for item in items)
    if len(classes) < 2 or max(classes.values()) > 1:
        return
    counts = [_count_lines(path) for path in paths]
    if min(counts) >= _LEAST_LINES:
        raise _one_file_each(root, [Found(path, (path.parent.name,)) for path in paths], counts)


def _one_file_each(root: str, files: Sequence[Found], counts: Sequence[int]) -> LayoutError:
    names = ", ".join(file.name for file in files[:4])
    return LayoutError(
        f"{root} has one text file of many lines for each class: {names} ({files[0].name} has {counts[0]:,} "
        "lines).",
        f"If each line is an example: {AS_LINES}. If each file is one, put at least two into a folder for "
        "each class.",
    )


def _count_lines(path: Path) -> int:
    """Return how many lines of a text file hold something; 0 for any other file."""
    try:
        if path.suffix.lower() in TABLE_SUFFIXES or sniff_path(path) != "text":
            return 0
        return sum(bool(line.strip()) for line in read_text(path)[0].splitlines())
    except SourceError:
        return 0


def is_text_file(file: Found) -> bool:
    """Tell whether a file is a text."""
    try:
        return modality_of(sniff_path(file.path)) is Modality.TEXT
    except SourceError:
        return False
