"""How far a job is, and how long it will take: from what earlier runs took, mended by what this one shows."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from headstart.app import store
from headstart.execution import Phase
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace
    from headstart.execution import Progress

STAGES = tuple(str(phase) for phase in Phase if phase is not Phase.OTHER)
_SHARES = {"reading": 0.02, "embedding": 0.55, "fitting": 0.25, "weighing": 0.15, "saving": 0.03}
# A first run of the gentle way: no time is told from these, only how far it is.
_GENTLE = {**_SHARES, "adapting": 9.0}
# Seconds for each example of a first run on two cores, from the table in the README. Before anything was
# measured on this machine they are all there is; what is told from them is marked as rough.
# The stage of adapting has many parts. This one takes most of it, and counts; its count goes on where an
# interrupted run has stopped.
_TUNING = "tuning"
_EVERY = 0.2
_SILENCE = 1.0


class Meter:
    """Turns the steps of a workflow into progress of the whole, a few times a second.

    Parameters
    ----------
    expected
        Seconds that each stage is expected to take, from earlier runs; empty where there was none.
    tell
        Called with what to show.
    rough
        Whether what is expected comes from other machines.
    """

    def __init__(
        self,
        expected: Mapping[str, float],
        tell: Callable[[dict[str, Any]], None],
        clock: Callable[[], float] = time.monotonic,
        *,
        rough: bool = False,
    ) -> None:
        self.spent: dict[str, float] = {}
        self._known, self._rough = bool(expected), rough
        self._expected = dict(expected) or {name: 10.0 * share for name, share in _GENTLE.items()}
        self._tell, self._clock = tell, clock
        self._stage, self._since, self._told = "reading", clock(), -1.0
        self._fraction = 0.0
        self._last: Progress | None = None
        self._tuning: tuple[int, float] | None = None
        self._earlier = 0.0
        self._guard = threading.Lock()

    def __call__(self, step: Progress) -> None:
        """Take in one step."""
        with self._guard:
            now = self._clock()
            stage = self._stage if step.phase is Phase.OTHER else str(step.phase)
            if stage != self._stage:
                self._end_stage(now)
                self._stage = stage
            self._last = step
            if step.stage == _TUNING and self._tuning is None:
                self._tuning = step.done, now
            self._learn(step, now)
            if now - self._told >= _EVERY or step.done == step.total:
                self._told = now
                self._tell(self.shown(step, now))

    def tick(self) -> None:
        """Tell how it stands where no step has come for a while: time passes all the same."""
        with self._guard:
            now = self._clock()
            if self._last is not None and now - self._told >= _SILENCE:
                self._told = now
                self._learn(self._last, now, counts=False)
                self._tell(self.shown(self._last, now))

    def expect(self, stage: str, seconds: float) -> None:
        """Expect a stage to take so long, now that more is known of what it has to do."""
        with self._guard:
            self._expected[stage] = max(seconds, self.spent.get(stage, 0.0))

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Tell now and then, for as long as the work goes on; the last stage ends with it."""
        ended = threading.Event()

        def tick() -> None:
            while not ended.wait(_SILENCE / 2):
                self.tick()

        thread = threading.Thread(target=tick, name="meter", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self._end_stage(self._clock())

    def _end_stage(self, now: float) -> None:
        """Note what the stage that ends took."""
        self.spent[self._stage] = self.spent.get(self._stage, 0.0) + now - self._since
        self._since = now

    def _learn(self, step: Progress, now: float, *, counts: bool = True) -> None:
        """Correct the expectation of a stage that counts, by how fast it goes."""
        here = self.spent.get(self._stage, 0.0) + now - self._since
        if counts and step.total and step.done > 0 and self._stage in ("embedding", "fetching"):
            self._expected[self._stage] = here * step.total / step.done
        elif counts and step.total and self._tuning is not None and step.done > self._tuning[0]:
            done, since = self._tuning
            pace = (now - since) / (step.done - done)
            self._expected[self._stage] = here + pace * (step.total - step.done)
            self._earlier = pace * done
            self._known = True  # it is most of the work by far, so the whole is known as well
        else:
            self._expected[self._stage] = max(self._expected.get(self._stage, 0.0), here)

    def shown(self, step: Progress, now: float) -> dict[str, Any]:
        """Return what to show."""
        order = STAGES.index(self._stage)
        later = sum(self._expected.get(name, 0.0) for name in STAGES[order + 1 :])
        here = self.spent.get(self._stage, 0.0) + now - self._since
        left = max(0.0, self._expected[self._stage] - here) + later
        passed = self._earlier + sum(self.spent.values()) + now - self._since
        self._fraction = max(self._fraction, min(0.99, passed / max(passed + left, 1e-9)))
        return {
            "stage": self._stage,
            "done": step.done,
            "total": step.total,
            "fraction": round(self._fraction, 4),
            "seconds_left": round(left, 1) if self._known else None,
            "rough": self._rough,
            "detail": step.stage,
            "figures": {name: round(value, 4) for name, value in step.figures.items()},
        }


def remembered(workspace: Workspace, key: str, count: int) -> dict[str, float]:
    """Return the seconds that each stage took the last time, scaled to so many examples."""
    with workspace.database.reading() as connection:
        value = store.notes.get(connection, f"pace:{key}")
    if value is None:
        return {}
    last = json.loads(value)
    scale = max(count, 1) / max(last["count"], 1)
    return {name: seconds * scale for name, seconds in last["spent"].items() if name != "fetching"}


def usual(modality: str, count: int) -> dict[str, float]:
    """Return the seconds that each stage takes elsewhere."""
    return {name: share * count * kind_of(modality).usual_seconds for name, share in _SHARES.items()}


def remember(workspace: Workspace, key: str, count: int, spent: Mapping[str, float]) -> None:
    """Keep the seconds that each stage took."""
    value = json.dumps({"count": count, "spent": {k: round(v, 3) for k, v in spent.items()}})
    with workspace.database.writing() as connection:
        store.notes.put(connection, f"pace:{key}", value)
