"""What more examples would bring, as plain data, for targets that are not told apart as classes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

TOO_FEW = "too-few"


@dataclass(frozen=True, slots=True)
class Growth:
    """A measured learning curve, and what twice as many examples would bring.

    Attributes
    ----------
    verdict
        Whether more would help: ``hardly``, ``may``, ``would``; ``too-few`` where it cannot be told.
    twice
        Twice the examples there are.
    now, low, high
        The measure with what there is, and its range with twice as many; None where it cannot be told.
    points
        ``(examples learned from, measure)``, measured on the others.
    """

    verdict: str
    twice: int
    now: float | None = None
    low: float | None = None
    high: float | None = None
    points: tuple[tuple[float, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "points": [list(point) for point in self.points]}
