"""Results as plain data. Surfaces render them; they do not render themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from headstart.doubt_report import DoubtReport
from headstart.group_report import SuspectedGroups
from headstart.reasons import Reason
from headstart.types import Problem


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the range that holds the truth as often as `level` says.

    Attributes
    ----------
    estimate
        Between 0 and 1, or None where it could not be measured.
    low, high
        Ends of the interval; ``(0, 1)`` where nothing is known.
    level
        Share of repetitions in which such an interval holds the truth (0.95).
    how
        What was measured and how, in words a person can repeat.
    reason
        Why there is no estimate; None where there is one.
    """

    estimate: float | None
    low: float
    high: float
    level: float = 0.95
    how: str = ""
    reason: Reason | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data; ``reason`` only where there is one."""
        return {key: value for key, value in asdict(self).items() if key != "reason" or value is not None}


@dataclass(frozen=True, slots=True)
class ClassScore:
    """The recall of one class: the share of its `n` examples that get the right name."""

    recall: float | None
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


class Measurement(Protocol):
    """What any target is measured by: plain data, with how much it rests on."""

    @property
    def n(self) -> int:
        """Examples measured."""
        ...

    @property
    def n_groups(self) -> int:
        """Independent groups among them."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What a reader must know to read the numbers rightly."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data; they stand beside the rest of a report."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An honest measurement: every figure comes from predictions on examples not trained on.

    Attributes
    ----------
    accuracy
        With its interval, corrected for choices that were made by looking at scores.
    balanced_accuracy
        Mean of the recalls of all classes, so that rare classes count as much as common ones.
    log_loss
        Mean of -log(probability of the right class), in nats; smaller is better.
    ece
        Expected calibration error: how far stated probabilities are from what happens.
    per_class
        Class name to its recall with interval, in the order of the classes.
    guessing
        Accuracy of always naming the commonest class.
    confusion
        ``confusion[i][j]``: examples of class i that were called class j.
    n, n_groups
        Examples measured, and independent groups among them (the interval counts groups).
    notes
        What a reader must know to read the numbers rightly.
    """

    accuracy: Interval
    balanced_accuracy: float | None
    log_loss: float | None
    ece: float | None
    per_class: Mapping[str, ClassScore]
    guessing: float
    confusion: Sequence[Sequence[int]] = ()
    n: int = 0
    n_groups: int = 0
    notes: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "accuracy": self.accuracy.to_dict(),
            "balanced_accuracy": self.balanced_accuracy,
            "log_loss": self.log_loss,
            "ece": self.ece,
            "per_class": {name: score.to_dict() for name, score in self.per_class.items()},
            "guessing": self.guessing,
            "confusion": [list(row) for row in self.confusion],
            "n": self.n,
            "n_groups": self.n_groups,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """One configuration that was tried (base, features, head), measured the same way as the others.

    Attributes
    ----------
    log_loss, accuracy
        From leave-one-group-out predictions.
    cost_ms
        Milliseconds per new example on this machine; None where everything came from the cache.
    chosen, tied
        Whether it was taken; whether it is within one standard error of the best.
    """

    base: str
    head: str
    features: str
    log_loss: float | None
    accuracy: float | None
    cost_ms: float | None = None
    chosen: bool = False
    tied: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What one column of a table is used as, and what it adds.

    Attributes
    ----------
    role, reason
        See `headstart.types.ColumnRole`.
    share
        Its part in the mixture of features; 0 where the head looks past it.
    adds, low, high
        Accuracy on held-out rows less that without the column, with its interval; None where the column is
        not used, or nothing can be held out.
    """

    name: str
    role: str
    reason: str = ""
    share: float = 0.0
    adds: float | None = None
    low: float | None = None
    high: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data; ends of an interval that are not known are None."""
        fields = asdict(self)
        ends = {k: v for k in ("low", "high") if (v := fields[k]) is None or math.isfinite(v)}
        return {**fields, "low": None, "high": None, **ends}


@dataclass(frozen=True, slots=True)
class GentleReport:
    """What trying the gentle way gave, against the frozen one on the same examples.

    Attributes
    ----------
    tried, kept, why
        Whether the base was tuned, whether the tuned one is what was saved, and the reason.
    code
        The reason for programs. Not tried: ``one-group``, ``unmeasured``, ``few-mistakes``, ``few-examples``,
        ``libraries``. Kept: ``surely``, ``surer``, ``maybe``. Not kept: ``nothing``, ``chance``, ``worse``.
    figures
        Counts that belong to the reason.
    base
        Name of the base that was tuned.
    frozen_accuracy, gentle_accuracy
        Shares of held-out examples named right, both by fits without the example's fold.
    frozen, gentle, floor
        The same with intervals, and that of the simple classifier without any base: all on the same `folds`,
        by fits that learned from the same examples. Empty where not measured.
    frozen_alone
        Accuracy of the frozen model by leaving out as little as possible; comparable with nothing measured on
        `folds`, whose fits learn from fewer examples.
    difference, log_loss_difference
        Gentle less frozen with its paired interval over groups: of being right, and of the logarithm of the
        right class's probability.
    p_value
        Exact McNemar test that both are right equally often.
    setting
        ``epochs`` and ``part`` of the way from the base that were chosen on held-out examples.
    epochs, stopped
        Epochs that were run, and what ended them early: ``""``, ``"person"`` or ``"no gain"``.
    seconds, cpu_seconds
        What tuning cost: by the clock, and of all processors together.
    forgetting
        How much of what the base knew is still there; see `headstart.finetune.forgetting`.
    config
        The settings, resolved.
    """

    tried: bool
    kept: bool
    why: str
    code: str = ""
    base: str = ""
    frozen_accuracy: float | None = None
    gentle_accuracy: float | None = None
    frozen: Mapping[str, Any] = field(default_factory=dict)
    gentle: Mapping[str, Any] = field(default_factory=dict)
    floor: Mapping[str, Any] = field(default_factory=dict)
    frozen_alone: float | None = None
    difference: Mapping[str, Any] = field(default_factory=dict)
    log_loss_difference: Mapping[str, Any] = field(default_factory=dict)
    p_value: float | None = None
    folds: int = 0
    setting: Mapping[str, float] = field(default_factory=dict)
    epochs: int = 0
    stopped: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    forgetting: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What training did and what it is worth.

    Attributes
    ----------
    classes
        Class name to the number of examples used; for another target the names of what is learned.
    target
        The name of what was learned: see `headstart.targets`.
    evaluation
        What the model is worth on held-out examples: an `Evaluation` where classes are told apart, else the
        `Measurement` of the target.
    used
        Examples trained on: readable, each content once, no conflicts.
    floor
        Accuracy of a simple classifier without any base on the same examples, measured the same way.
    candidates
        Everything that was tried, including what was taken.
    duplicates, groups
        Examples left out because their content was there already; independent groups among those used.
    seconds
        ``read``, ``embed``, ``fit`` and ``total``.
    embedded, from_cache
        Inputs that ran through a base now, and that had done so before; counted once per base.
    doubt
        What the model's "unsure" and "none of these" are worth.
    method
        Of the model that was kept: ``frozen`` or ``gentle``.
    gentle
        What trying the gentle way gave; None where it was not asked for.
    suspected_groups
        Groups that nobody named but that the data give away, those that lower the accuracy first.
    columns
        What each column of a table adds, where examples are rows with several columns.
    inputs_look_like
        What the texts look like that are no sentences, such as "web addresses"; empty for all others. A model
        of them takes the like for texts too.
    """

    modality: str
    base: str
    method: str
    classes: Mapping[str, int]
    used: int
    problems: Sequence[Problem]
    evaluation: Any
    seconds: Mapping[str, float]
    embedded: int
    from_cache: int
    floor: Interval | None = None
    candidates: Sequence[Candidate] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    duplicates: int = 0
    groups: int = 0
    notes: Sequence[str] = ()
    model: str | None = None
    doubt: DoubtReport | None = None
    gentle: GentleReport | None = None
    suspected_groups: Sequence[SuspectedGroups] = ()
    columns: Sequence[ColumnReport] = ()
    inputs_look_like: str = ""
    target: str = "classes"

    def to_dict(self) -> dict[str, Any]:
        """Return one flat JSON object: the figures of `evaluation` stand beside the rest."""
        return {
            "modality": self.modality,
            "target": self.target,
            "base": self.base,
            "method": self.method,
            "classes": dict(self.classes),
            "used": self.used,
            "problems": [problem.to_dict() for problem in self.problems],
            "ignored": dict(self.ignored),
            "duplicates": self.duplicates,
            "groups": self.groups,
            "suspected_groups": [one.to_dict() for one in self.suspected_groups],
            **{k: v for k, v in self.evaluation.to_dict().items() if k != "notes"},
            "floor": self.floor.to_dict() if self.floor else None,
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            **({"gentle": self.gentle.to_dict()} if self.gentle else {}),
            **({"columns": [column.to_dict() for column in self.columns]} if self.columns else {}),
            "notes": [*self.notes, *self.evaluation.notes],
            "inputs_look_like": self.inputs_look_like,
            "seconds": dict(self.seconds),
            "embedded": self.embedded,
            "from_cache": self.from_cache,
            "doubt": self.doubt.to_dict() if self.doubt else None,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class HoldOutReport:
    """What a saved model is worth on labelled examples brought later.

    Attributes
    ----------
    used
        Examples that were measured.
    seen_in_training
        Examples left out because the model was trained on the same content.
    target, evaluation
        As in `TrainingReport`.
    """

    model: str
    modality: str
    used: int
    problems: Sequence[Problem]
    evaluation: Any
    seconds: Mapping[str, float]
    seen_in_training: int = 0
    notes: Sequence[str] = ()
    target: str = "classes"

    def to_dict(self) -> dict[str, Any]:
        """Return one flat JSON object: the figures of `evaluation` stand beside the rest."""
        return {
            "model": self.model,
            "modality": self.modality,
            "target": self.target,
            "used": self.used,
            "problems": [problem.to_dict() for problem in self.problems],
            "seen_in_training": self.seen_in_training,
            **{k: v for k, v in self.evaluation.to_dict().items() if k != "notes"},
            "notes": [*self.notes, *self.evaluation.notes],
            "seconds": dict(self.seconds),
        }
