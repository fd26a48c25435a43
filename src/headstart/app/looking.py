"""Looking through a project's folder while somebody waits: at once where little is new, told where much."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from headstart.app.faults import BusyError
from headstart.app.rescan import rescan

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

PATIENCE = 0.4
"""Seconds that a screen waits for a look to end before it shows how far that is instead."""
_FRESH = 3.0
"""Seconds after its end in which a look that nobody waited for still counts: the screen that showed how far
it is asks again at once, and must not begin another that takes as long."""


class Look:
    """One look through the folder of a project, in a thread of its own.

    Parameters
    ----------
    workspace, project
        Where to look.
    """

    def __init__(self, workspace: Workspace, project: str) -> None:
        self._workspace, self._project = workspace, project
        self._thread = threading.Thread(target=self._run, name="look", daemon=True)
        self._error: BaseException | None = None
        self._end = float("inf")
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return not self._thread.is_alive()

    @property
    def stale(self) -> bool:
        """Whether it was over long before now: much may have been done by hand since."""
        return self.ended and time.monotonic() - self._end > _FRESH

    def wait(self, seconds: float) -> bool:
        """Wait for its end, for at most so many seconds; return whether it came.

        Raises
        ------
        HeadstartError
            When the look failed.
        """
        self._thread.join(seconds)
        if not self.ended:
            return False
        if self._error is not None:
            raise self._error
        return True

    def _run(self) -> None:
        try:
            while True:
                try:
                    rescan(self._workspace, self._project, quick=True)
                except BusyError:
                    if self._project not in self._workspace.looked:
                        raise  # not held up by a long look of this same app
                else:
                    return
        except BaseException as error:
            self._error = error
        finally:
            self._end = time.monotonic()


class Looking:
    """The looks that are under way, at most one for each project.

    Parameters
    ----------
    workspace
        Whose projects.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._looks: dict[str, Look] = {}
        self._guard = threading.Lock()

    def look(self, project: str, patience: float = PATIENCE) -> bool:
        """Notice what was done by hand; return False where that takes longer than the patience.

        It goes on then, and the next call joins it.
        """
        with self._guard:
            look = self._looks.get(project)
            if look is None or look.stale:
                look = self._looks[project] = Look(self._workspace, project)
        try:
            return look.wait(patience)
        finally:
            if look.ended:
                with self._guard:
                    if self._looks.get(project) is look:
                        del self._looks[project]

    def state(self, project: str) -> dict[str, bool | int | None]:
        """Return whether a look is under way, and how many of how many files it has examined."""
        with self._guard:
            look = self._looks.get(project)
        done, total = self._workspace.looked.get(project, (0, None))
        return {"looking": look is not None and not look.ended, "done": done, "total": total}
