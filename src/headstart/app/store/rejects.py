"""Files that could not be used and were not kept, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from sqlite3 import Connection

from headstart.app.store.rows import columns, every

_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Reject:
    """A file that could not be used."""

    id: str
    project: str
    name: str
    code: str
    reason: str
    added: float


_COLUMNS = columns(Reject, "rejects")


def add(connection: Connection, project: str, rejected: Iterable[Reject]) -> None:
    """Keep the reasons of the newest, so that the list is still there tomorrow."""
    connection.executemany(
        "INSERT INTO rejects (id, project, name, code, reason, added) VALUES (?, ?, ?, ?, ?, ?)",
        map(astuple, rejected),
    )
    connection.execute(
        "DELETE FROM rejects WHERE project = ? AND id NOT IN "
        "(SELECT id FROM rejects WHERE project = ? ORDER BY added DESC LIMIT ?)",
        (project, project, _REMEMBERED),
    )


def listed(connection: Connection, project: str) -> list[Reject]:
    """Return what could not be used, the newest first."""
    query = f"SELECT {_COLUMNS} FROM rejects WHERE project = ? ORDER BY added DESC, id"
    return every(connection, Reject, query, (project,))


def remove(connection: Connection, project: str, ids: Sequence[str]) -> None:
    """Take some off the list."""
    connection.executemany(
        "DELETE FROM rejects WHERE project = ? AND id = ?", [(project, ident) for ident in ids]
    )


def clear(connection: Connection, project: str) -> None:
    """Take all off the list."""
    connection.execute("DELETE FROM rejects WHERE project = ?", (project,))
