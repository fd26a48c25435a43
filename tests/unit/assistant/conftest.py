"""One assistant on the made-up documents; the base is the real one, prepared."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.assistant.assistant import Assistant
from headstart.assistant.building import assist
from kettle import documents

REPO = Path(__file__).resolve().parents[3]
SHARED_CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", REPO / ".cache"))


@pytest.fixture(scope="session")
def built() -> Iterator[Assistant]:
    """An assistant for tests that do not change it."""
    if not (SHARED_CACHE / "headstart" / "bases").is_dir():
        pytest.fail(f"No prepared bases in {SHARED_CACHE}. Run: make bases")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(SHARED_CACHE / "headstart"))
        patch.setenv("HEADSTART_NO_CACHE", "1")
        yield assist(documents(), restricted=["staff"])


@pytest.fixture
def assistant(built: Assistant) -> Assistant:
    """An assistant of the test's own, which shares what was embedded."""
    return Assistant(built.read, built.encoder, facts=built.facts)
