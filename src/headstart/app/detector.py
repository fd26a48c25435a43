"""What finds defects, as its screens show it: its thresholds, its photos, and what it says of new ones."""

from __future__ import annotations

import base64
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from headstart.app import results, store, views
from headstart.app.faults import BusyError, NotFoundError
from headstart.app.workspace import MODEL, REPORT
from headstart.data.image import decode_picture
from headstart.data.inspected import is_good
from headstart.data.pixel_scale import PixelScale
from headstart.defects.answers import DefectPrediction
from headstart.defects.heat import overlay
from headstart.errors import SourceError
from headstart.files import write_whole
from headstart.wording import choose_language

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.projects import Project
    from headstart.app.store.results import Result
    from headstart.app.workspace import Workspace
    from headstart.model import Model

_ODDEST, _MISSED = 12, 60
_LONGEST = 960
"""Pixels of the longer side of the picture that the screen shows."""


def look(workspace: Workspace, connection: Connection, row: Project, model: Model) -> dict[str, Any]:
    """Return what the screen of a detector shows: thresholds to choose from, and photos to look at."""
    from headstart.workflows import threshold_settings

    settings, place = threshold_settings(model)
    found = store.results.get(connection, row.id, "train")
    summary = results.trained(workspace.root / row.folder)
    told = found is not None and summary is not None and results.is_of(found, summary)
    return {
        "good": int(model.quality.get("good") or 0),
        "threshold": float(model.quality.get("threshold") or 0.0),
        "settings": [one.to_dict() for one in settings],
        "at": place,
        "caught": model.quality.get("caught"),
        "known_defects": model.quality.get("known_defects") or {},
        **(_photos(connection, row.id, found) if told and found is not None else {"odd": [], "known": []}),
    }


def _photos(connection: Connection, project: str, found: Result) -> dict[str, list[dict[str, Any]]]:
    """Return the good photos least like the others, the oddest first, and the defects least odd first."""
    scored = found.body.get("scores") or []
    good = sorted((one for one in scored if is_good(one[1])), key=lambda one: -one[2])[:_ODDEST]
    known = sorted((one for one in scored if not is_good(one[1])), key=lambda one: (one[3], one[2]))[:_MISSED]
    return {
        "odd": _shown(connection, project, found, good),
        "known": _shown(connection, project, found, known),
    }


def _shown(
    connection: Connection, project: str, found: Result, scored: list[list[Any]]
) -> list[dict[str, Any]]:
    ids = {found.ids[name]: (label, score, strange) for name, label, score, strange in scored}
    return [
        {**one, "label": ids[one["id"]][0], "score": ids[one["id"]][1], "strange": ids[one["id"]][2]}
        for one in views.some(connection, project, list(ids))
    ]


def set_rate(workspace: Workspace, project: str, rate: float) -> None:
    """Keep in the model how often good parts may be called defective; its report page follows.

    Raises
    ------
    BusyError
        When a training is about to put another model there.
    NotFoundError
        When there is no model.
    """
    from headstart.report import render_training
    from headstart.workflows import set_false_alarms

    with workspace.database.reading() as connection:
        row = store.projects.get(connection, project)
        if any(job.kind == "train" for job in store.jobs.active(connection, project)):
            raise BusyError(
                "A training is under way, which sets the threshold anew.", "Wait until it is done."
            )
    folder = workspace.root / row.folder / MODEL
    if results.trained(folder.parent) is None:
        raise NotFoundError("This project has no model yet.", "Train it first.")
    with workspace.changing(project):
        model = set_false_alarms(folder, rate)
        page = render_training(model.quality, title=row.name, language=choose_language())
        write_whole(folder / REPORT, page.encode())


def inspect(model: Model, path: Path) -> dict[str, Any]:
    """Say of a photo whether the part is defective, and show where.

    Raises
    ------
    SourceError
        When the photo cannot be read.
    """
    start = time.perf_counter()
    (said,) = model.predict([path])
    if said.error is not None or not isinstance(said, DefectPrediction) or said.heatmap is None:
        raise SourceError(said.error or "The photo cannot be read.", kind="unreadable")
    scale = next((PixelScale.of(spec.recipe) for spec in model.encoders), None)
    picture = decode_picture(path, scale=scale)
    picture.thumbnail((_LONGEST, _LONGEST))
    return {
        "answer": said.answer,
        "score": said.score,
        "threshold": said.threshold,
        "p_value": said.p_value,
        "defect_kind": said.kind,
        "box": None if said.box is None else list(said.box),
        "width": picture.width,
        "height": picture.height,
        "picture": _address(picture.convert("RGB"), "JPEG"),
        "heatmap": _address(overlay(said.heatmap, picture.width, picture.height), "PNG"),
        "milliseconds": round(1000 * (time.perf_counter() - start), 1),
    }


def _address(picture: Image.Image, form: str) -> str:
    """Return a picture as an address that holds it."""
    stream = io.BytesIO()
    picture.save(stream, form, **({"quality": 85} if form == "JPEG" else {}))
    return f"data:image/{form.lower()};base64,{base64.b64encode(stream.getvalue()).decode()}"
