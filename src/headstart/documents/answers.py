"""Read tables of questions with their answers: CSV and spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headstart._optional import require
from headstart.data.missing import is_missing
from headstart.data.rows import allow_long_fields, numbered, separator
from headstart.data.spreadsheet import written_cell
from headstart.data.text import clean, decode_bytes
from headstart.documents.blocks import Draft
from headstart.documents.document import QuestionAnswer
from headstart.documents.limits import ReadingLimits
from headstart.documents.packed import opened
from headstart.documents.plain_text import lines_kept, normal, one_line
from headstart.errors import SourceError

_QUESTIONS = frozenset(
    "question questions q query prompt frage fragen pregunta domanda vraag pergunta 问题 質問 вопрос".split()
) | {"customer question", "user question"}
_ANSWERS = frozenset(
    "answer answers a reply response antwort antworten réponse reponse respuesta risposta antwoord resposta "
    "答案 回答 ответ".split()
) | {"best answer", "accepted answer", "our answer"}
_SHOWN = 6
Row = tuple[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Columns:
    question: int
    answer: int
    header: bool = True


def read_answers(content: bytes, name: str, limits: ReadingLimits) -> Draft:
    """Read the bytes of a table; `name` is that of its file.

    Raises
    ------
    SourceError
        When it is damaged, or has no columns for questions and answers.
    """
    draft = Draft()
    sheets = _sheets(content, limits) if _is_spreadsheet(content) else [("", _delimited(content, draft))]
    filled = [(sheet, rows) for sheet, rows in sheets if rows]
    if not filled:
        raise SourceError("The table is empty; fill it in or remove it.", kind="empty_text")
    known = [(sheet, rows, columns) for sheet, rows in filled if (columns := _columns(rows))]
    if not known:
        raise _no_columns(filled[0][1][0][1])
    for sheet, rows, columns in known:
        _take(draft, f"{name}:{sheet}" if len(sheets) > 1 else name, rows, columns)
    if not draft.pairs:
        raise SourceError("No row has both a question and an answer; fill them in.", kind="empty_text")
    others = [sheet for sheet, _ in filled if sheet not in {one for one, *_ in known}]
    if others:
        draft.notes.append(f"Sheets without questions and answers were not read: {', '.join(others)}.")
    return draft


def _is_spreadsheet(content: bytes) -> bool:
    return content.startswith((b"PK", b"\xd0\xcf\x11\xe0"))


def _delimited(content: bytes, draft: Draft) -> list[Row]:
    text, note = decode_bytes(content)
    if note:
        draft.notes.append(note)
    allow_long_fields()
    text = clean(text)
    delimiter, skipped = separator(text)
    lines = io.StringIO(text)
    for _ in range(skipped):
        next(lines)
    try:
        rows = [
            (str(line), cells) for line, cells in numbered(csv.reader(lines, delimiter=delimiter), skipped)
        ]
    except csv.Error as error:
        raise SourceError(f"The table is damaged ({error}); save it again.") from error
    if text.count('"') % 2 and rows:
        _refuse_open_quote(*rows[-1])
    return rows


def _refuse_open_quote(line: str, cells: Sequence[str]) -> None:
    lost = sum(cell.count("\n") for cell in cells)
    if lost:
        raise SourceError(
            f"A quote opens in line {line} and never closes, so {lost} lines after it are lost; close it.",
            kind="open_quote",
        )


def _sheets(content: bytes, limits: ReadingLimits) -> list[tuple[str, list[Row]]]:
    calamine = require("python_calamine", "documents", "read spreadsheets")
    if content.startswith(b"PK"):
        with opened(content, limits):
            pass
    try:
        book = calamine.load_workbook(io.BytesIO(content))
        return [(name, list(_rows(book.get_sheet_by_name(name)))) for name in book.sheet_names]
    except BaseException as error:  # the library raises many kinds, and panics that are no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        if "assword" in str(error):
            raise SourceError("It needs a password; save it without.", kind="encrypted") from error
        raise SourceError(f"It is damaged ({error}); save it again.", kind="truncated") from error


def _rows(sheet: object) -> Iterator[Row]:
    rows = sheet.to_python(skip_empty_area=False)  # type: ignore[attr-defined]
    for number, cells in enumerate(rows, 1):
        written = [written_cell(cell) for cell in cells]
        if any(cell.strip() for cell in written):
            yield str(number), written


def _columns(rows: Sequence[Row]) -> _Columns | None:
    names = [one_line(name.strip("\ufeff *:")).lower() for name in rows[0][1]]
    question = next((place for place, name in enumerate(names) if name in _QUESTIONS), None)
    answer = next((place for place, name in enumerate(names) if name in _ANSWERS), None)
    if question is not None and answer is not None:
        return _Columns(question, answer)
    asked = sum(len(cells) > 1 and cells[0].rstrip().endswith(("?", "？")) for _, cells in rows)
    two = all(len([cell for cell in cells if cell.strip()]) <= 2 for _, cells in rows)
    if two and asked > 0.7 * len(rows):
        return _Columns(0, 1, header=not rows[0][1][0].rstrip().endswith(("?", "？")))
    return None


def _take(draft: Draft, place: str, rows: Sequence[Row], columns: _Columns) -> None:
    unanswered = 0
    for number, cells in rows[columns.header :]:
        asked, said = (_cell(cells, column) for column in (columns.question, columns.answer))
        if asked and said:
            draft.pairs.append(QuestionAnswer(one_line(asked), said, f"{place}:{number}"))
        elif asked or said:
            unanswered += 1
    if unanswered:
        rows_are = "1 row" if unanswered == 1 else f"{unanswered} rows"
        draft.notes.append(f"{rows_are} without a question or an answer left out.")


def _cell(cells: Sequence[str], column: int) -> str:
    written = cells[column] if column < len(cells) else ""
    return "" if is_missing(written) else lines_kept(normal(written)).strip()


def _no_columns(first: Sequence[str]) -> SourceError:
    found = ", ".join(one_line(normal(name))[:40] or "(blank)" for name in first[:_SHOWN])
    more = f" and {len(first) - _SHOWN} more" if len(first) > _SHOWN else ""
    return SourceError(
        f"Expected a table with the columns question and answer, found {found}{more}; name its columns so.",
        kind="not_answers",
    )
