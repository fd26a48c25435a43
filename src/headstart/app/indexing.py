"""The job that reads documents: makes the assistant, or brings it in step with them.

Only what is new is embedded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app import jobs, meter, store
from headstart.app.library import ASSISTANT, DOCUMENTS, INDEX, require_library, result_of, stamps
from headstart.app.workspace import move, remove_tree
from headstart.errors import BundleError, NotEnoughDataError
from headstart.execution import Phase

if TYPE_CHECKING:
    from headstart.app.store.jobs import Job
    from headstart.app.workspace import Workspace
    from headstart.assistant.assistant import Assistant
    from headstart.assistant.syncing import Synced
    from headstart.execution import Progress

ASIDE = "feedback"
"""Where the feedback waits while a project has no document left."""
_JOURNALS = ("feedback.jsonl", "unanswered.jsonl")
_SECONDS = {"reading": 0.1, "embedding": 0.5}
"""For each file, where nothing was measured on this machine yet."""
_PASSAGES_A_SECOND = 25.0
_NOTHING: Mapping[str, Any] = {"documents": 0, "passages": 0, "notes": [], "synced": None, "figures": None}


def index(
    workspace: Workspace, job: Job, tell: Callable[[dict[str, Any]], None], stop: Callable[[], None]
) -> None:
    """Do a job of this kind, and write its result and that it is done in one transaction.

    Parameters
    ----------
    tell
        Called with progress to show.
    stop
        Called often; raises `Cancelled` to stop.

    Raises
    ------
    HeadstartError
        When no document can be read.
    """
    with workspace.database.reading() as connection:
        row = require_library(connection, job.project)
        before = result_of(connection, job.project)
    home = workspace.root / row.folder
    files = stamps(home / DOCUMENTS)
    known = meter.remembered(workspace, INDEX, len(files))
    guess = {name: seconds * len(files) for name, seconds in _SECONDS.items()}
    resumed = bool(json.loads(job.progress).get("resumed"))
    gauge = meter.Meter(known or guess, lambda how: tell({**how, "resumed": resumed}), rough=not known)

    def progress(step: Progress) -> None:
        stop()
        if step.phase is Phase.EMBEDDING and step.done == 0 and not known:
            gauge.expect(str(step.phase), (step.total or 0) / _PASSAGES_A_SECOND)
        gauge(step)

    def keep(connection: store.Connection, body: dict[str, Any]) -> None:
        found = {INDEX: {**body, "files": files}}
        store.results.put(connection, job.project, job.id, row.revision, found, {})
        store.projects.touch(connection, job.project, examples=False)

    try:
        with gauge.ticking():
            body = _read(home, progress, None if before is None else before["figures"])
    except NotEnoughDataError:
        _forget(home)  # what was removed may not be answered from any more
        with workspace.database.writing() as connection:
            keep(connection, {**_NOTHING, "problems": _unread(home)})
        raise
    with workspace.database.writing() as connection:
        keep(connection, body)
        jobs.finish(connection, job.id, "done")
    if body["synced"] is None and not resumed:  # a sync takes less than the whole
        meter.remember(workspace, INDEX, len(files), gauge.spent)


def _read(
    home: Path, progress: Callable[[Progress], None], figures: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Read the documents of a project, save the assistant, and measure it on questions of its own.

    Parameters
    ----------
    figures
        What was measured before; it holds where no document has changed.
    """
    from headstart.assistant.rehearsal import rehearse

    assistant, synced = _brought_in_step(home, progress)
    if synced is None or synced.added or synced.changed or synced.removed or figures is None:
        report = rehearse(assistant, progress=progress)
        figures = None if report is None else report.to_dict()
    assistant.save(home / ASSISTANT)
    for name in _JOURNALS:
        aside = home / ASIDE / name
        if aside.is_file() and not (home / ASSISTANT / name).exists():
            move(aside, home / ASSISTANT / name)
    told = None if synced is None else synced.to_dict()
    return {
        "documents": len(assistant.documents),
        "passages": len(assistant),
        "problems": [list(problem) for problem in assistant.facts.problems],
        "notes": list(assistant.facts.notes),
        "synced": None if told is None else {**told, "problems": len(told["problems"])},
        "figures": figures,
    }


def _brought_in_step(home: Path, progress: Callable[[Progress], None]) -> tuple[Assistant, Synced | None]:
    """Return the assistant of the documents as they are now, and what a sync did where there was one."""
    from headstart.assistant.assistant import load_assistant
    from headstart.assistant.building import assist

    folder = home / DOCUMENTS
    folder.mkdir(exist_ok=True)
    if not (home / ASSISTANT).is_dir():
        return assist(folder, progress=progress), None
    try:
        assistant = load_assistant(home / ASSISTANT)
    except BundleError:  # damaged by hand: the documents are all there
        return assist(folder, progress=progress), None
    return assistant, assistant.sync(folder, progress=progress)


def _unread(home: Path) -> list[list[str]]:
    """Return every document with the reason why it cannot be read, where none can."""
    from headstart.documents import read_documents

    return [[problem.source, problem.reason] for problem in read_documents(home / DOCUMENTS).problems]


def _forget(home: Path) -> None:
    """Remove an assistant none of whose documents is left; what people said of its answers is kept."""
    for name in _JOURNALS:
        if (home / ASSISTANT / name).is_file():
            move(home / ASSISTANT / name, home / ASIDE / name)
    remove_tree(home / ASSISTANT)
