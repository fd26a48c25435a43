"""Share a model on this machine's network: only while the person has turned it on, and with a token."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.app import store
from headstart.app.capabilities import can_serve
from headstart.app.faults import NoModelError
from headstart.app.workspace import MODEL
from headstart.errors import HeadstartError
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

_START_SECONDS = 60.0
_WHY_NOT = "This version cannot share a model yet."


@dataclass
class _Shared:
    process: subprocess.Popen[bytes]
    url: str
    token: str
    field: str


class Sharing:
    """Runs ``headstart serve`` for each model that is shared, and ends it with the app.

    Parameters
    ----------
    workspace
        Whose projects.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._shared: dict[str, _Shared] = {}
        self._lock = threading.Lock()

    def state(self, project: str) -> dict[str, Any]:
        """Return ``{on, url, token, command, available, why}``."""
        there = self._shared.get(project)
        on = there is not None and there.process.poll() is None
        return {
            "on": on,
            "url": there.url if on and there else None,
            "token": there.token if on and there else None,
            "command": _command(there) if on and there else None,
            "available": can_serve(),
            "why": None if can_serve() else _WHY_NOT,
        }

    def start(self, project: str) -> dict[str, Any]:
        """Share the model of a project.

        Raises
        ------
        NoModelError
            When there is none.
        """
        with self.workspace.database.reading() as connection:
            row = store.projects.get(connection, project)
        model, modality = self.workspace.root / row.folder / MODEL, row.modality
        if not (model / "manifest.json").is_file():
            raise NoModelError
        if not can_serve():
            raise HeadstartError(_WHY_NOT, "Download the model instead.")
        with self._lock:
            if not self.state(project)["on"]:
                self._shared[project] = _serve(str(model), kind_of(modality).words.field)
        return self.state(project)

    def stop(self, project: str) -> None:
        """Stop sharing the model of a project."""
        with self._lock:
            there = self._shared.pop(project, None)
            if there is not None:
                there.process.terminate()
                try:
                    there.process.wait(timeout=5.0)
                except subprocess.TimeoutExpired:
                    there.process.kill()
                    there.process.wait()

    def stop_all(self) -> None:
        """Stop sharing anything."""
        for project in list(self._shared):
            self.stop(project)


def _serve(model: str, field: str) -> _Shared:
    address, token = lan_address(), secrets.token_urlsafe(16)
    with socket.socket() as free:
        free.bind((address, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "headstart", "serve", f"model={model}"]
    process = subprocess.Popen(
        [*command, "--host", address, "--port", str(port)],
        # In the environment, where other users of the machine cannot read it.
        env={**os.environ, "HEADSTART_TOKEN": token},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection((address, port), timeout=0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return _Shared(process, f"http://{address}:{port}/", token, field)
    process.kill()
    process.wait()
    raise HeadstartError("The model could not be shared.", f"Try it in a terminal: headstart serve {model}")


def _command(there: _Shared) -> str:
    """Return what a person types on another machine to ask the model."""
    address = f"{there.url}v1/models/model:predict"
    return f"curl -H 'Authorization: Bearer {there.token}' -F {there.field} {address}"


def lan_address() -> str:
    """Return the address that other machines reach this one by; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address of no machine: only the route is looked up
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
