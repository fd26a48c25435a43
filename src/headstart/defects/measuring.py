"""What a detector is worth: how often good parts are called defective, and which known defects it finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from headstart.evaluation.intervals import wilson

if TYPE_CHECKING:
    from headstart.types import BoolArray

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with its 95% interval (Wilson's)."""

    found: int
    n: int
    low: float
    high: float

    @classmethod
    def of(cls, found: int, n: int) -> Share:
        """Return the share with its interval."""
        low, high = wilson(found, n, _LEVEL)
        return cls(found, n, low, high)


@dataclass(frozen=True)
class DefectMeasurement:
    """What is known of a detector.

    Attributes
    ----------
    good
        Good pictures: those of training, each scored without itself; or fresh ones.
    false_alarms
        What the threshold promises (see `threshold.FalseAlarms`); for fresh pictures how many were called
        defective, as a `Share`.
    threshold
        The score above which a picture is called defective.
    known
        Kind of defect to how many of its pictures were called defective.
    caught
        The same of all kinds together; None where no defective picture was brought.
    named
        How many known defects get the right kind by fits without them; None where no kinds are told apart.
    strange
        How many of the defective ones were taken for something else altogether.
    learned
        Left-out AUROC without and with known defects, where they count in what is called defective: each is
        then judged by a fit that has not seen its group. None where they only measure.
    suspects
        Names of good pictures that look least like the others, each with its score.
    fresh
        Whether all pictures are new to the model.
    groups
        Groups that were left out in turn.
    """

    good: int
    false_alarms: Mapping[str, Any]
    threshold: float
    known: Mapping[str, Share] = field(default_factory=dict)
    caught: Share | None = None
    named: Share | None = None
    strange: int = 0
    learned: tuple[float, float] | None = None
    suspects: Sequence[tuple[str, float]] = ()
    fresh: bool = False
    groups: int = 0
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Pictures measured."""
        return self.good + (0 if self.caught is None else self.caught.n)

    @property
    def n_groups(self) -> int:
        """Independent groups among them."""
        return self.groups or self.n

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {
            "good": self.good,
            "false_alarms": dict(self.false_alarms),
            "threshold": self.threshold,
            "known_defects": {kind: asdict(share) for kind, share in self.known.items()},
            "caught": None if self.caught is None else asdict(self.caught),
            "named": None if self.named is None else asdict(self.named),
            "out_of_distribution": self.strange,
            "learned_from_defects": None if self.learned is None else list(self.learned),
            "suspects": [[name, score] for name, score in self.suspects],
            "fresh": self.fresh,
        }


def shares_by_kind(kinds: Sequence[str], defective: BoolArray) -> tuple[dict[str, Share], Share | None]:
    """Return how many of each kind were called defective, and how many of all."""
    if not len(kinds):
        return {}, None
    count, found = Counter(kinds), Counter(k for k, yes in zip(kinds, defective.tolist(), strict=True) if yes)
    by_kind = {kind: Share.of(found[kind], count[kind]) for kind in sorted(count)}
    return by_kind, Share.of(sum(found.values()), len(kinds))
