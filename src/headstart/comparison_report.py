"""What comparing the ways to a model gave: plain data, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from headstart.kinds import has_columns

WAYS = ("floor", "scratch", "frozen", "gentle")
TITLES: Mapping[str, str] = {
    "floor": "simple features of the input, no base model",
    "scratch": "the same network, learnt from nothing",
    "frozen": "the base model as it is, a new head",
    "gentle": "the base model, gently tuned",
}
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
    def verdict(self) -> list[str]:
        """What it means, in words."""
        return [*_about_base(self), *_about_tuning(self), *_about_scratch(self)]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, with titles and the verdict."""
        plain = asdict(self)
        plain["ways"] = [{**asdict(way), "title": way.called} for way in self.ways]
        plain["pairs"] = [{**asdict(pair), "evident": pair.evident} for pair in self.pairs]
        return {**plain, "verdict": self.verdict}


def _pair(found: Comparison, first: str, second: str) -> Pair | None:
    return next((p for p in found.pairs if (p.first, p.second) == (first, second)), None)


def _range(pair: Pair) -> str:
    if pair.low is None or pair.high is None:
        return f"{100 * pair.difference:+.1f} of 100"
    ends = f"{100 * pair.low:+.1f} and {100 * pair.high:+.1f}"
    return f"{100 * pair.difference:+.1f} of 100, at 95% between {ends}"


def _about_base(found: Comparison) -> list[str]:
    pair = _pair(found, "frozen", "floor")
    if pair is None:
        return []
    if has_columns(found.modality):
        return [_against_trees(pair)]
    if not pair.evident:
        return [f"The base model makes no difference that these examples can show ({_range(pair)})."]
    if pair.difference < 0:
        return [f"Simple features do better than {found.base} here ({_range(pair)})."]
    return [f"The base model {found.base} is worth {_range(pair)}."]


def _against_trees(pair: Pair) -> str:
    if not pair.evident:
        return (
            "Whether all columns together or a tree-based model on the simple ones is better, these examples "
            f"cannot show ({_range(pair)})."
        )
    if pair.difference < 0:
        return f"A tree-based model on the simple columns does better here ({_range(pair)})."
    return f"All columns together are worth {_range(pair)}, beside a tree-based model on the simple ones."


def _about_tuning(found: Comparison) -> list[str]:
    pair = _pair(found, "gentle", "frozen")
    if pair is None:
        return []
    if not pair.evident:
        words = f"Tuning it gently makes no difference that these examples can show ({_range(pair)})"
    else:
        better = "better" if pair.difference > 0 else "worse"
        words = f"Tuning it gently is {better} beyond doubt ({_range(pair)})"
    said = f"{words}; with method auto, training keeps the {found.auto} one."
    return [said] if pair.evident else [said, _why_not_evident(found, pair)]


def _why_not_evident(found: Comparison, pair: Pair) -> str:
    """Say what keeps a difference from being seen."""
    if pair.low is None or pair.high is None:
        return "Why: all examples are of one group, and one group cannot show what is chance."
    if pair.low == pair.high == pair.difference == 0:
        return (
            "Why: both name the same examples right. Held-out examples gave no reason to go from the base "
            "far enough to change an answer for the better."
        )
    half = 50 * (pair.high - pair.low)
    kind = "independent groups of examples" if found.groups < found.used else "examples"
    why = f"Why: {found.groups:,} {kind} show only a difference of about {half:.1f} of 100 or more"
    frozen = found.way("frozen")
    if frozen is not None and frozen.accuracy >= NEARLY_ALL:
        missed = round((1 - frozen.accuracy) * found.used)
        why += f", and the frozen model leaves {missed:,} of {found.used:,} to win"
    return why + "."


def _about_scratch(found: Comparison) -> list[str]:
    pair, frozen, scratch = _pair(found, "scratch", "frozen"), found.way("frozen"), found.way("scratch")
    if pair is None or frozen is None or scratch is None:
        return []
    times = scratch.cpu_seconds / max(frozen.cpu_seconds, 0.01)
    worse = "more" if pair.difference > 0 else "fewer"
    said = (
        f"Learnt from nothing, the same network names {abs(100 * pair.difference):.1f} of 100 {worse} right"
    )
    return [f"{said} and takes {times:,.0f} times the processor time."]
