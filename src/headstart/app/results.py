"""What checking and training found, told in terms of the examples that the app shows."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app import projects
from headstart.app.capabilities import can_make_page
from headstart.app.clock import iso
from headstart.app.faults import NotFoundError
from headstart.app.tuned import tuned
from headstart.app.workspace import MODEL, REPORT
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace


@dataclass(frozen=True)
class Result:
    """The newest result of one kind.

    Attributes
    ----------
    revision
        State of the examples that it is about.
    ids
        Name of each example that was there then to its id.
    """

    job: str
    made: float
    revision: int
    body: Mapping[str, Any]
    ids: Mapping[str, str]


def read(connection: sqlite3.Connection, project: str, kind: str) -> Result | None:
    """Return the newest result of one kind; None where there is none."""
    row = connection.execute(
        "SELECT job, made, revision FROM results WHERE project = ? AND kind = ?", (project, kind)
    ).fetchone()
    if row is None:
        return None
    path = str(connection.execute("PRAGMA database_list").fetchone()["file"])
    body = _parsed(path, project, kind, row["job"])
    ids = _parsed(path, project, f"{kind}.names", row["job"])
    return Result(row["job"], row["made"], row["revision"], body, ids)


@lru_cache(maxsize=16)
def _parsed(database: str, project: str, kind: str, job: str) -> Mapping[str, Any]:
    """Parse a result once: that of one job never changes."""
    connection = sqlite3.connect(database)
    try:
        (body,) = connection.execute(
            "SELECT body FROM results WHERE project = ? AND kind = ?", (project, kind)
        ).fetchone()
    finally:
        connection.close()
    found: Mapping[str, Any] = json.loads(body)
    return found


def check(connection: sqlite3.Connection, project: str) -> dict[str, Any] | None:
    """Return what the newest check found, with the ids of the examples that it speaks of."""
    row, found = projects.get(connection, project), read(connection, project, "check")
    if found is None:
        return None
    return {
        "job_id": found.job,
        "when": iso(found.made),
        "revision": found.revision,
        "stale": found.revision != row["revision"],
        "advice": found.body,
        "examples": _spoken_of(connection, found),
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


def _spoken_of(connection: sqlite3.Connection, found: Result) -> dict[str, dict[str, str]]:
    """Return id and present class of each example that is spoken of and still there."""
    wanted = {found.ids[name]: name for name in _names(found.body) if name in found.ids}
    there = _present(connection, wanted)
    return {wanted[ident]: {"id": ident, "class_id": row["class"]} for ident, row in there.items()}


def _present(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, sqlite3.Row]:
    listed, rows = list(ids), {}
    for first in range(0, len(listed), 500):
        part = listed[first : first + 500]
        for row in connection.execute(
            "SELECT e.id, e.class, e.kept, c.name AS label FROM examples e JOIN classes c ON c.id = e.class "
            f"WHERE e.deleted = 0 AND e.id IN ({','.join('?' * len(part))})",
            part,
        ):
            rows[row["id"]] = row
    return rows


def improve(connection: sqlite3.Connection, project: str) -> dict[str, Any] | None:
    """Return what would make the model better: mistakes, labels to check, what to collect next."""
    row, found = projects.get(connection, project), read(connection, project, "check")
    if found is None:
        return None
    advice = found.body
    there = _present(connection, {found.ids[n] for n in _names(advice) if n in found.ids})
    classes = {
        one["name"]: one["id"]
        for one in connection.execute(
            "SELECT id, name FROM classes WHERE project = ? AND deleted = 0", (project,)
        )
    }
    evaluation = advice["evaluation"]
    return {
        "when": iso(found.made),
        "stale": found.revision != row["revision"],
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
            if found.ids.get(one["source"]) in there and not there[found.ids[one["source"]]]["kept"]
        ],
        "amount": advice["amount"],
        "collect": [{"class_id": classes.get(gain["label"]), **gain} for gain in advice["amount"]["classes"]],
    }


def _suspects(
    found: Result, there: Mapping[str, sqlite3.Row], classes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the labels to check that nobody has looked at since: not moved, not said to be right."""
    listed = []
    for one in found.body["labels_to_check"]:
        row = there.get(found.ids.get(one["source"], ""))
        if row is None or row["kept"] or row["label"] != one["label"]:
            continue
        suggested = classes.get(one["suggested"])
        listed.append({**_without_source(one), "id": row["id"], "suggested_class_id": suggested})
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


def is_stale(connection: sqlite3.Connection, row: sqlite3.Row, model: Trained) -> bool:
    """Return whether the examples changed since the model was trained."""
    found = read(connection, row["id"], "train")
    if found is None or not is_of(found, model):
        return True
    return bool(found.revision != row["revision"])


def is_of(found: Result, model: Trained) -> bool:
    """Return whether a result tells of this model, and not of one whose job was cut off after saving it."""
    return bool(found.body["created"] == model.created and found.body["data"] == model.fingerprint)


def model_summary(
    workspace: Workspace, connection: sqlite3.Connection, row: sqlite3.Row
) -> dict[str, Any] | None:
    """Return what the list of projects shows of a model; None where there is none."""
    model = trained(workspace.root / row["folder"])
    if model is None:
        return None
    return {
        "trained": model.created,
        "accuracy": model.quality.get("accuracy"),
        "method": model.quality.get("method"),
        "base": model.quality.get("base"),
        "stale": is_stale(connection, row, model),
    }


def model_info(workspace: Workspace, connection: sqlite3.Connection, project: str) -> dict[str, Any]:
    """Return all that is known of a project's model, and the commands that use it.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    row = projects.get(connection, project)
    summary, home = model_summary(workspace, connection, row), workspace.root / row["folder"]
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
        "predict_command": f"headstart predict {quoted} {kind_of(row['modality']).words.new}",
        "serve_command": f"headstart serve {quoted}",
        "downloads": {
            "model": f"{downloads}/model.zip",
            "report": f"{downloads}/report.html" if (path / REPORT).is_file() else None,
            "page": f"{downloads}/page.zip" if can_make_page() else None,
        },
    }


def _quoted(path: str) -> str:
    """Return a path as one would type it in a shell."""
    return f'"{path}"' if os.name == "nt" else shlex.quote(path)
