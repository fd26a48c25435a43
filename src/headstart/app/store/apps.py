"""The apps that are open, and when each was last seen."""

from __future__ import annotations

from sqlite3 import Connection

from headstart.app.store.rows import count


def seen(connection: Connection, app: str, now: float, *, forget: float) -> None:
    """Note that an app is here, and forget those that were last seen before `forget`."""
    connection.execute("INSERT OR REPLACE INTO apps (id, seen) VALUES (?, ?)", (app, now))
    connection.execute("DELETE FROM apps WHERE seen < ?", (forget,))


def remove(connection: Connection, app: str) -> None:
    """Note that an app is gone."""
    connection.execute("DELETE FROM apps WHERE id = ?", (app,))


def any_since(connection: Connection, then: float) -> bool:
    """Return whether an app was seen after a time."""
    return bool(count(connection, "SELECT EXISTS (SELECT 1 FROM apps WHERE seen > ?)", (then,)))
