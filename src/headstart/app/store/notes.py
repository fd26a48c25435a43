"""Single values that outlive the app, by name."""

from __future__ import annotations

from sqlite3 import Connection

from headstart.app.store.rows import first


def get(connection: Connection, key: str) -> str | None:
    """Return a value; None where there is none."""
    return first(connection, str, "SELECT value FROM notes WHERE key = ?", (key,))


def put(connection: Connection, key: str, value: str) -> None:
    """Keep a value in place of the one before."""
    connection.execute("INSERT OR REPLACE INTO notes (key, value) VALUES (?, ?)", (key, value))


def remove(connection: Connection, key: str) -> None:
    """Forget a value."""
    connection.execute("DELETE FROM notes WHERE key = ?", (key,))
