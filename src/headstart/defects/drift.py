"""Whether parts still look as they did in training: a test that may be asked after every part.

Each score is ranked among those of training and those before it. While parts are like those of training the
ranks are independent and uniform, whatever the scores are distributed like (Vovk et al. 2005), and a bet on
anything else wins nothing on average. So the chance that its winnings ever reach 1 / a is at most a (Ville's
inequality), over a whole shift and not for each part (Vovk, "Testing randomness online", 2021).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headstart.errors import ParameterError
from headstart.targets import DEFECTS, target_of

if TYPE_CHECKING:
    from headstart.defects.head import DefectHead
    from headstart.model import Model
    from headstart.types import Float64Array, Prediction

SHIFT = 10_000
"""Parts that the promise is for; then the test begins anew."""
FALSE_ALARMS = 0.01
"""The greatest chance of a false alarm in so many parts."""
TELLING = 0.25
"""Standard deviations from which on a shift of the mean is told by its direction."""

_MOVED = np.array([0.5, 1.0, 2.0, -0.5, -1.0, 0.0, 0.0])
_SPREAD = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.5])
"""What is bet on: that normal scores have moved by so much, or are spread by so much."""
_ODDEST = 0.05
"""Share of the oddest scores that all count alike, so that a few defects win no bet."""
_FROM_THE_START = 0.5
"""Share of the stake that is bet from the first part on; the rest is spread evenly over all parts."""
_NORMAL = NormalDist()
_TOP = _NORMAL.inv_cdf(1 - _ODDEST)
_TOP_WON = np.log([(1 - NormalDist(m, s).cdf(_TOP)) / _ODDEST for m, s in zip(_MOVED, _SPREAD, strict=True)])
_SEED = 340


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What the test says.

    Attributes
    ----------
    found
        Whether parts no longer look as they did in training.
    parts
        Parts looked at in this shift.
    since
        The part from which on it is likeliest, counted from 1; None where nothing was found.
    shift
        By how many standard deviations of good parts the usual (median) score has moved since then; over
        all parts where nothing was found, and None where there are none.
    evidence
        What a stake of 1 has become at its best: 1 / `false_alarms` is an alarm.
    false_alarms
        The greatest chance of a false alarm in a shift of so many parts as `of`.
    of
        Parts of a shift.
    """

    found: bool
    parts: int
    since: int | None
    shift: float | None
    evidence: float
    false_alarms: float
    of: int = SHIFT

    @property
    def code(self) -> str:
        """``none``, ``odder``, ``less-odd`` or ``uneven``: the key of what to tell a person."""
        if not self.found or self.shift is None:
            return "none"
        if abs(self.shift) < TELLING:
            return "uneven"
        return "odder" if self.shift > 0 else "less-odd"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "code": self.code}


class Bets:
    """What stakes on several changes, each from any part on, have become.

    Parameters
    ----------
    streams
        How many sequences are tested beside each other.
    """

    def __init__(self, streams: int = 1) -> None:
        shape = streams, len(_MOVED)
        self.count = 0
        self._from_start = np.zeros(shape)
        self._from_any = np.full(shape, -np.inf)
        self._run, self.first = np.zeros(shape), np.zeros(shape, dtype=np.int64)

    def place(self, z: Float64Array) -> Float64Array:
        """Take the next normal score of each stream; return the logarithm of what a stake of 1 is now."""
        won = (z[:, None] ** 2 - ((z[:, None] - _MOVED) / _SPREAD) ** 2) / 2 - np.log(_SPREAD)
        won = np.where(z[:, None] >= _TOP, _TOP_WON, won)
        self.first = np.where(self._run <= 0, self.count, self.first)
        self._run = np.maximum(self._run, 0) + won
        self._from_start += won
        self._from_any = np.logaddexp(self._from_any, -np.log(SHIFT)) + won
        self.count += 1
        later = np.log(max(SHIFT - self.count, 0) / SHIFT + 1e-300)
        any_part = np.logaddexp(self._from_any, later)
        both = np.logaddexp(
            self._from_start + np.log(_FROM_THE_START), any_part + np.log(1 - _FROM_THE_START)
        )
        return np.asarray(np.logaddexp.reduce(both, axis=1) - np.log(len(_MOVED)), dtype=np.float64)

    def likeliest_start(self) -> int:
        """Return from which part on the best bet of the first stream has won without a setback."""
        return int(self.first[0, int(self._run[0].argmax())])


class DriftTest:
    """Tests whether parts still look as they did in training.

    Parameters
    ----------
    model
        A model that finds defects.
    false_alarms
        The greatest chance of a false alarm in a shift of 10,000 parts.

    Raises
    ------
    ParameterError
        When the model does not find defects, or the chance is none.

    Examples
    --------
    >>> test = headstart.DriftTest(model)  # doctest: +SKIP
    >>> test.see(model.predict(photos)).found  # doctest: +SKIP
    False
    """

    def __init__(self, model: Model, *, false_alarms: float = FALSE_ALARMS) -> None:
        if model.target != DEFECTS.name:
            raise ParameterError(
                f"Drift is tested for models that find defects; this model learned "
                f"{target_of(model.target).words.many}.",
                "Train with --target defects (target='defects' in Python).",
            )
        if not 0 < false_alarms < 1:
            raise ParameterError(
                f"The chance of a false alarm must be between 0 and 1, got {false_alarms:g}.",
                "Leave it away for 0.01.",
            )
        self.false_alarms = false_alarms
        self._usual = cast("DefectHead", model.head).detector.left_out.astype(np.float64)
        self._begin(0)

    @property
    def of(self) -> int:
        """Parts of a shift."""
        return SHIFT

    def see(self, predictions: Iterable[Prediction]) -> DriftReport:
        """Take what a model said of parts, in the order in which they came; return what that shows.

        Those that could not be read are passed over.
        """
        return self.add(score for one in predictions if (score := getattr(one, "score", None)) is not None)

    def add(self, scores: Iterable[float]) -> DriftReport:
        """Take scores, in the order of the parts; return what they show."""
        for score in scores:
            if len(self._scores) == SHIFT:
                self._begin(self._shifts + 1)
            self._take(float(score))
        return self.report()

    def report(self) -> DriftReport:
        """Return what the parts so far show."""
        shift = None
        if self._scores:
            since = self._scores[self._since or 0 :]
            shift = round(float((np.median(since) - np.median(self._usual)) / (self._usual.std() or 1.0)), 2)
        return DriftReport(
            found=self._since is not None,
            parts=len(self._scores),
            since=None if self._since is None else self._since + 1,
            shift=shift,
            evidence=round(float(np.exp(min(self._best, 300.0))), 2),
            false_alarms=self.false_alarms,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the state as plain data, for `resume`."""
        return {"shifts": self._shifts, "scores": list(self._scores)}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `to_dict` returned.

        Raises
        ------
        KeyError, TypeError, ValueError
            When it is none.
        """
        self._begin(int(state["shifts"]))
        scores: Sequence[float] = [float(score) for score in state["scores"]]
        if len(scores) > SHIFT or not np.isfinite(scores).all():
            raise ValueError("not the scores of one shift")
        self.add(scores)

    def _begin(self, shifts: int) -> None:
        self._shifts = shifts
        self._scores: list[float] = []
        self._sorted = sorted(self._usual.tolist())
        self._bets = Bets()
        self._draws = np.random.default_rng([_SEED, shifts]).uniform(1e-9, 1 - 1e-9, SHIFT)
        self._best = 0.0
        self._since: int | None = None

    def _take(self, score: float) -> None:
        above = len(self._sorted) - bisect_right(self._sorted, score)
        alike = 1 + len(self._sorted) - above - bisect_left(self._sorted, score)
        p = (above + alike * self._draws[len(self._scores)]) / (len(self._sorted) + 1)
        insort(self._sorted, score)
        self._scores.append(score)
        won = float(self._bets.place(np.array([-_NORMAL.inv_cdf(p)]))[0])
        self._best = max(self._best, won)
        if self._since is None and won >= -np.log(self.false_alarms):
            self._since = self._bets.likeliest_start()
