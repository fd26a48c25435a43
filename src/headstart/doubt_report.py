"""What doubting is worth, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Promise:
    """What asking for one confidence gives.

    Attributes
    ----------
    confidence
        How often the right class is to be in the set.
    low, high
        The share that this holds for among very many new examples lies in this range in 9 trainings of 10:
        the thresholds come from a limited number of examples.
    covered
        Share of held-out examples whose right class was in the set, by thresholds that did not use them;
        higher than asked where the likeliest class alone is right more often than that.
    answered
        Share of them that got a single class.
    right
        Share of those single classes that were right; None where there were none.
    own
        How many classes have a threshold of their own.
    """

    confidence: float
    low: float
    high: float
    covered: float
    answered: float
    right: float | None
    own: int


@dataclass(frozen=True, slots=True)
class HeldOutClass:
    """One class treated as if the model had never been shown it.

    Attributes
    ----------
    auroc
        How often one of its examples is stranger than an example of the other classes; 0.5 is chance.
    false_alarms_at_95
        Share of the others that would be turned away too if 95% of its examples were to be noticed.
    noticed
        Share of its examples that are taken for none of the others.
    n
        Its examples.
    """

    auroc: float
    false_alarms_at_95: float
    noticed: float
    n: int


@dataclass(frozen=True, slots=True)
class NoveltyReport:
    """How well things of no class are told from the rest: means over the classes, each held out in turn.

    Attributes
    ----------
    auroc, false_alarms_at_95, noticed
        As in `HeldOutClass`.
    false_alarms
        Share of known examples that are taken for none of the classes, by a half of the data that has not
        seen them; about `level`.
    level
        An input with a smaller p-value is taken for none of the classes.
    independent
        Independent examples that p-values are counted in; below 20 nothing is ever turned away.
    per_class
        The classes that were held out.
    """

    auroc: float | None
    false_alarms_at_95: float | None
    noticed: float | None
    false_alarms: float | None
    level: float
    independent: int
    per_class: Mapping[str, HeldOutClass] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DoubtReport:
    """What a model's "unsure" and "none of these" are worth.

    Attributes
    ----------
    promises
        For each confidence that the examples are enough for.
    independent
        Independent examples behind the thresholds.
    most_confident
        The highest confidence that can be asked for.
    """

    promises: Sequence[Promise] = ()
    independent: int = 0
    most_confident: float | None = None
    novelty: NoveltyReport | None = None
    notes: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "promises": [asdict(one) for one in self.promises], "notes": list(self.notes)}
