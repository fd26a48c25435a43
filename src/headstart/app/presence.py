"""Which apps are open on a workspace, so that its worker knows whether anybody is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from headstart.app import store

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

EVERY = 2.0
_FRESH = 8.0
_STOP = "worker:stop"


def show(workspace: Workspace, app: str) -> None:
    """Say that an app is here; also takes back the wish that the worker stop."""
    with workspace.database.writing(durable=False) as connection:
        now = time.time()
        store.apps.seen(connection, app, now, forget=now - 10 * _FRESH)
        store.notes.remove(connection, _STOP)


def leave(workspace: Workspace, app: str) -> bool:
    """Say that an app goes; where it was the last, ask the worker to stop. Return whether it was."""
    with workspace.database.writing() as connection:
        store.apps.remove(connection, app)
        if store.apps.any_since(connection, time.time() - _FRESH):
            return False
        store.notes.put(connection, _STOP, "yes")
    return True


def somebody(workspace: Workspace) -> bool:
    """Return whether any app is here."""
    with workspace.database.reading() as connection:
        return store.apps.any_since(connection, time.time() - _FRESH)


def asked_to_stop(workspace: Workspace) -> bool:
    """Return whether the last app has asked the worker to stop."""
    with workspace.database.reading() as connection:
        return store.notes.get(connection, _STOP) is not None
