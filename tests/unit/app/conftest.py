"""A workspace in a folder of its own, and a client that is signed in to an app on it."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from speaking import Client, app_on

from headstart.app.workspace import Workspace

REPO = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", REPO / ".cache")) / "headstart"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "ws")


@pytest.fixture
def client(workspace: Workspace) -> Iterator[Client]:
    with app_on(workspace) as client:
        yield client


@pytest.fixture
def with_real_bases(monkeypatch: pytest.MonkeyPatch) -> None:
    if not (CACHE / "bases").is_dir():
        pytest.fail(f"No prepared bases in {CACHE}. Run: make bases")
    monkeypatch.setenv("HEADSTART_CACHE", str(CACHE))
    monkeypatch.setenv("HEADSTART_NO_CACHE", "1")


@pytest.fixture
def photo() -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(held, "JPEG")
    return held.getvalue()
