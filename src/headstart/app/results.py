"""What checking and training found, told in terms of the examples that the app shows."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app import store
from headstart.app.capabilities import can_make_page
from headstart.app.clock import iso
from headstart.app.faults import NotFoundError
from headstart.app.tuned import tuned
from headstart.app.workspace import MODEL, REPORT
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.examples import Example
    from headstart.app.store.projects import Project
    from headstart.app.store.results import Result
    from headstart.app.workspace import Workspace


def check(connection: Connection, project: str) -> dict[str, Any] | None:
    """Return what the newest check found, with the ids of the examples that it speaks of."""
    row, found = store.projects.get(connection, project), store.results.get(connection, project, "check")
    if found is None:
        return None
    return {
        "job_id": found.job,
        "when": iso(found.made),
        "revision": found.revision,
        "stale": found.revision != row.revision,
        "advice": found.body,
        "examples": _spoken_of(connection, project, found),
    }


def _names(advice: Mapping[str, Any]) -> Iterable[str]:
    """Return the names of all examples that advice speaks of."""
    data = advice["data"]
    for listed in (data["outliers"], data["problems"], advice["labels_to_check"], advice["mistakes"]):
        yield from (one["source"] for one in listed)
    for alike in data["groups"]["near_duplicates"]:
        yield from alike
    for cell in advice["confusion"]:
        yield from cell["examples"]


def _spoken_of(connection: Connection, project: str, found: Result) -> dict[str, dict[str, str]]:
    """Return id and present class of each example that is spoken of and still there."""
    wanted = {found.ids[name]: name for name in _names(found.body) if name in found.ids}
    there = _present(connection, project, wanted)
    return {wanted[ident]: {"id": ident, "class_id": row.owner} for ident, row in there.items()}


def _present(connection: Connection, project: str, ids: Iterable[str]) -> dict[str, Example]:
    return {example.id: example for example in store.examples.some(connection, project, list(ids))}


def improve(connection: Connection, project: str) -> dict[str, Any] | None:
    """Return what would make the model better: mistakes, labels to check, what to collect next."""
    row, found = store.projects.get(connection, project), store.results.get(connection, project, "check")
    if found is None:
        return None
    advice = found.body
    there = _present(connection, project, {found.ids[n] for n in _names(advice) if n in found.ids})
    classes = {one.name: one.id for one in store.classes.listed(connection, project)}
    evaluation = advice["evaluation"]
    return {
        "when": iso(found.made),
        "stale": found.revision != row.revision,
        "verdict": advice["verdict"],
        "evaluation": evaluation,
        "classes": list(evaluation["per_class"]),
        "confusion": evaluation["confusion"],
        "cells": [
            {
                "label": cell["label"],
                "said": cell["said"],
                "count": cell["count"],
                "ids": [found.ids[n] for n in cell["examples"] if found.ids.get(n) in there],
            }
            for cell in advice["confusion"]
        ],
        "suspects": _suspects(found, there, classes),
        "mistakes": [
            {**_without_source(one), "id": found.ids[one["source"]]}
            for one in advice["mistakes"]
            if found.ids.get(one["source"]) in there
        ],
        "outliers": [
            {**_without_source(one), "id": found.ids[one["source"]]}
            for one in advice["data"]["outliers"]
            if found.ids.get(one["source"]) in there and not there[found.ids[one["source"]]].kept
        ],
        "amount": advice["amount"],
        "collect": [{"class_id": classes.get(gain["label"]), **gain} for gain in advice["amount"]["classes"]],
    }


def _suspects(
    found: Result, there: Mapping[str, Example], classes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the labels to check that nobody has looked at since: not moved, not said to be right."""
    listed = []
    for one in found.body["labels_to_check"]:
        row = there.get(found.ids.get(one["source"], ""))
        if row is None or row.kept or row.owner != classes.get(one["label"]):
            continue
        suggested = classes.get(one["suggested"])
        listed.append({**_without_source(one), "id": row.id, "suggested_class_id": suggested})
    return listed


def _without_source(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key != "source"}


@dataclass(frozen=True)
class Trained:
    """What is known of a project's model without loading it."""

    created: str
    quality: Mapping[str, Any]
    fingerprint: str
    bytes: int


def trained(folder: Path) -> Trained | None:
    """Return what the model in a project's folder says of itself; None where there is none to be used."""
    model = folder / MODEL
    try:
        stamp = (model / "manifest.json").stat()
    except OSError:
        return None
    return _trained(model, stamp.st_mtime_ns, stamp.st_ino)


@lru_cache(maxsize=64)
def _trained(model: Path, *_: int) -> Trained | None:
    """Read what is shown of a model; whoever uses it checks every file of it first."""
    try:
        table = json.loads((model / "manifest.json").read_bytes())
        size = sum(int(entry["bytes"]) for entry in table["files"].values())
        return Trained(table["created"], table["quality"], table["data"]["fingerprint"], size)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # it is no model, or is just being replaced


def is_stale(connection: Connection, row: Project, model: Trained) -> bool:
    """Return whether the examples changed since the model was trained."""
    found = store.results.get(connection, row.id, "train")
    if found is None or not is_of(found, model):
        return True
    return bool(found.revision != row.revision)


def is_of(found: Result, model: Trained) -> bool:
    """Return whether a result tells of this model, and not of one whose job was cut off after saving it."""
    return bool(found.body["created"] == model.created and found.body["data"] == model.fingerprint)


def model_summary(workspace: Workspace, connection: Connection, row: Project) -> dict[str, Any] | None:
    """Return what the list of projects shows of a model; None where there is none."""
    model = trained(workspace.root / row.folder)
    if model is None:
        return None
    return {
        "trained": model.created,
        "accuracy": model.quality.get("accuracy"),
        "method": model.quality.get("method"),
        "base": model.quality.get("base"),
        "stale": is_stale(connection, row, model),
    }


def model_info(workspace: Workspace, connection: Connection, project: str) -> dict[str, Any]:
    """Return all that is known of a project's model, and the commands that use it.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    row = store.projects.get(connection, project)
    summary, home = model_summary(workspace, connection, row), workspace.root / row.folder
    model = trained(home)
    if summary is None or model is None:
        raise NotFoundError("This project has no model yet.", "Train it first.")
    path, downloads = home / MODEL, f"/api/projects/{project}/download"
    quoted = _quoted(str(path))
    return {
        **summary,
        "report": model.quality,
        "gentle": tuned(model.quality),
        "path": str(path),
        "bytes": model.bytes,
        "predict_command": f"headstart predict {quoted} {kind_of(row.modality).words.new}",
        "serve_command": f"headstart serve {quoted}",
        "downloads": {
            "model": f"{downloads}/model.zip",
            "report": f"{downloads}/report.html" if (path / REPORT).is_file() else None,
            "page": f"{downloads}/page.zip" if can_make_page() and kind_of(row.modality).front else None,
        },
    }


def _quoted(path: str) -> str:
    """Return a path as one would type it in a shell."""
    return f'"{path}"' if os.name == "nt" else shlex.quote(path)
