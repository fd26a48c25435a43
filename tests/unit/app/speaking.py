"""Speak to an app as its own pages do."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from PIL import Image
from starlette.testclient import TestClient

from headstart.app.context import Context
from headstart.app.server import create, guarded
from headstart.app.sharing import Sharing
from headstart.app.supervisor import Supervisor
from headstart.app.trying import Trier
from headstart.app.workspace import Workspace
from headstart.web.journal import Drain

PORT = 7331
ORIGIN = f"http://127.0.0.1:{PORT}"
TOKEN = "the-token-of-the-tests"


def context_of(workspace: Workspace) -> Context:
    return Context(workspace, Supervisor(workspace), Trier(workspace), Sharing(workspace), Drain())


def stranger_to(workspace: Workspace, **options: Any) -> TestClient:
    """A client without a cookie; the worker is not started, since the app's life is not entered."""
    context = context_of(workspace)
    app = guarded(context, create(context), token=TOKEN, host="127.0.0.1", port=PORT)
    return TestClient(app, base_url=ORIGIN, **options)


class Client:
    """A signed-in client that expects success unless told otherwise, and returns what was said."""

    def __init__(self, http: TestClient) -> None:
        self.http = http
        found = http.get(f"/?token={TOKEN}", follow_redirects=False)
        assert found.status_code == 303, found.text

    def get(self, path: str, status: int = 200) -> Any:
        return self._said(self.http.get(path), status)

    def post(self, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        return self._said(self.http.post(path, json=body, **more), status)

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        return self._said(self.http.patch(path, json=body), status)

    def delete(self, path: str, status: int = 200) -> Any:
        return self._said(self.http.delete(path), status)

    def upload(
        self, project: str, files: Sequence[tuple[str, bytes]], status: int = 200, **query: str
    ) -> Any:
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        path = f"/api/projects/{project}/examples"
        return self._said(self.http.post(path, files=parts, params=query), status)

    def project(self, modality: str = "image", name: str = "Pastries") -> str:
        return str(self.post("/api/projects", {"name": name, "modality": modality}, 201)["id"])

    def classes(self, project: str) -> dict[str, Any]:
        return {one["name"]: one for one in self.get(f"/api/projects/{project}/classes")["classes"]}

    def listed(self, project: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/api/projects/{project}/examples?limit=500")["items"]
        return found

    @staticmethod
    def _said(answer: Any, status: int) -> Any:
        assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
        return answer.json()


@contextmanager
def app_on(workspace: Workspace) -> Iterator[Client]:
    yield Client(stranger_to(workspace))


def pictures(count: int, seed: int = 0) -> list[bytes]:
    """Different small photos."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        held = io.BytesIO()
        Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8)).save(held, "PNG")
        made.append(held.getvalue())
    return made


def on_disk(workspace: Workspace, folder: str = "Pastries") -> Mapping[str, int]:
    """How many files each class folder holds."""
    root = workspace.root / folder / "examples"
    return {place.name: sum(1 for _ in place.iterdir()) for place in sorted(root.iterdir())}
