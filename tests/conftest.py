"""Fixtures every test may use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from serving import server, trained  # noqa: F401 - fixtures for any test

REPO = Path(__file__).resolve().parents[1]
SHARED_CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", REPO / ".cache"))


@pytest.fixture(autouse=True)
def _no_ambient_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test may see the developer's own cache or settings, nor reach a registry by mistake."""
    for name in list(os.environ):
        if name.startswith("HEADSTART_") and name != "HEADSTART_TEST_CACHE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "headstart-cache"))
    monkeypatch.setenv("HEADSTART_OFFLINE", "1")
    # The environment's own program comes first, whether the environment is activated or not.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def tmp_cache(tmp_path: Path) -> Path:
    """An empty cache folder, already in force."""
    return tmp_path / "headstart-cache"


@pytest.fixture
def bases_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache of this test's own that holds the prepared starter bases (linked, not copied)."""
    prepared = SHARED_CACHE / "headstart" / "bases"
    if not prepared.is_dir() or not any(prepared.iterdir()):
        pytest.fail(f"No prepared bases in {prepared}. Run: make bases")
    cache = tmp_path / "headstart-cache"
    cache.mkdir(exist_ok=True)
    (cache / "bases").symlink_to(prepared, target_is_directory=True)
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    return cache


@pytest.fixture
def data_root() -> Path:
    """The real data sets: image/, text/, audio/, meta/."""
    root = SHARED_CACHE / "data"
    if not (root / "meta" / "tasks.json").is_file():
        pytest.fail(f"No real data sets in {root}. Run: make data")
    return root
