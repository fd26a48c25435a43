"""Read rows of a request: an object of JSON, or a form with a field for each cell.

No sender may name a file on this machine: a photo or a sound is sent itself, as a file or as base64.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headstart.data.mixed.values import is_absent
from headstart.data.names import safe_name
from headstart.errors import Refused, SourceError
from headstart.kinds import kind_of
from headstart.row import Row
from headstart.serve.base_64 import bytes_of
from headstart.web.parts import Memory

if TYPE_CHECKING:
    from headstart.serve.takes import Takes
    from headstart.web.parts import Part

ROW = "row"
"""The field of a form that holds cells as JSON."""
_SIMPLE = (str, int, float, bool, type(None))


def row_of(name: str, cells: Mapping[str, Any], takes: Takes) -> Row:
    """Make a row of an object of JSON.

    Raises
    ------
    SourceError
        When a photo or a sound in it is not base64.
    """
    return Row({column: _cell(column, cell, takes) for column, cell in cells.items()}, name)


def row_of_form(parts: Sequence[Part], takes: Takes) -> Row:
    """Make a row of the fields of a form; of those in a field `ROW` and of those of their own.

    Raises
    ------
    Refused
        When a column is there twice, or the form does not hold what its columns are.
    SourceError
        When a photo or a sound is sent as a text.
    """
    cells: dict[str, Any] = {}
    for part in parts:
        content = bytes(part.sink.content) if isinstance(part.sink, Memory) else b""
        for column, cell in _cells_of(part, content, takes).items():
            if column in cells:
                raise _refused(
                    f"The form has the column {_shown(column)} twice.", "Send each cell once; one row a form."
                )
            cells[column] = cell
    return Row(cells, "input 1")


def is_cell(part: Part, takes: Takes) -> bool:
    """Tell a field that holds a cell, or several, from one that says how to answer."""
    return part.filename is not None or part.name in takes.columns or part.name not in takes.options


def _cells_of(part: Part, content: bytes, takes: Takes) -> Mapping[str, Any]:
    if part.filename is not None:
        if part.name not in takes.files:
            raise _no_file_column(part.name, takes)
        return {part.name: content or None}  # browsers send an empty file where none was chosen
    text = content.decode("utf-8", "replace")
    if part.name == ROW and ROW not in takes.columns:
        return {column: _cell(column, cell, takes) for column, cell in _object(text).items()}
    if part.name in takes.files and not is_absent(text):
        raise SourceError(
            f"The column {_shown(part.name)} holds {_things(part.name, takes)}, and a text was sent; send "
            "the file itself, with curl as -F COLUMN=@FILE.",
            kind="not_a_file",
        )
    return {part.name: text}


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise _refused("The field row is not JSON.", 'Send an object: {"price": 900}') from error
    if not isinstance(found, dict) or not all(isinstance(cell, _SIMPLE) for cell in found.values()):
        raise _refused(
            "The field row must be an object of texts, numbers, true, false and null.",
            'Send one row: {"price": 900}',
        )
    return found


def _cell(column: str, cell: Any, takes: Takes) -> Any:
    """Return the cell of an object: the bytes of a photo or a sound, all others as they are."""
    if column not in takes.files or is_absent(cell):
        return cell
    if not isinstance(cell, str):
        raise SourceError(
            f"The column {_shown(column)} holds {_things(column, takes)}; send the bytes of the file as "
            "base64.",
            kind="not_base64",
        )
    try:
        return bytes_of(cell)
    except SourceError as error:
        raise SourceError(f"{_shown(column)}: {error.message}", kind=error.kind) from error


def _no_file_column(name: str, takes: Takes) -> Refused:
    if not takes.files:
        return _refused(
            f"The form has a file in the field {_shown(name)}, and no column of this model holds files.",
            'Send rows as JSON: {"inputs": [{"column": "value"}]}, or each cell as a field.',
        )
    return _refused(
        f"The form has a file in the field {_shown(name)}, which is no column of photos or sounds.",
        f"Those that are: {', '.join(map(_shown, sorted(takes.files)))}.",
    )


def _things(column: str, takes: Takes) -> str:
    return kind_of(takes.columns[column]).words.many


def _shown(column: str) -> str:
    return repr(safe_name(column)[:60])


def _refused(message: str, hint: str) -> Refused:
    return Refused(422, "parameter", message, hint)
