"""How rows of the database become frozen dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from sqlite3 import Connection
from typing import Any, TypeAlias, TypeVar

Row = TypeVar("Row")
Values: TypeAlias = Sequence[Any] | Mapping[str, Any]


def columns(kind: Any, table: str) -> str:
    """Return the columns of a table that the fields of a dataclass hold, in their order."""
    names = ("class" if field.name == "owner" else field.name for field in fields(kind))
    return ", ".join(f"{table}.{name}" for name in names)


def every(connection: Connection, kind: Callable[..., Row], sql: str, values: Values = ()) -> list[Row]:
    """Return the rows that a query finds."""
    return [kind(*row) for row in connection.execute(sql, values)]


def first(connection: Connection, kind: Callable[..., Row], sql: str, values: Values = ()) -> Row | None:
    """Return the first row that a query finds; None where it finds none."""
    row = connection.execute(sql, values).fetchone()
    return None if row is None else kind(*row)


def count(connection: Connection, sql: str, values: Values = ()) -> int:
    """Return the one number that a query finds."""
    return int(connection.execute(sql, values).fetchone()[0])
