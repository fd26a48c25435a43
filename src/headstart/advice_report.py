"""The whole of what `headstart check` answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from headstart.advice_types import (
    Amount,
    DataFinding,
    Offer,
    RankedBase,
    Similarity,
)
from headstart.group_report import SuspectedGroups
from headstart.reasons import Reason
from headstart.reports import ColumnReport, Evaluation, Interval

if TYPE_CHECKING:
    from headstart.types import Source


@dataclass(frozen=True, slots=True)
class Suspect:
    """An example whose label may be wrong.

    Attributes
    ----------
    suggested
        What the held-out prediction says instead.
    score
        From 0 to 1; the higher, the surer that the label is wrong.
    """

    source: str
    label: str
    suggested: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Mistake:
    """An example that was named wrongly when it was held out."""

    source: str
    label: str
    said: str
    probability: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """How often one class was called another (or itself), with some of the examples.

    Attributes
    ----------
    examples
        Names of up to 12 of them, the surest answers first.
    """

    label: str
    said: str
    count: int
    examples: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "examples": list(self.examples)}


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Answers given with about the same sureness: what was stated, and what was right."""

    stated: float
    right: float
    count: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Advice:
    """What a person should know before training: is there a base, how alike, how many, what is wrong.

    Attributes
    ----------
    data
        What the examples are and what is wrong with them.
    availability
        Every base model there is for this kind of data, those on this machine first.
    ranking
        The bases that were measured, the one to take first. Its `accuracy` is what to expect.
    similarity
        One for each base measured, in the order of `ranking`.
    amount
        Would more examples help?
    labels_to_check
        Likely label errors, the likeliest first.
    learnable
        ``yes``; ``no`` where held-out answers are no better than guessing; ``unknown`` where nothing could be
        held out.
    conclusions
        The verdict, one statement after the other: ``nothing``, ``why-nothing``, ``unmeasured``, ``too-few``,
        ``bring``, or ``yes`` or ``yes-without-base``, ``base``, ``expect``, ``worth``, ``no-worth``,
        ``amount``; of rows ``column-bases`` or ``columns-without-base``, and ``trees``, ``trees-worse``,
        ``trees-better`` or ``trees-alike`` in place of those on one base.
    steps
        What to do, the most useful first: ``apart``, ``conflicts``, ``labels``, ``outliers``, ``near``,
        ``try-base``, ``compare-base``, ``more``, ``target``, ``begin`` or ``train``.
    evaluation
        Of the chosen base: accuracy, recall of each class, confusion matrix.
    columns
        Of rows with several columns: what each is used as, and what it adds; else empty.
    floor
        Accuracy without any base model (simple features of the raw input), measured in the same way.
    worth
        Accuracy of the chosen base minus that of the floor on the same examples, with its interval; None
        where not measured.
    confusion
        The cells of the confusion matrix that are not empty, with names of examples.
    mistakes
        Examples named wrongly when held out, the surest first.
    calibration
        Stated sureness beside what was right, in bins.
    suspected_groups
        Groups that nobody named but that the data give away, those that lower the accuracy first.
    notes
        What a reader must know to read the numbers rightly; where second opinions disagree, what that means.
    seconds
        ``read``, ``embed``, ``measure`` (heads on every base), ``weigh`` (all the rest) and ``total``.
    sources
        Name of each example spoken of above to the input itself, so that a page can show it. Not part of the
        plain data.
    """

    data: DataFinding
    availability: Sequence[Offer]
    ranking: Sequence[RankedBase]
    similarity: Sequence[Similarity]
    amount: Amount
    labels_to_check: Sequence[Suspect]
    learnable: str
    conclusions: Sequence[Reason]
    steps: Sequence[Reason]
    evaluation: Evaluation
    floor: Interval | None = None
    worth: Interval | None = None
    confusion: Sequence[ConfusionCell] = ()
    mistakes: Sequence[Mistake] = ()
    calibration: Sequence[CalibrationBin] = ()
    notes: Sequence[str] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    embedded: int = 0
    from_cache: int = 0
    suspected_groups: Sequence[SuspectedGroups] = ()
    columns: Sequence[ColumnReport] = ()
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False, compare=False)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of the evaluation."""
        return tuple(self.data.counts)

    @property
    def verdict(self) -> str:
        """The verdict in one paragraph of English."""
        return " ".join(one.text for one in self.conclusions)

    @property
    def next_steps(self) -> list[str]:
        """What to do, in English."""
        return [step.text for step in self.steps]

    @property
    def base(self) -> str | None:
        """The base to take; None where none could be measured."""
        return next((one.base for one in self.ranking if one.chosen), None)

    def _repr_html_(self) -> str:
        """Show verdict, bases and next steps in a notebook; `headstart.report` makes the whole page."""
        rows = "".join(f"<tr>{_cells(one)}</tr>" for one in self.ranking)
        steps = "".join(f"<li>{escape(step)}</li>" for step in self.next_steps)
        head = "<tr><th>base</th><th>right of 100</th><th>95% interval</th></tr>"
        alike = "".join(
            f"<p><b>{escape(s.base)}</b>: {escape(s.why)}</p>" for s in self.similarity if s.verdict
        )
        return f"<p>{escape(self.verdict)}</p><table>{head}{rows}</table>{alike}<ol>{steps}</ol>"

    def to_dict(self) -> dict[str, Any]:
        """Return what ``headstart check --json`` prints."""
        return {
            "data": self.data.to_dict(),
            "availability": [offer.to_dict() for offer in self.availability],
            "ranking": [one.to_dict() for one in self.ranking],
            "similarity": [one.to_dict() for one in self.similarity],
            "amount": self.amount.to_dict(),
            "labels_to_check": [one.to_dict() for one in self.labels_to_check],
            "learnable": self.learnable,
            "verdict": self.verdict,
            "conclusions": [one.to_dict() for one in self.conclusions],
            "next_steps": self.next_steps,
            "steps": [step.to_dict() for step in self.steps],
            "evaluation": self.evaluation.to_dict(),
            "floor": self.floor.to_dict() if self.floor else None,
            "worth": self.worth.to_dict() if self.worth else None,
            "confusion": [cell.to_dict() for cell in self.confusion],
            "mistakes": [one.to_dict() for one in self.mistakes],
            "calibration": [one.to_dict() for one in self.calibration],
            "suspected_groups": [one.to_dict() for one in self.suspected_groups],
            **({"columns": [one.to_dict() for one in self.columns]} if self.columns else {}),
            "notes": list(self.notes),
            "seconds": dict(self.seconds),
            "embedded": self.embedded,
            "from_cache": self.from_cache,
        }


def _cells(one: RankedBase) -> str:
    """Return one row of the table of bases in a notebook."""
    found = one.accuracy
    name = f"<b>{escape(one.base)}</b>" if one.chosen else escape(one.base)
    if found.estimate is None:
        return f"<td>{name}</td><td>not known</td><td></td>"
    span = f"{100 * found.low:.0f} to {100 * found.high:.0f}"
    return f"<td>{name}</td><td>{100 * found.estimate:.0f}</td><td>{span}</td>"
