"""What `headstart check` found out, as plain data: the three answers and what is behind them.

Surfaces render these; they do not render themselves. `to_dict` of each is the JSON that ``check --json``
prints; ``docs/checking.md`` describes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from headstart.reasons import Reason
from headstart.reports import Interval
from headstart.types import Problem


@dataclass(frozen=True, slots=True)
class Outlier:
    """An example that is like no other of its class.

    Attributes
    ----------
    p_value
        Share of all examples that are at least as far from their nearest neighbours.
    """

    source: str
    label: str
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GroupFinding:
    """What belongs together, and what it would do to the score if it were torn apart.

    Attributes
    ----------
    count
        Independent groups.
    given
        Whether the person said what belongs together (else only near-duplicates are grouped).
    largest
        Examples in the largest group.
    leakage_gap
        Accuracy with groups torn apart minus accuracy with groups kept whole (None where nothing is grouped):
        how much too good a careless measurement would look.
    low, high
        95 % interval of the gap.
    near_duplicates
        Groups that were found by likeness alone: names of the examples of each.
    """

    count: int
    given: bool
    largest: int
    leakage_gap: float | None = None
    low: float | None = None
    high: float | None = None
    near_duplicates: Sequence[Sequence[str]] = ()

    @property
    def leaks(self) -> bool:
        """Whether tearing groups apart evidently flatters the score."""
        return self.low is not None and self.low > 0

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, with ``leaks``."""
        alike = [list(names) for names in self.near_duplicates]
        return {**asdict(self), "leaks": self.leaks, "near_duplicates": alike}


@dataclass(frozen=True, slots=True)
class DataFinding:
    """What the examples are, and what is wrong with them. Nothing is ever removed without the person.

    Attributes
    ----------
    counts
        Class name to the number of examples used.
    used
        Examples that could be used: readable, each content once, no conflict.
    problems
        Every input that could not be used, or only once; each with its reason (duplicates and conflicts are
        among them too).
    duplicates, conflicts
        Those of the problems where the same content is there twice: under one label, under two.
    outliers
        Examples unlike all others, the strangest first.
    imbalance
        Size of the largest class over that of the smallest.
    notes
        What a person should know about how the data were read.
    """

    modality: str
    counts: Mapping[str, int]
    used: int
    problems: Sequence[Problem]
    duplicates: Sequence[Problem]
    conflicts: Sequence[Problem]
    groups: GroupFinding
    outliers: Sequence[Outlier] = ()
    imbalance: float = 1.0
    notes: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "modality": self.modality,
            "counts": dict(self.counts),
            "used": self.used,
            "problems": [problem.to_dict() for problem in self.problems],
            "duplicates": [problem.to_dict() for problem in self.duplicates],
            "conflicts": [problem.to_dict() for problem in self.conflicts],
            "groups": self.groups.to_dict(),
            "outliers": [outlier.to_dict() for outlier in self.outliers],
            "imbalance": self.imbalance,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Offer:
    """A base model there is for this kind of data.

    Attributes
    ----------
    installed
        Whether it is on this machine; only such bases are measured.
    size
        Bytes to fetch.
    cost_ms
        Milliseconds per example on one core; None where not measured.
    suits
        Whether language (text) or domain (audio) fits the examples; None where that cannot be told.
    why
        What `suits` rests on, in one line.
    hub
        Whether it comes from a hub, which takes network.
    reason
        The code and figures behind `why`; None where that is empty.
    """

    name: str
    title: str
    trained_on: str
    domain: str
    installed: bool
    size: int
    licence: str
    language: str = ""
    cost_ms: float | None = None
    suits: bool | None = None
    why: str = ""
    hub: bool = False
    reason: Reason | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "reason": _plain(self.reason)}


@dataclass(frozen=True, slots=True)
class SecondOpinions:
    """Other measures of how well the embeddings of a base suit the labels; more is better in each.

    Attributes
    ----------
    knn
        Accuracy of naming each example like its nearest neighbour outside its group.
    logme
        Log evidence per example that the labels are linear in the embedding (LogME, arXiv 2102.11005, with
        the rank in place of the width); a guess about gentle fine-tuning.
    hscore
        Shrunk H-score (arXiv 2110.06893): how far classes lie apart, at most classes - 1.
    """

    knn: float | None = None
    logme: float | None = None
    hscore: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RankedBase:
    """How a base did on the person's own examples, held out in turn.

    Attributes
    ----------
    log_loss, accuracy
        Of the best head on this base's features, leave-one-group-out; the interval is corrected for having
        been chosen among the settings tried.
    head, features
        Which head on which features that was.
    column
        Of rows with several columns: the one whose cells run through it, and that it was measured on alone.
    tied
        Whether its loss is within one standard error of the best base's.
    chosen
        Whether it is the one to take: the cheapest of the tied.
    """

    base: str
    log_loss: float | None
    accuracy: Interval
    second_opinions: SecondOpinions
    cost_ms: float | None = None
    tied: bool = False
    chosen: bool = False
    head: str = ""
    features: str = ""
    column: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "base": self.base,
            "log_loss": self.log_loss,
            "accuracy": self.accuracy.to_dict(),
            "second_opinions": self.second_opinions.to_dict(),
            "cost_ms": self.cost_ms,
            "tied": self.tied,
            "chosen": self.chosen,
            "head": self.head,
            "features": self.features,
            **({"column": self.column} if self.column else {}),
        }


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike the examples and what the base learned from are. It describes; the ranking predicts.

    Attributes
    ----------
    verdict
        ``familiar``, ``partly`` or ``foreign``; None where the base gives nothing to judge by.
    measures
        Name to number: what the verdict rests on, and more; see ``docs/checking.md``.
    nearest_reference
        The reference set whose measures are nearest to these, in words (``photos of things``, ``noise``).
    looks_like
        Class name to the base's own names for its examples, each with its share, the commonest first.
    why
        The verdict in one sentence.
    reason
        The code and figures behind it; None where a kind of data from elsewhere judges in its own words.
    column
        Of rows with several columns: the one whose cells are judged.
    """

    base: str
    verdict: str | None
    measures: Mapping[str, float | None] = field(default_factory=dict)
    looks_like: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)
    nearest_reference: str = ""
    why: str = ""
    reason: Reason | None = None
    column: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data; ``looks_like`` holds ``[name, share]`` lists."""
        return {
            "base": self.base,
            "verdict": self.verdict,
            "measures": dict(self.measures),
            "looks_like": {label: [[n, s] for n, s in names] for label, names in self.looks_like.items()},
            "nearest_reference": self.nearest_reference,
            "why": self.why,
            "reason": _plain(self.reason),
            **({"column": self.column} if self.column else {}),
        }


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Accuracy with so many examples of each class; low and high are the 5 % and 95 % ends."""

    n_per_class: float
    accuracy: float | None
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TargetForecast:
    """How many examples per class a wanted accuracy takes.

    Attributes
    ----------
    n_per_class_low, n_per_class_high
        Range of what may be needed. `n_per_class_high` is None where the curve may never get there within
        `limit`; both are None where `reachable` is False.
    reachable
        ``reached`` already, ``yes``, ``uncertain`` (some of the curves never get there), or ``no``: not with
        this base.
    in_words
        The answer in one sentence.
    reason
        The code and figures behind it.
    """

    target: float
    n_per_class_low: float | None
    n_per_class_high: float | None
    reachable: str
    in_words: str
    reason: Reason | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "reason": _plain(self.reason)}


@dataclass(frozen=True, slots=True)
class ClassGain:
    """What more examples of one class would bring.

    Attributes
    ----------
    share
        Share of all mistakes that are about this class: missed, or named wrongly.
    gain
        By how many points the recall of the class rose over the last doubling of examples; None where it
        could not be measured.
    """

    label: str
    share: float
    gain: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Amount:
    """The answer to: would more examples help.

    Attributes
    ----------
    curve
        Measured: accuracy with fewer examples than there are, up to all of them.
    forecast
        Beyond what there is, up to three times as many; intervals only, for nobody knows the point.
    for_target
        The answer for the accuracy that was asked for; None where none was.
    classes
        Classes that would gain most from more examples, first first.
    in_words
        The answer in one or two sentences.
    verdict
        ``hardly``, ``may`` or ``would``: whether twice as many are worth a point of accuracy; empty where
        that could not be measured.
    reason
        The code and figures behind `in_words`.
    """

    curve: Sequence[CurvePoint] = ()
    forecast: Sequence[CurvePoint] = ()
    for_target: TargetForecast | None = None
    classes: Sequence[ClassGain] = ()
    in_words: str = ""
    verdict: str = ""
    reason: Reason | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data; a forecast point has no ``accuracy``."""
        ahead = [point.to_dict() for point in self.forecast]
        return {
            "curve": [point.to_dict() for point in self.curve],
            "forecast": [{k: v for k, v in point.items() if k != "accuracy"} for point in ahead],
            "for_target": self.for_target.to_dict() if self.for_target else None,
            "classes": [one.to_dict() for one in self.classes],
            "in_words": self.in_words,
            "verdict": self.verdict,
            "reason": _plain(self.reason),
        }


def _plain(reason: Reason | None) -> dict[str, Any] | None:
    return None if reason is None else reason.to_dict()
