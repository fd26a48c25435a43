"""Say which model is replaced when another is saved under its name."""

from __future__ import annotations

from pathlib import Path

from headstart.bundle.manifest import MANIFEST, MAX_MANIFEST_BYTES, Manifest
from headstart.bundle.parsing import parse
from headstart.errors import BundleError

_SHOWN = 4


def note_of_replaced(path: Path) -> str:
    """Return a sentence on the model that is saved in `path` now; empty where none can be read."""
    try:
        with (path / MANIFEST).open("rb") as handle:
            manifest = parse(handle.read(MAX_MANIFEST_BYTES), str(path))
    except (OSError, BundleError):
        return ""
    return (
        f"Replaced the model of {_when(manifest.created)} in {path}, which was trained on {_what(manifest)}."
    )


def _when(created: str) -> str:
    return created[:16].replace("T", " ")


def _what(manifest: Manifest) -> str:
    used = manifest.quality.get("used")
    count = f"{used} examples" if isinstance(used, int) else "examples"
    more = f" and {len(manifest.classes) - _SHOWN} more" if len(manifest.classes) > _SHOWN else ""
    return f"{count} ({manifest.modality}) of {', '.join(manifest.classes[:_SHOWN])}{more}"
