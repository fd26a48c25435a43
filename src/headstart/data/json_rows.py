"""Read the rows of JSON: one object a line, a list of objects, or one document as tools export it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headstart.data.cells import Cell, plain_cell
from headstart.data.columns import WELL_KNOWN
from headstart.data.layout import looks_like_splits
from headstart.errors import DataError, LayoutError

Row = tuple[int, Mapping[str, Cell]]
Bad = tuple[int, str]

EXPECTED = 'Expected an object like {"text": "…", "label": "…"} on this line.'
_WRAPPERS = ("data", "rows", "records", "examples")
_EXAMPLE = '{"text": "…", "label": "…"}'


def json_rows(text: str, name: str) -> Iterator[Row | Bad]:
    """Yield each row with its line or number, or the reason why it is none.

    Raises
    ------
    DataError
        When a list of objects is no valid JSON.
    LayoutError
        When a document holds rows in a way that has no single meaning.
    """
    document = None if is_lines(text) else _document(text, name)
    if document is None:
        for line, content in enumerate(text.split("\n"), 1):
            if content.strip():
                yield row_of_line(line, content)
        return
    for number, record in enumerate(_records(document, name), 1):
        yield row_of(number, record)


def row_of_line(line: int, content: str) -> Row | Bad:
    """Return what one line holds."""
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        words = getattr(error, "msg", type(error).__name__)
        return line, f"The line is no valid JSON ({words}); mend or remove it."
    return row_of(line, record)


def row_of(line: int, record: Any) -> Row | Bad:
    """Return the cells of one record."""
    if not isinstance(record, dict):
        return line, EXPECTED
    record = _flat(record)
    return line, {str(name): plain_cell(value) for name, value in record.items()}


def _flat(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the data of a labelling tool's task with the choices that were made, each by its own name.

    ``{"data": {"text": …}, "annotations": [{"result": [{"from_name": …, "value": {"choices": […]}}]}]}``, as
    Label Studio exports; what annotators do not agree on is a list of several.
    """
    data, annotations = record.get("data"), record.get("annotations")
    if not isinstance(data, dict) or not isinstance(annotations, list):
        return record
    chosen: dict[str, dict[Any, None]] = {}
    for annotation in annotations:
        results = annotation.get("result") if isinstance(annotation, dict) else None
        for result in results if isinstance(results, list) else []:
            value = result.get("value") if isinstance(result, dict) else None
            choices = value.get("choices") if isinstance(value, dict) else None
            if not isinstance(choices, list):
                return record  # a box or a span: no class of the whole
            chosen.setdefault(str(result.get("from_name", "label")), {}).update(
                dict.fromkeys(map(str, choices))
            )
    return {**data, **{name: list(choices) for name, choices in chosen.items()}}


def is_lines(text: str) -> bool:
    """Tell whether a text holds one object a line, by its first line and what follows it."""
    first, _, rest = text.lstrip().partition("\n")
    if not first.startswith("{") or not rest.strip():
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _document(text: str, name: str) -> Any:
    """Return the one value that the whole text is, or None where its lines have to be read one by one."""
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.lstrip()[:1] == "{":
            return None
        raise DataError(
            f"{name} is no valid JSON: {error}.", "Export it again, one object a line."
        ) from error


def _records(document: Any, name: str) -> Sequence[Any]:
    if isinstance(document, list):
        if document and all(isinstance(record, list) for record in document):
            raise LayoutError(
                f"{name} holds lists without the names of their columns.",
                f"Export one object a row, such as {_EXAMPLE}; in pandas: to_json(orient='records').",
            )
        return document
    records = _split(document) or _wrapped(document) or _lists(document) or _keyed(document, name)
    return [document] if records is None else records


def _split(document: Mapping[str, Any]) -> list[Any] | None:
    """Return the rows of ``{"columns": […], "data": [[…], …]}``, pandas' orient="split"."""
    columns, data = document.get("columns"), document.get("data")
    if not (isinstance(columns, list) and isinstance(data, list)):
        return None
    if not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        return None
    return [dict(zip(map(str, columns), row, strict=True)) for row in data]


def _wrapped(document: Mapping[str, Any]) -> list[Any] | None:
    """Return the one list of objects in a document: ``{"data": [{…}]}``, or the list of each split."""
    lists = {name: value for name, value in document.items() if isinstance(value, list) and value}
    if not lists or not all(map(_is_records, lists.values())):
        return None
    if len(lists) == len(document) and looks_like_splits(lists):
        return [{"split": split, **row} for split, rows in lists.items() for row in rows]
    names = list(lists) if len(lists) == 1 else [name for name in lists if name in _WRAPPERS]
    if len(names) != 1:
        return None
    rows = lists[names[0]]
    inner = [row["row"] for row in rows if isinstance(row.get("row"), dict)]  # as the Hub answers
    return inner if len(inner) == len(rows) else rows


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(element, dict) for element in value)


def _lists(document: Mapping[str, Any]) -> list[Any] | None:
    """Return the rows of ``{"text": […], "label": […]}``."""
    columns = list(document.values())
    if not columns or not all(isinstance(column, list) for column in columns):
        return None
    if len({len(column) for column in columns}) != 1 or len(columns[0]) < 2:
        return None
    return [dict(zip(document, row, strict=True)) for row in zip(*columns, strict=True)]


def _keyed(document: Mapping[str, Any], name: str) -> list[Any] | None:
    """Return the rows of objects in an object: pandas' orient="columns" or "index"."""
    if not document or not all(isinstance(value, dict) and value for value in document.values()):
        return None
    inner = list(dict.fromkeys(key for value in document.values() for key in value))
    if len(document) == 1 and not (_are_numbers(list(document)) or _are_numbers(inner)):
        return None
    if _names_columns(list(document), inner, name):
        return [{column: cells.get(key) for column, cells in document.items()} for key in inner]
    return list(document.values())


def _names_columns(outer: Sequence[str], inner: Sequence[str], name: str) -> bool:
    """Tell whether the outer keys name the columns and the inner ones the rows, or the other way round."""
    for test in (_are_numbers, _are_unknown):
        if test(outer) != test(inner):
            return test(inner)
    if len(outer) == len(inner):
        raise LayoutError(
            f"Cannot tell rows from columns in {name}: it holds {len(outer)} objects of {len(inner)} values.",
            f"Export one object a row, such as {_EXAMPLE}; in pandas: to_json(orient='records').",
        )
    return len(outer) < len(inner)


def _are_numbers(keys: Sequence[str]) -> bool:
    return all(key.isdecimal() for key in keys)


def _are_unknown(keys: Sequence[str]) -> bool:
    return not any(key.strip().lower() in WELL_KNOWN for key in keys)
