"""Which apps are open on a workspace, so that its worker knows whether anybody is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

EVERY = 2.0
_FRESH = 8.0
_STOP = "worker:stop"


def show(workspace: Workspace, app: str) -> None:
    """Say that an app is here; also takes back the wish that the worker stop."""
    with workspace.database.writing(durable=False) as connection:
        connection.execute("INSERT OR REPLACE INTO apps (id, seen) VALUES (?, ?)", (app, time.time()))
        connection.execute("DELETE FROM apps WHERE seen < ?", (time.time() - 10 * _FRESH,))
        connection.execute("DELETE FROM notes WHERE key = ?", (_STOP,))


def leave(workspace: Workspace, app: str) -> bool:
    """Say that an app goes; where it was the last, ask the worker to stop. Return whether it was."""
    with workspace.database.writing() as connection:
        connection.execute("DELETE FROM apps WHERE id = ?", (app,))
        last = connection.execute(
            "SELECT 1 FROM apps WHERE seen > ? LIMIT 1", (time.time() - _FRESH,)
        ).fetchone()
        if last is not None:
            return False
        connection.execute("INSERT OR REPLACE INTO notes VALUES (?, 'yes')", (_STOP,))
    return True


def somebody(workspace: Workspace) -> bool:
    """Return whether any app is here."""
    with workspace.database.reading() as connection:
        return (
            connection.execute(
                "SELECT 1 FROM apps WHERE seen > ? LIMIT 1", (time.time() - _FRESH,)
            ).fetchone()
            is not None
        )


def asked_to_stop(workspace: Workspace) -> bool:
    """Return whether the last app has asked the worker to stop."""
    with workspace.database.reading() as connection:
        return connection.execute("SELECT 1 FROM notes WHERE key = ?", (_STOP,)).fetchone() is not None
