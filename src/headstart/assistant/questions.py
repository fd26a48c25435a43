"""Questions with the place of their answer: what an assistant is measured on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.assistant.words import words
from headstart.data.missing import is_missing
from headstart.data.text import decode_text
from headstart.errors import LayoutError, NotEnoughDataError, ParameterError

if TYPE_CHECKING:
    from headstart.assistant.passages import Passage

_NAMES = {
    "question": ("question", "query", "frage", "pregunta"),
    "file": ("file", "document", "source", "datei"),
    "passage": ("passage", "gold_text", "answer", "text", "antwort"),
    "page": ("page", "seite"),
    "previous": ("previous", "history"),
}
_SHINGLE = 5
_SHARE = 0.5
_AROUND = 1


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and where its answer stands.

    Attributes
    ----------
    question
        In a person's own words.
    file
        Name of the document, as in the folder; empty where it is not told.
    passage
        The text that answers it, or its beginning; empty where the file is all that is told.
    page
        The page that answers it; None where it is not told.
    previous
        What was asked before.
    """

    question: str
    file: str = ""
    passage: str = ""
    page: int | None = None
    previous: str = ""

    @property
    def has_answer(self) -> bool:
        """Whether the documents hold an answer to it; one without a place should not be answered."""
        return bool(self.file or self.passage)


def is_right(passage: Passage, question: Question) -> bool:
    """Return whether a passage is the place of the answer.

    It is from the file, from the page or the one beside it, and shares half of the runs of five words that
    the shorter of the two texts has, as far as each of these is told.
    """
    if question.file and passage.document != question.file:
        return False
    if question.page is not None and passage.page is not None:
        return abs(passage.page - question.page) <= _AROUND
    return not question.passage or _shares(passage.worded, question.passage)


def _shares(text: str, wanted: str) -> bool:
    said, sought = words(text), words(wanted)
    width = max(min(_SHINGLE, len(said), len(sought)), 1)
    there, asked = _shingles(said, width), _shingles(sought, width)
    return len(there & asked) >= max(_SHARE * min(len(there), len(asked)), 1)


def _shingles(said: Sequence[str], width: int) -> set[tuple[str, ...]]:
    return {tuple(said[i : i + width]) for i in range(len(said) - width + 1)}


def read_questions(path: str | Path) -> list[Question]:
    """Read questions from a table: CSV with a header, or JSONL.

    Columns: ``question``; ``file`` or ``passage`` (the text that answers it) or both; ``page`` and
    ``previous`` (what was asked before) where they matter. A row without file and passage is a question that
    the documents do not answer.

    Raises
    ------
    LayoutError
        When there is no column of questions, or none that says where the answers are.
    NotEnoughDataError
        When there is no question.
    """
    path = Path(path)
    if not path.is_file():
        raise ParameterError(f"There is no file {path}.", "Name a CSV file with columns question,file.")
    text = decode_text(path)
    rows = list(_json_rows(text, path) if path.suffix.lower() == ".jsonl" else _csv_rows(text, path))
    questions = [_question(row, path, number) for number, row in enumerate(rows, 2)]
    asked = [question for question in questions if question.question]
    if not asked:
        raise NotEnoughDataError(f"{path} holds no question.", "Write one a row, below 'question'.")
    return asked


def _csv_rows(text: str, path: Path) -> Iterator[dict[str, Any]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    columns = _columns(reader.fieldnames or (), path)
    try:
        for row in reader:
            yield {role: row.get(name) for role, name in columns.items()}
    except csv.Error as error:
        raise LayoutError(
            f"{path}, line {reader.line_num} is no row of CSV: {error}.", "Save the table as CSV once more."
        ) from error


def _json_rows(text: str, path: Path) -> Iterator[dict[str, Any]]:
    columns: Mapping[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise LayoutError(f"{path}, line {number} is no JSON: {error}.", "Correct the line.") from error
        if not isinstance(row, dict):
            raise LayoutError(f"{path}, line {number} must be an object like {{'question': …}}.")
        columns = _columns(list(row), path, columns)
        yield {role: row.get(name) for role, name in columns.items()}


def _columns(found: Sequence[str], path: Path, known: Mapping[str, str] = {}) -> dict[str, str]:
    """Return which column plays which role; the first of its names that is there."""
    lower = {name.strip().lower(): name for name in found}
    columns = dict(known)
    for role, names in _NAMES.items():
        here = [lower[name] for name in names if name in lower]
        if here:
            columns.setdefault(role, here[0])
    told = {"file", "passage"} & set(columns)
    missing = "question" if "question" not in columns else "" if told else "file"
    if missing:
        raise LayoutError(
            f"{path} needs columns 'question' and 'file' (or 'passage', the text that answers it); "
            f"found {', '.join(map(repr, found)) or 'none'}.",
            f"Name a column {missing!r}. Leave 'file' empty where the documents do not hold the answer.",
        )
    return columns


def _question(row: Mapping[str, Any], path: Path, number: int) -> Question:
    said = {role: "" if is_missing(value) else str(value).strip() for role, value in row.items()}
    page = said.get("page", "")
    if page and not page.isdigit():
        raise LayoutError(f"{path}, row {number}: page must be a whole number, found {page!r}.")
    return Question(
        question=said.get("question", ""),
        file=said.get("file", "").replace("\\", "/"),
        passage=said.get("passage", ""),
        page=int(page) if page else None,
        previous=said.get("previous", ""),
    )
