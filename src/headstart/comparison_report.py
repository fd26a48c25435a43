"""What comparing the ways to a model gave, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from headstart.kinds import has_columns
from headstart.reasons import Reason
from headstart.wording import ENGLISH, reason

WAYS = ("floor", "scratch", "frozen", "gentle")
TITLES: Mapping[str, str] = {name: ENGLISH.say(f"comparison.{name}-title") for name in WAYS}
"""Each way as a person would say it."""


NEARLY_ALL = 0.95
"""Share of right answers from which on little is left for another way to win."""


@dataclass(frozen=True)
class Way:
    """One way to a model, measured on the outer folds.

    Attributes
    ----------
    name
        One of `WAYS`.
    accuracy, low, high
        Share of held-out examples that it names right, with the interval over groups.
    log_loss
        Mean surprise at the right class, in nats.
    by_fold
        Accuracy in each outer fold.
    seconds, cpu_seconds
        What learning on all folds cost: by the clock, and of all processors together.
    settings
        What it was trained with.
    title
        What to call it, where `TITLES` does not say it.
    """

    name: str
    accuracy: float
    low: float
    high: float
    log_loss: float
    by_fold: Sequence[float]
    seconds: float
    cpu_seconds: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""

    @property
    def called(self) -> str:
        """What to call it."""
        return self.title or TITLES[self.name]


@dataclass(frozen=True)
class Pair:
    """Two ways on the same examples.

    Attributes
    ----------
    first, second
        Names of the ways.
    difference, low, high
        Accuracy of the first less the second, and its paired interval over groups; an end is None where one
        group is all there is.
    p_value
        Exact McNemar test that both are right equally often.
    """

    first: str
    second: str
    difference: float
    low: float | None
    high: float | None
    p_value: float

    @property
    def evident(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Comparison:
    """All ways on the same outer folds.

    Attributes
    ----------
    modality, base, classes, used, groups, folds
        What was compared on: kind of data, base that all start from, class to count, examples, independent
        groups, outer folds.
    ways, pairs
        What each is worth and cost, and how they differ.
    auto
        The way that ``train --method auto`` keeps.
    left_out
        Way to why it was not run.
    notes
        What a person should know.
    """

    modality: str
    base: str
    classes: Mapping[str, int]
    used: int
    groups: int
    folds: int
    ways: Sequence[Way]
    pairs: Sequence[Pair]
    auto: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def way(self, name: str) -> Way | None:
        """Return one way, or None where it was not run."""
        return next((way for way in self.ways if way.name == name), None)

    @property
    def conclusions(self) -> list[Reason]:
        """What it means: ``base-…`` or ``rows-…``, ``tuning-…``, ``why-…`` and ``scratch-…``."""
        return [*_about_base(self), *_about_tuning(self), *_about_scratch(self)]

    @property
    def verdict(self) -> list[str]:
        """What it means, in English."""
        return [one.text for one in self.conclusions]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, with titles and the verdict."""
        plain = asdict(self)
        plain["ways"] = [{**asdict(way), "title": way.called} for way in self.ways]
        plain["pairs"] = [{**asdict(pair), "evident": pair.evident} for pair in self.pairs]
        conclusions = [one.to_dict() for one in self.conclusions]
        return {**plain, "verdict": self.verdict, "conclusions": conclusions}


def _pair(found: Comparison, first: str, second: str) -> Pair | None:
    return next((p for p in found.pairs if (p.first, p.second) == (first, second)), None)


def _of(pair: Pair) -> dict[str, Any]:
    """Return the figures of a difference."""
    ends = {"low": pair.low, "high": pair.high}
    known = pair.low is not None and pair.high is not None
    return {"difference": pair.difference, **ends, "known": known}


def _outcome(pair: Pair) -> str:
    if not pair.evident:
        return "same"
    return "worse" if pair.difference < 0 else "better"


def _about_base(found: Comparison) -> list[Reason]:
    pair = _pair(found, "frozen", "floor")
    if pair is None:
        return []
    whose = "rows" if has_columns(found.modality) else "base"
    return [reason("compared", f"{whose}-{_outcome(pair)}", base=found.base, **_of(pair))]


def _about_tuning(found: Comparison) -> list[Reason]:
    pair = _pair(found, "gentle", "frozen")
    if pair is None:
        return []
    said = reason("compared", f"tuning-{_outcome(pair)}", kept=found.auto, **_of(pair))
    return [said] if pair.evident else [said, _why_not_evident(found, pair)]


def _why_not_evident(found: Comparison, pair: Pair) -> Reason:
    """Say what keeps a difference from being seen."""
    if pair.low is None or pair.high is None:
        return reason("compared", "why-one-group")
    if pair.low == pair.high == pair.difference == 0:
        return reason("compared", "why-none")
    figures = {
        "half": (pair.high - pair.low) / 2,
        "count": found.groups,
        "grouped": found.groups < found.used,
    }
    frozen = found.way("frozen")
    if frozen is None or frozen.accuracy < NEARLY_ALL:
        return reason("compared", "why-few", **figures)
    missed = round((1 - frozen.accuracy) * found.used)
    return reason("compared", "why-few-and-left", missed=missed, used=found.used, **figures)


def _about_scratch(found: Comparison) -> list[Reason]:
    pair, frozen, scratch = _pair(found, "scratch", "frozen"), found.way("frozen"), found.way("scratch")
    if pair is None or frozen is None or scratch is None:
        return []
    times = scratch.cpu_seconds / max(frozen.cpu_seconds, 0.01)
    code = "scratch-more" if pair.difference > 0 else "scratch-fewer"
    return [reason("compared", code, difference=abs(pair.difference), times=times)]
