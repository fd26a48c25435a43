"""Share a model or an assistant on this machine's network: only while the person has turned it on.

Who asks needs a token. For a model it opens all there is; for an assistant it asks, and does nothing else.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from headstart.app import store
from headstart.app.capabilities import can_serve
from headstart.app.faults import NoModelError
from headstart.app.library import ASSISTANT, has_assistant, is_library, nothing_read
from headstart.app.workspace import MODEL
from headstart.errors import HeadstartError
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

_START_SECONDS = 60.0
_LOOK_SECONDS = 1.0
_WHY_NOT = "This version cannot share a model yet."


@dataclass
class _Shared:
    process: subprocess.Popen[bytes]
    address: str
    url: str
    token: str
    command: str
    mark: tuple[int, int] | None = None


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
            "command": there.command if on and there else None,
            "available": can_serve(),
            "why": None if can_serve() else _WHY_NOT,
        }

    def start(self, project: str) -> dict[str, Any]:
        """Share the model or the assistant of a project.

        Raises
        ------
        NoModelError
            When there is none.
        NotFoundError
            When no document was read yet.
        """
        with self.workspace.database.reading() as connection:
            row = store.projects.get(connection, project)
        home = self.workspace.root / row.folder
        if is_library(row):
            if not has_assistant(self.workspace, row):
                raise nothing_read()
        elif not (home / MODEL / "manifest.json").is_file():
            raise NoModelError
        if not can_serve():
            raise HeadstartError(_WHY_NOT, "Download it instead.")
        with self._lock:
            if not self.state(project)["on"]:
                self._shared[project] = (
                    _serve_assistant(home / ASSISTANT)
                    if is_library(row)
                    else _serve_model(home / MODEL, kind_of(row.modality).words.field)
                )
                if is_library(row):
                    threading.Thread(target=self._follow, args=(project,), name="share", daemon=True).start()
        return self.state(project)

    def _follow(self, project: str) -> None:
        """Keep what is shared in step with what is saved, for as long as it is shared."""
        while project in self._shared:
            time.sleep(_LOOK_SECONDS)
            try:
                self.refresh(project)
            except HeadstartError:  # it is off now, which the screen shows
                return

    def refresh(self, project: str) -> None:
        """Share what an assistant knows now, at the same address: what was removed must not be answered."""
        with self._lock:
            there = self._shared.get(project)
            if there is None or there.mark is None:
                return
            with self.workspace.database.reading() as connection:
                folder = self.workspace.root / store.projects.get(connection, project).folder / ASSISTANT
            mark = mark_of(folder)
            if mark == there.mark:
                return
            _end(there.process)
            del self._shared[project]
            if mark is not None:
                self._shared[project] = _serve_assistant(folder, there)

    def stop(self, project: str) -> None:
        """Stop sharing the model of a project."""
        with self._lock:
            there = self._shared.pop(project, None)
            if there is not None:
                _end(there.process)

    def stop_all(self) -> None:
        """Stop sharing anything."""
        for project in list(self._shared):
            self.stop(project)


def _serve_model(folder: Path, field: str) -> _Shared:
    token = secrets.token_urlsafe(16)
    process, address = _serve(f"model={folder}", lan_address(), _free_port(lan_address()), token, {})
    asked = f"{address}v1/models/model:predict"
    command = f"curl -H 'Authorization: Bearer {token}' -F {field} {asked}"
    return _Shared(process, address, address, token, command)


def _serve_assistant(folder: Path, before: _Shared | None = None) -> _Shared:
    """Serve an assistant; where one was served before, at its address and with its token."""
    token = secrets.token_urlsafe(16) if before is None else before.token
    if before is None:
        host = lan_address()
        port = _free_port(host)
    else:
        parts = urlsplit(before.address)
        host, port = str(parts.hostname), int(parts.port or 0)
    mark = mark_of(folder)
    own = secrets.token_urlsafe(16)  # opens all there is, and is given to nobody
    process, address = _serve(f"assistant={folder}", host, port, own, {"HEADSTART_ASK_TOKEN": token})
    body = '{"question": "…"}'
    asked = f"-H 'Content-Type: application/json' -d '{body}' {address}v1/assistants/assistant:ask"
    command = f"curl -H 'Authorization: Bearer {token}' {asked}"
    return _Shared(process, address, f"{address}assistant#token={token}", token, command, mark)


def mark_of(folder: Path) -> tuple[int, int] | None:
    """Return what tells one saved assistant from the next; None where there is none."""
    try:
        status = (folder / "assistant.json").stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _free_port(address: str) -> int:
    with socket.socket() as free:
        free.bind((address, 0))
        return int(free.getsockname()[1])


def _serve(
    what: str, host: str, port: int, token: str, tokens: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], str]:
    command = [sys.executable, "-m", "headstart", "serve", what]
    process = subprocess.Popen(
        [*command, "--host", host, "--port", str(port)],
        # In the environment, where other users of the machine cannot read it.
        env={**os.environ, **tokens, "HEADSTART_TOKEN": token},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection((host, port), timeout=0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process, f"http://{host}:{port}/"
    process.kill()
    process.wait()
    folder = what.partition("=")[2]
    raise HeadstartError("It could not be shared.", f"Try it in a terminal: headstart serve {folder}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def lan_address() -> str:
    """Return the address that other machines reach this one by; nothing is sent to find it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address of no machine: only the route is looked up
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
