"""Sample projects, made of what is on this machine: nothing is fetched, and nothing is made up.

Scanned handwritten digits come with scikit-learn, which is always there. The data sets that ``make data``
fetches for the demonstration are offered where they are on the disk.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app import intake, projects
from headstart.app.faults import NotFoundError
from headstart.app.names import new_id
from headstart.app.receive import Received
from headstart.data.rows import read_rows
from headstart.kinds import is_inline
from headstart.settings import current

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

_DIGITS = "digits"
_EACH = 24
_SIDE = 96
_AT_ONCE = 200
# Data sets of `make data` that make a good first project, with what to call them and how many of each class.
_ON_DISK = {
    "image/stamp_photos": ("things", "Photos of seven kinds of things", 64),
    "text/news_topic": ("news", "News by topic", 30),
    "audio/spoken_commands": ("commands", "Spoken commands", 25),
}


def offered() -> list[dict[str, Any]]:
    """Return the samples that can be made here."""
    found = [
        {
            "id": name,
            "name": title,
            "modality": task.split("/")[0],
            "examples": sum(min(count, most) for count in meta["counts"].values()),
            "classes": len(meta["counts"]),
            "licence": meta["licence"],
            "source": meta["source"],
        }
        for task, (name, title, most) in _ON_DISK.items()
        if (meta := _tasks().get(task)) is not None and _place(task).exists()
    ]
    digits = {
        "id": _DIGITS,
        "name": "Handwritten digits",
        "modality": "image",
        "examples": 10 * _EACH,
        "classes": 10,
        "licence": "CC BY 4.0",
        "source": "E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits (UCI), by scikit-learn",
    }
    return [*found, digits]


def make(workspace: Workspace, name: str) -> str:
    """Make a project of a sample; return its id.

    Raises
    ------
    NotFoundError
        When there is no such sample on this machine.
    """
    there = next((one for one in offered() if one["id"] == name), None)
    if there is None:
        raise NotFoundError("There is no such sample on this machine.", "Choose one of the list.")
    project = projects.create(workspace, there["name"], there["modality"])
    batch = new_id()
    if name == _DIGITS:
        _take(workspace, project, _digits(workspace), batch)
        return project
    task, most = next((t, m) for t, (n, _, m) in _ON_DISK.items() if n == name)
    if is_inline(there["modality"]):
        intake.take_texts(workspace, project, _texts(_place(task), most), batch=batch)
    else:
        _take(workspace, project, _files(workspace, _place(task), most), batch)
    return project


def _take(workspace: Workspace, project: str, files: Iterator[Received], batch: str) -> None:
    portion: list[Received] = []
    for one in files:
        portion.append(one)
        if len(portion) == _AT_ONCE:
            intake.take(workspace, project, portion, batch=batch)
            portion = []
    intake.take(workspace, project, portion, batch=batch)


def _digits(workspace: Workspace) -> Iterator[Received]:
    """Yield scans of 8 by 8 pixels, enlarged so that a person can see them."""
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    found = load_digits()
    for digit in range(10):
        for number, row in enumerate(np.flatnonzero(found.target == digit)[:_EACH]):
            pixels = (255 - found.images[row] * (255 / 16)).astype(np.uint8)
            held = io.BytesIO()
            image = Image.fromarray(pixels).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
            image.save(held, "PNG")
            yield _received(workspace, f"{digit}/scan_{number + 1:02}.png", held.getvalue())


def _files(workspace: Workspace, folder: Path, most: int) -> Iterator[Received]:
    for owner in sorted(path for path in folder.iterdir() if path.is_dir()):
        for path in sorted(owner.iterdir())[:most]:
            yield _received(workspace, f"{owner.name}/{path.name}", path.read_bytes())


def _texts(path: Path, most: int) -> list[tuple[str, str]]:
    seen: dict[str, int] = {}
    taken = []
    for row in read_rows(path).rows:
        label = str(row["label"])
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= most:
            taken.append((str(row["text"]), label))
    return taken


def _received(workspace: Workspace, name: str, content: bytes) -> Received:
    path = workspace.incoming / f"{new_id()}.part"
    path.write_bytes(content)
    return Received(name, path)


def _root() -> Path:
    """Return where ``make data`` puts data sets: beside the cache that ``make`` uses."""
    return current().cache.parent / "data"


def _place(task: str) -> Path:
    path = _root() / task
    return path if path.is_dir() else path.with_name(f"{path.name}.csv")


def _tasks() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((_root() / "meta" / "tasks.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
