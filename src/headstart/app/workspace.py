"""The folder that holds a person's projects: plain files, and one database beside them.

::

    workspace/
      headstart.sqlite                      projects, classes, labels, undo history, jobs
      pastries/examples/croissant/….jpg     a folder for each class
      pastries/model/                       the trained model, with report.html
      pastries/.deleted/                    deleted examples, for undo
      .headstart/                           thumbnails, uploads on their way, locks
      .trash/                               deleted projects
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from headstart.app.database import FILE, Database
from headstart.app.faults import NotFoundError
from headstart.app.locks import FileLock
from headstart.errors import StorageError

EXAMPLES = "examples"
DELETED = ".deleted"
MODEL = "model"
REPORT = "report.html"
_OLD = 6 * 3600.0
_PATIENCE = 60.0
_TICK = 2_000_000_000


class Workspace:
    """A person's projects.

    Parameters
    ----------
    root
        The folder; made where missing.

    Attributes
    ----------
    looked
        Of each project in whose folder new files are being examined, how many of how many are.
    by_hand
        Of each project, what a person did to its files by hand and has not been told of yet.

    Raises
    ------
    StorageError
        When the folder cannot be made, or its database cannot be used.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.inside = self.root / ".headstart"
        self.incoming = self.inside / "incoming"
        self.tried = self.inside / "tried"
        self.thumbs = self.inside / "thumbs"
        self.trash = self.root / ".trash"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.inside.mkdir(mode=0o700, exist_ok=True)  # it holds what open tabs are known by
            for folder in (self.incoming, self.tried, self.thumbs, self.trash):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The folder {self.root} cannot be used: {error.strerror}.",
                "Name another one with --workspace.",
            ) from error
        self.database = Database(self.root / FILE)
        self._seen: dict[str, Mapping[Path, int]] = {}
        self.looked: dict[str, tuple[int, int]] = {}
        self.by_hand: defaultdict[str, Counter[str]] = defaultdict(Counter)
        with FileLock(self.inside / "opening.lock").held(_PATIENCE):
            self.database.migrate()

    def lock(self, project: str) -> FileLock:
        """Return the lock that whoever changes the files of a project holds."""
        if not project.isalnum() or len(project) != 32:  # it becomes the name of a file
            raise NotFoundError("There is no such project.", "Go back to the list of your projects.")
        return FileLock(self.inside / "locks" / project)

    @contextmanager
    def changing(self, project: str) -> Iterator[None]:
        """Hold the lock of a project.

        Raises
        ------
        BusyError
            When somebody else does not let go of it.
        """
        with self.lock(project).held(_PATIENCE):
            yield

    def worker_lock(self) -> FileLock:
        """Return the lock that the one worker of this workspace holds while it lives."""
        return FileLock(self.inside / "worker.lock")

    def note_seen(self, project: str, times: Mapping[Path, int]) -> None:
        """Remember the times of a project's folders when they were looked into."""
        # A folder that changed a moment ago may change again within one tick of the disk's clock.
        if max(times.values(), default=0) < time.time_ns() - _TICK:
            self._seen[project] = times
        else:
            self._seen.pop(project, None)

    def as_seen(self, project: str) -> bool:
        """Return whether the folders of a project are as they were when they were last looked into."""
        times = self._seen.get(project)
        return bool(times) and all(_time_of(folder) == then for folder, then in (times or {}).items())

    def sweep(self) -> None:
        """Remove uploads that never arrived and inputs that were tried, of other days."""
        for folder in (self.incoming, self.tried):
            for path in folder.iterdir():
                if time.time() - path.stat().st_mtime <= _OLD:
                    continue
                if path.is_dir():
                    remove_tree(path)
                else:
                    path.unlink(missing_ok=True)


def folder_times(folder: Path) -> dict[Path, int]:
    """Return when each folder below this one, and itself, last got or lost an entry."""
    found: dict[Path, int] = {}
    waiting = [folder]
    while waiting:
        one = waiting.pop()
        found[one] = _time_of(one)
        try:
            with os.scandir(one) as entries:
                waiting += [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue
    return found


def _time_of(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def keep_folder(folder: Path) -> None:
    """Make sure that renames into and out of a folder survive a cut of the power."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move(source: Path, target: Path) -> None:
    """Move a file or folder within a workspace, making the target's folder.

    Raises
    ------
    StorageError
        When the disk refuses.
    FileNotFoundError
        When there is no such file.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageError(
            f"{source.name} could not be moved: {error.strerror}.",
            "Free some space or allow writing, then try again.",
        ) from error


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it, as far as that is possible."""
    shutil.rmtree(folder, ignore_errors=True)
