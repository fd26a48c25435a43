"""Turn the cells of a column of labels, or the labels given in Python, into names of classes.

The one place that says which cells name no class: missing values of any type, the words that programs write
for them, and numbers outside the names that a data set declares.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from headstart.data.cells import Nested, Undeclared, plain_cell
from headstart.data.missing import is_missing
from headstart.data.names import class_name, safe_name
from headstart.data.written_lists import written_out

EMPTY = "[]"
"""The label of a cell that holds an empty list: where labels are tags it has none, else it is missing."""
OTHERWISE = 'To learn classes instead: --target classes (target="classes" in Python).'
"""What to say where another target than classes was found by looking."""
WRITTEN_FOR_NAN = frozenset({"nan", "NaN", "-nan", "-NaN", "<NA>", "NaT"})
"""What a missing value of Python, NumPy or pandas becomes when it is turned into a text."""
_NO_VALUE = WRITTEN_FOR_NAN | frozenset(
    r"\N #N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA".split()
)
"""What is no text in any format: also a null of databases, and the errors of spreadsheets."""
MARKERS = _NO_VALUE | {
    "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN", "N/A", "NA", "N.A.", "NULL", "None",
    "n/a", "n.a.", "N.a.", "nil", "NIL", "null", "undefined", "(null)", "<null>", "[NULL]",
}  # fmt: skip
"""Texts that are read as missing in a table that holds nothing but text, most of them by pandas too."""


@dataclass
class LabelCells:
    """What is met while the cells of one column are read.

    Attributes
    ----------
    where
        What to call the column in a message: ``the column 'label' of reviews.csv``.
    column
        The name of the column itself; empty where the labels have none.
    typed
        Whether the format has a missing value of its own, so that the text ``NA`` is a text.
    printed
        Whether values of Python may have become texts: ``astype(str)`` writes None as "None".
    role
        What a cell names: a ``label`` or a ``group``.
    tags
        Whether labels are tags, so that an empty list says that there are none.
    markers
        Count of the texts that stand for a missing value.
    undeclared
        Count of numbers outside the declared names.
    several, objects
        Cells that hold a list of several labels, or an object.
    missing
        Whether any cell names nothing.
    booleans
        Whether any cell is true or false by its type.
    """

    where: str
    column: str = ""
    typed: bool = False
    role: str = "label"
    printed: bool = False
    tags: bool = False
    markers: Counter[str] = field(default_factory=Counter)
    undeclared: Counter[str] = field(default_factory=Counter)
    several: list[Nested] = field(default_factory=list)
    objects: list[Nested] = field(default_factory=list)
    missing: bool = False
    booleans: bool = False

    def name(self, value: Any) -> str | None:
        """Return the class or group that a cell names, or None where it names none."""
        if self.role == "label" and _is_empty(value):
            self.missing = self.missing or not self.tags
            return EMPTY
        named = self._name(value)
        self.missing = self.missing or named is None
        return named

    def _name(self, value: Any) -> str | None:
        value = None if is_missing(value) else _unwrapped(value)
        if is_missing(value):
            return None
        if isinstance(value, Nested):
            return self._of_nested(value)
        if isinstance(value, Undeclared):
            self.undeclared[str(value)] += 1
            return None
        if isinstance(value, str):
            return self._of_text(value)
        self.booleans = self.booleans or type(value).__name__ in ("bool", "bool_")
        return class_name(str(value)) or None

    def _of_text(self, value: str) -> str | None:
        text = value.strip()
        markers = _NO_VALUE if self.typed else MARKERS
        if text in markers or (self.printed and text == "None"):
            self.markers[text] += 1
            return None
        inner = written_out(text) if self.role == "label" else None
        if inner is None:
            return class_name(text) or None
        cell = plain_cell(inner)
        if is_missing(cell):
            return None
        if isinstance(cell, Nested):
            self._of_nested(cell)
            return class_name(text)
        return class_name(str(cell)) or None

    def _of_nested(self, cell: Nested) -> str | None:
        (self.objects if isinstance(cell.value, dict) else self.several).append(cell)
        return class_name(str(cell))

    @property
    def _of(self) -> str:
        return f"of {self.column!r}" if self.column else f"of the {self.role}s"

    def notes(self) -> list[str]:
        """Return what a person should know of the cells that name nothing."""
        notes = []
        if self.markers:
            said = " and ".join(_said(count, text, self._of) for text, count in self.markers.most_common())
            kind = "class" if self.role == "label" else "group"
            notes.append(f"{said}: read as no {self.role}; rename it if it is a {kind}.")
        for number, count in self.undeclared.most_common():
            notes.append(
                f"{_cells(count)} {self._of} {_verb(count, 'hold')} {number}, which is outside the names "
                "that the data set declares: read as no label."
            )
        return notes


def _is_empty(value: Any) -> bool:
    """Tell an empty list, in whatever way it comes or is written out."""
    if isinstance(value, str):
        return value.strip() in (EMPTY, "{}", "()")
    if isinstance(value, Nested):
        return not value.value
    if isinstance(value, list | tuple | set | frozenset):
        return not value
    return getattr(value, "ndim", 0) == 1 and len(value) == 0


def _unwrapped(value: Any) -> Any:
    """Return the value that a wrapper of another library, or of Python, holds."""
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name
    if isinstance(value, bytes):  # NumPy's too
        return value.decode("utf-8", "replace")
    if isinstance(value, set | frozenset):
        return _unwrapped(sorted(value, key=str))
    if isinstance(value, list | tuple | dict):
        return _of_container(value)
    if hasattr(value, "as_py"):  # a scalar of pyarrow
        return _unwrapped(value.as_py())
    if hasattr(value, "to_list"):  # a series of pandas or polars
        return _unwrapped(value.to_list())
    if hasattr(value, "item") and hasattr(value, "ndim"):  # a scalar or array of NumPy, a tensor
        return _of_array(value)
    return value


def _of_container(value: Any) -> Any:
    """Return the one value in a list, with its type, or what it holds."""
    if not isinstance(value, dict) and len(value) == 1 and not isinstance(value[0], list | tuple | dict):
        return None if is_missing(value[0]) else _unwrapped(value[0])
    return plain_cell(value)


def _of_array(value: Any) -> Any:
    if value.ndim:
        return _unwrapped(value.tolist())
    keeps_its_type = type(value).__name__ in ("datetime64", "timedelta64", "float32", "float16")
    return value if keeps_its_type else value.item()


def _said(count: int, text: str, of: str) -> str:
    return f"{_cells(count)} {of} {_verb(count, 'say')} {safe_name(text)!r}"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def _verb(count: int, verb: str) -> str:
    return f"{verb}s" if count == 1 else verb
