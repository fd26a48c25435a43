"""States of runs on disk: one safetensors file per run, replaced in one step, with its facts as JSON inside.

A process may be killed at any moment: what is on disk is always the end of some whole epoch, and an epoch is
computed from nothing but that file, so a resumed run gives the numbers of an unbroken one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open

from headstart.errors import ParameterError, StorageError
from headstart.files import write_whole

if TYPE_CHECKING:
    from torch import Tensor

_MEND = "Free some space, or save the model to a folder on another disk."
FORMAT = 2
RECORD = "run.json"
_KINDS = ("weight", "first", "second", "answer")


@dataclass
class State:
    """One run at the end of an epoch.

    Attributes
    ----------
    epoch
        Whole epochs done.
    weights
        What is trained.
    first, second
        The optimiser's running means, by the same names.
    steps
        Optimiser steps done.
    answers
        ``"epoch/part"`` to the ``(held out, C)`` scores given then.
    history
        One record of plain numbers per epoch.
    """

    epoch: int
    weights: dict[str, Tensor]
    first: dict[str, Tensor]
    second: dict[str, Tensor]
    steps: int = 0
    answers: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)


def write_state(path: Path, state: State) -> None:
    """Write a state so that the file is always a whole one.

    Raises
    ------
    StorageError
        When the disk is full or may not be written to.
    """
    from safetensors.torch import save

    groups = (state.weights, state.first, state.second, state.answers)
    tensors = {
        f"{kind}/{name}": value.detach().cpu().contiguous()
        for kind, group in zip(_KINDS, groups, strict=True)
        for name, value in group.items()
    }
    facts = {"epoch": state.epoch, "steps": state.steps, "history": state.history}
    write_whole(path, save(tensors, metadata={"facts": json.dumps(facts)}), mend=_MEND)


def read_state(path: Path) -> State:
    """Read a state.

    Raises
    ------
    StorageError
        When the file is damaged.
    """
    parts: dict[str, dict[str, Tensor]] = {kind: {} for kind in _KINDS}
    try:
        with safe_open(str(path), framework="pt") as stream:
            facts = json.loads(stream.metadata()["facts"])
            for key in stream.keys():
                kind, _, name = key.partition("/")
                parts[kind][name] = stream.get_tensor(key)
        return State(
            int(facts["epoch"]),
            parts["weight"],
            parts["first"],
            parts["second"],
            int(facts["steps"]),
            parts["answer"],
            list(facts["history"]),
        )
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"{path} is not a whole checkpoint: {error}.", f"Remove {path.parent} and begin anew."
        ) from error


def epoch_of(path: Path) -> int:
    """Return how many epochs a checkpoint has behind it; 0 where there is none."""
    if not path.is_file():
        return 0
    try:
        with safe_open(str(path), framework="pt") as stream:
            return int(json.loads(stream.metadata()["facts"])["epoch"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"{path} is not a whole checkpoint: {error}.", f"Remove {path.parent} and begin anew."
        ) from error


def open_folder(folder: Path, facts: Mapping[str, Any], *, resume: bool) -> dict[str, Any]:
    """Begin or continue a run folder; return its record.

    Parameters
    ----------
    facts
        What must be the same for a run to be continued: examples, base, settings.

    Raises
    ------
    ParameterError
        When an unfinished run is there and `resume` is false, or it was of something else.
    """
    known = read_record(folder)
    if known is None:
        folder.mkdir(parents=True, exist_ok=True)
        record = {"format": FORMAT, **facts}
        write_record(folder, record)
        return record
    if not resume:
        raise ParameterError(
            f"{folder} holds an unfinished run.",
            "Continue it with --resume, or remove that folder to begin anew.",
        )
    changed = [name for name in facts if known.get(name) != facts[name]]
    if changed or known.get("format") != FORMAT:
        raise ParameterError(
            f"The run in {folder} cannot be continued: {_told(known, facts, changed)}.",
            "Use the same examples and settings as before, or remove that folder to begin anew.",
        )
    return known


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return the record of a run folder, None where there is none."""
    try:
        return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise StorageError(
            f"{folder / RECORD} cannot be read: {error}.", f"Remove {folder} and begin anew."
        ) from error


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the record of a run folder in one step."""
    write_whole(folder / RECORD, json.dumps(record, indent=1).encode(), mend=_MEND)


def _told(known: Mapping[str, Any], facts: Mapping[str, Any], changed: list[str]) -> str:
    if not changed:
        return "it was made by another version"
    before, now = known.get(changed[0]), facts[changed[0]]
    if isinstance(before, dict) and isinstance(now, dict):
        inner = [name for name in now if before.get(name) != now[name]]
        if inner:
            return f"{inner[0]} was {before.get(inner[0])!r} and is {now[inner[0]]!r} now"
    return f"the {changed[0]} is not the same"
