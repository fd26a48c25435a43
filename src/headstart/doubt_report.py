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


SHOWN = 0.9
"""The confidence that is told of; `--json` has the others."""


def in_words(doubt: Mapping[str, Any] | None) -> list[str]:
    """Return what a person should know of a model's doubts, a sentence or two each.

    Parameters
    ----------
    doubt
        A `DoubtReport` as plain data, as it is saved with a model; None in models from before.
    """
    if not doubt:
        return []
    said = [_promised(one) for one in doubt.get("promises") or [] if one["confidence"] == SHOWN]
    novelty = doubt.get("novelty") or {}
    if novelty.get("auroc") is not None and novelty["independent"] >= 1 / novelty["level"]:
        said.append(_strange(novelty))
    return [*said, *(doubt.get("notes") or [])]


def _promised(one: Mapping[str, Any]) -> str:
    single = _hundred(one["answered"])
    doubted = f"one name to {single} of 100 and says 'unsure' about {100 - single}" if single < 100 else ""
    right = "" if one["right"] is None else f" Such a name was right {_hundred(one['right'])} times in 100."
    low, high = _hundred(one["low"]), _hundred(one["high"])
    return (
        f"With --confidence {SHOWN:g} it gives {doubted or 'one name to every one'}.{right} The right name "
        f"was among those it gave for {_hundred(one['covered'])} of 100; count on {low} to {high} of 100 new "
        "ones, or more."
    )


def _strange(novelty: Mapping[str, Any]) -> str:
    name, worst = min(novelty["per_class"].items(), key=lambda item: float(item[1]["auroc"]))
    alarms = novelty.get("false_alarms")
    known = "" if alarms is None else f", while {_hundred(alarms)} of 100 known ones are false alarms"
    return (
        f"Out-of-distribution: of 100 things of a class that it was never shown, "
        f"{_hundred(novelty['noticed'])} are noticed as none of its classes{known} (each class held out in "
        f"turn: AUROC {novelty['auroc']:.2f}, worst for {name}: {worst['auroc']:.2f}). To notice 95, "
        f"{_hundred(novelty['false_alarms_at_95'])} of 100 known ones would be false alarms too."
    )


def _hundred(share: float) -> int:
    return round(100 * share)
