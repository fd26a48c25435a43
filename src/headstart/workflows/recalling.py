"""Find the photos of an earlier training again.

A model does not say where the files lay on the machine of who trained it. The cache of that machine does, so
that a model can be taught more there without naming them again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.errors import HeadstartError
from headstart.files import write_whole
from headstart.settings import current

if TYPE_CHECKING:
    from headstart.types import Source

_FOLDER = "taught"


def remember_sources(fingerprint: str, sources: Sequence[Source]) -> None:
    """Keep where the examples of a training lie, if all are files; nothing is said where that fails."""
    settings = current()
    if not settings.use_embedding_cache or not all(isinstance(source, str | Path) for source in sources):
        return
    paths = [str(Path(str(source)).absolute()) for source in sources]
    with suppress(HeadstartError, OSError, ValueError):
        folder = settings.cache / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / f"{fingerprint}.json", json.dumps(paths).encode(), private=True)


def recall_sources(fingerprint: str) -> list[str] | None:
    """Return where the examples of a training lay, in its order; None where that is not known."""
    try:
        found = json.loads((current().cache / _FOLDER / f"{fingerprint}.json").read_bytes())
    except (HeadstartError, OSError, ValueError):
        return None
    return [str(source) for source in found] if isinstance(found, list) else None
