"""Cells of formats that know more than text: JSON, Parquet, and the objects of Python."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from headstart.data.missing import is_missing
from headstart.data.names import safe_name
from headstart.data.text import clean

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Nested:
    """A cell that holds a list of several values, or an object, where one value was expected."""

    value: Any

    @property
    def is_valid(self) -> bool:
        """False where it holds nothing: then it is missing, unless an empty list says something."""
        return bool(self.value)

    @property
    def what(self) -> str:
        """Return what it is, for messages."""
        return "an object" if isinstance(self.value, dict) else "a list"

    @property
    def excerpt(self) -> str:
        """Return how it begins, on one line."""
        text = safe_name(str(self))
        return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"

    def __str__(self) -> str:
        return json.dumps(self.value, ensure_ascii=False, default=str)


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A number outside the names that a data set declares; -1 often stands for "not known"."""

    number: int

    def __str__(self) -> str:
        return str(self.number)


Cell: TypeAlias = str | bytes | Nested | Undeclared | None


def plain_cell(value: Any, names: Sequence[str] | None = None) -> Cell:
    """Return a value of JSON or Parquet as a cell: a text, bytes, None where it is missing, or what it holds.

    A list of one value counts as that value.

    Parameters
    ----------
    names
        What the file declares numbered classes to be called.
    """
    if isinstance(value, str):
        return clean(value)
    if is_missing(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if names is not None and isinstance(value, int):
        return names[value] if 0 <= value < len(names) else Undeclared(value)
    if isinstance(value, list | tuple | dict):
        return _nested(value, names)
    return value if isinstance(value, bytes) else str(value)


def _nested(value: Any, names: Sequence[str] | None) -> Cell:
    inner = value
    if isinstance(value, dict) and set(value) == {"choices"} and isinstance(value["choices"], list):
        inner = value["choices"]  # one answer of a labelling tool: {"choices": ["good"]}
    if isinstance(inner, dict):
        return Nested(inner) if inner else None
    if not inner:
        return Nested([])
    if all(is_missing(element) for element in inner):
        return None
    if len(inner) == 1:
        return plain_cell(inner[0], names)
    return Nested(
        [element if isinstance(element, list | dict) else _name_of(element, names) for element in inner]
    )


def _name_of(value: Any, names: Sequence[str] | None) -> Any:
    return value if isinstance(value, str | float) or value is None else str(plain_cell(value, names))
