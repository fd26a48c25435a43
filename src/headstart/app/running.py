"""Do one job: the same workflows as the command line's, their results written where the app finds them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart import workflows
from headstart.advice.wording import conclusions
from headstart.app import jobs, meter, projects, store
from headstart.app.dataset import of_project
from headstart.app.indexing import index
from headstart.app.library import INDEX
from headstart.app.parts import scores_of
from headstart.app.tray import of_tray
from headstart.app.workspace import MODEL, REPORT, remove_tree
from headstart.defects.measuring import DefectMeasurement
from headstart.errors import NotEnoughDataError, ParameterError, StorageError
from headstart.files import write_whole
from headstart.wording import choose_language
from headstart.workflows.keeping import run_folder
from headstart.workflows.suggesting import suggest_from

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.app.store.jobs import Job
    from headstart.app.workspace import Workspace
    from headstart.execution import Progress
    from headstart.reports import TrainingReport
    from headstart.workflows.result import TrainingResult


# What the workflows import inside their functions, besides themselves.
_WARM = (
    "headstart.encoders.graph",
    "headstart.encoders.image",
    "headstart.encoders.raw_audio",
    "headstart.encoders.raw_image",
    "headstart.encoders.raw_text",
    "headstart.report.pages",
    "headstart.workflows.checking",
    "headstart.workflows.training",
    "onnxruntime",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.special",
    "threadpoolctl",
)


def warm() -> None:
    """Import what jobs need, so that the first one starts at once."""
    for name in _WARM:
        importlib.import_module(name)


def run(
    workspace: Workspace,
    job: Job,
    tell: Callable[[dict[str, Any]], None],
    stop: Callable[[], None],
) -> None:
    """Do a job, and write its result and that it is done in one transaction.

    Parameters
    ----------
    tell
        Called with progress to show.
    stop
        Called often; raises `Cancelled` to stop.

    Raises
    ------
    HeadstartError
        When it cannot be done.
    """
    if job.kind == INDEX:
        index(workspace, job, tell, stop)
        return
    if job.kind == "sort":
        dataset, ids, revision = of_tray(workspace, job.project)
    else:
        dataset, ids, revision = of_project(workspace, job.project)
    key = f"{dataset.modality}:{job.kind}:{job.method or ''}"
    known = meter.remembered(workspace, key, len(dataset))
    guess = meter.usual(dataset.modality, len(dataset)) if job.method in (None, "frozen") else {}
    resumed = bool(json.loads(job.progress).get("resumed"))
    gauge = meter.Meter(known or guess, lambda how: tell({**how, "resumed": resumed}), rough=not known)

    def progress(step: Progress) -> None:
        stop()
        gauge(step)

    work = {"train": _train, "check": _check, "sort": _sort}[job.kind]
    with gauge.ticking():
        bodies = work(workspace, job, dataset, progress)
    with workspace.database.writing() as connection:
        store.results.put(connection, job.project, job.id, revision, bodies, ids)
        store.projects.touch(connection, job.project, examples=False)
        jobs.finish(connection, job.id, "done")
    if not resumed:  # else part of the work was done before
        meter.remember(workspace, key, len(dataset), gauge.spent)


def forget_unfinished(workspace: Workspace) -> None:
    """Remove the checkpoints of trainings that nobody will go on with: they were cancelled, or are done.

    What waits, runs or has failed goes on from them.
    """
    with workspace.database.reading() as connection:
        for project in projects.listed(connection):
            folder = run_folder(workspace.root / project.folder / MODEL)
            if not folder.is_dir():
                continue
            last = next(iter(store.jobs.newest(connection, project.id, "train")), None)
            if last is None or last.state in ("cancelled", "done"):
                remove_tree(folder)


def _tuned(job: Job, dataset: Any, target: Path, progress: Any) -> TrainingResult:
    """Train the gentle way, going on where the same work was interrupted."""
    unfinished = run_folder(target)
    resume = _holds_something(unfinished)
    if not resume:
        remove_tree(unfinished)
    options = {"method": job.method, "save_to": target, "advise": True, "progress": progress}
    try:
        return workflows.train(dataset, resume=resume, **options)
    except (ParameterError, StorageError):
        if not resume:
            raise
    remove_tree(unfinished)  # the examples have changed since, or a checkpoint is damaged
    return workflows.train(dataset, **options)


def _holds_something(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _check(workspace: Workspace, job: Job, dataset: Any, progress: Any) -> dict[str, Any]:
    advice = workflows.check(dataset, target=job.target, progress=progress)
    return {"check": advice.to_dict()}


def _sort(workspace: Workspace, job: Job, dataset: Any, progress: Any) -> dict[str, Any]:
    """Look through the tray: what is worth sorting first, and what each may be."""
    try:
        labelled = of_project(workspace, job.project)[0]
    except NotEnoughDataError:  # nothing is sorted yet
        labelled = None
    found = suggest_from(dataset, labelled, random_share=0.0, progress=progress)
    order = [
        {"id": item.name, "why": item.why, "guess": item.guess, "probability": item.probability}
        for item in (*found.items, *found.others)
    ]
    return {"sort": {"order": order}}


def _train(workspace: Workspace, job: Job, dataset: Any, progress: Any) -> dict[str, Any]:
    from headstart.report import render_training

    target = projects.home(workspace, job.project) / MODEL
    if job.method in (None, "frozen"):
        remove_tree(run_folder(target))  # of a gentle training that was cancelled a moment before
        result = workflows.train(dataset, save_to=target, advise=True, progress=progress)
    else:
        result = _tuned(job, dataset, target, progress)
    with workspace.database.reading() as connection:
        title = store.projects.get(connection, job.project).name
    page = render_training(
        result.report,
        advice=result.advice,
        examples=result.faces.sources,
        kind=result.faces.kind,
        title=title,
        language=choose_language(),
    )
    write_whole(target / REPORT, page.encode())
    found: dict[str, Any] = {
        "train": {
            "created": result.model.created,
            "data": result.model.data_fingerprint,
            "order": [example.name for example in dataset.examples],  # what the model's neighbours count by
        }
    }
    if isinstance(result.report.evaluation, DefectMeasurement):
        found["train"]["scores"] = scores_of(result.report.evaluation)
    if result.advice is not None:
        found["check"] = _of_model(result.advice, result.report).to_dict()
    return found


def _of_model(advice: Advice, report: TrainingReport) -> Advice:
    """Let advice tell the accuracy of the model itself: it weighs single bases, the model may join two."""
    measured = replace(advice.evaluation, accuracy=report.evaluation.accuracy)
    said = conclusions(
        advice.data,
        advice.learnable,
        measured,
        advice.ranking,
        advice.similarity,
        advice.amount,
        advice.floor,
        advice.worth,
    )
    return replace(advice, evaluation=measured, conclusions=said)
