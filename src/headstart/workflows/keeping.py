"""Look after the folder where a gentle run keeps its checkpoints."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.reports import TrainingReport

RUN = ".run"


def run_folder(target: Path) -> Path:
    """Return where the checkpoints of a model that is saved as `target` stand."""
    return target.with_name(target.name + RUN)


def require_resumable(folder: Path | None, resume: bool) -> None:
    """Refuse, before any work, what would overwrite an unfinished run or resume one that is not there.

    Raises
    ------
    ParameterError
        Naming the folder and the next step.
    """
    if folder is None:
        if resume:
            raise ParameterError(
                "resume needs save_to: checkpoints stand beside the saved model.", "Name save_to."
            )
        return
    if is_helper():
        return  # the first process has looked, and may have begun
    there = folder.is_dir() and any(folder.iterdir())
    if there and not resume:
        raise ParameterError(
            f"{folder} holds an unfinished run.",
            "Continue it with --resume, or remove that folder to begin anew.",
        )
    if resume and not there:
        raise ParameterError(f"There is no unfinished run in {folder}.", "Leave out --resume to begin one.")


def is_helper() -> bool:
    """Return whether this is one of several processes, and not the first."""
    return os.environ.get("RANK", "0") != "0"


def forget_run(folder: Path, report: TrainingReport) -> None:
    """Remove the checkpoints of a finished run; one that a person stopped can still be continued."""
    if not is_helper() and (report.gentle is None or report.gentle.stopped != "person"):
        shutil.rmtree(folder, ignore_errors=True)


class Working:
    """Gives the folder of a run; a passing one is gone afterwards."""

    def __init__(self, folder: Path | None) -> None:
        self.folder, self.passing = folder, folder is None

    def __enter__(self) -> Path:
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="headstart-run-"))
        return self.folder

    def __exit__(self, *_: object) -> None:
        if self.passing and self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def lasting_folder() -> Path:
    """Return a folder for a tuned encoder that lives as long as the process; saving a model copies it."""
    folder = Path(tempfile.mkdtemp(prefix="headstart-tuned-"))
    atexit.register(partial(shutil.rmtree, folder, ignore_errors=True))
    return folder
