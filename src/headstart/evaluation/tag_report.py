"""What tags are measured by, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from headstart.evaluation.growth import Growth
from headstart.reports import Interval


@dataclass(frozen=True, slots=True)
class TagScore:
    """How well one tag is told.

    Attributes
    ----------
    n
        Examples that are known to have it.
    known
        Examples for which it is known whether they have it.
    said
        How often it was said of these.
    precision
        Share of what was said that was right.
    recall
        Share of those that have it of which it was said; unknown where they are all of one group.
    average_precision
        Precision averaged over the examples that have it, each at its own place in the order of probability:
        1 where all of them come first, the share of examples that have it where the order is chance.
    f1
        Harmonic mean of precision and recall; None where the tag was neither there nor said.
    threshold
        The probability from which on it is said.
    """

    n: int
    known: int
    said: int
    precision: Interval
    recall: Interval
    average_precision: Interval
    f1: float | None
    threshold: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TagBaseline:
    """What saying the same of every example gives: no model at all.

    Attributes
    ----------
    says
        The commonest tags, as many of them as give the highest F1.
    micro_f1
        Of saying these.
    subset_accuracy
        Of saying the commonest set of tags.
    ranking
        Label ranking average precision of naming tags by how common they are.
    log_loss
        Of saying the share of each tag.
    """

    says: tuple[str, ...]
    micro_f1: float | None
    subset_accuracy: float | None
    ranking: float | None
    log_loss: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "says": list(self.says)}


@dataclass(frozen=True, slots=True)
class DoubtedTag:
    """A tag that an example may lack though it should have it, or have though it should not.

    Attributes
    ----------
    source
        Name of the example.
    missing
        True where the tag is likely missing, False where it is likely wrong.
    probability
        Held-out probability of having it.
    """

    source: str
    tag: str
    missing: bool
    probability: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TagEvaluation:
    """An honest measurement of tags: every figure comes from answers to examples not trained on.

    Attributes
    ----------
    precision, recall
        Of all tags together: share of what was said that was right, and of what is there that was said.
    micro_f1
        F1 of all tags together: the share of what was said or was there that was both, each mention counted.
    macro_f1
        Mean F1 of the tags that can be measured, so that rare ones count as much as common ones.
    subset_accuracy
        Share of examples with exactly the right tags, of those for which all tags are known.
    ranking
        Label ranking average precision: 1 where the tags of an example are its likeliest ones.
    log_loss
        Mean of -log(probability of what is so) over all known cells, in nats; smaller is better.
    per_tag
        Tag to its figures, in the order of the tags.
    guessing
        What no model gives on the same examples.
    doubted
        Tags that are likely missing or wrong, the likeliest first; see `headstart.advice.tag_errors`.
    measure
        What thresholds were chosen for.
    n, n_groups
        Examples measured, and independent groups among them (intervals count groups).
    notes
        What a reader must know to read the numbers rightly.
    growth
        What more examples would bring; None where that was not asked.
    """

    precision: Interval
    recall: Interval
    micro_f1: Interval
    macro_f1: Interval
    subset_accuracy: Interval
    ranking: Interval
    log_loss: float | None
    per_tag: Mapping[str, TagScore]
    guessing: TagBaseline
    doubted: Sequence[DoubtedTag] = ()
    measure: str = "f1"
    n: int = 0
    n_groups: int = 0
    notes: Sequence[str] = ()
    growth: Growth | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "precision": self.precision.to_dict(),
            "recall": self.recall.to_dict(),
            "micro_f1": self.micro_f1.to_dict(),
            "macro_f1": self.macro_f1.to_dict(),
            "subset_accuracy": self.subset_accuracy.to_dict(),
            "ranking": self.ranking.to_dict(),
            "log_loss": self.log_loss,
            "per_tag": {name: score.to_dict() for name, score in self.per_tag.items()},
            "guessing": self.guessing.to_dict(),
            "doubted": [doubt.to_dict() for doubt in self.doubted],
            "measure": self.measure,
            "n": self.n,
            "n_groups": self.n_groups,
            "notes": list(self.notes),
            "growth": self.growth.to_dict() if self.growth else None,
        }
