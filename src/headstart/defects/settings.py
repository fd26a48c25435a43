"""What a threshold would be worth, for each that could be set: false alarms against known defects caught.

Both come of scores that the model gave to photos that it had not seen: the left-out scores of the good ones,
and those of the known defects, left out too where they were learned from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.measuring import Share
from headstart.defects.threshold import FEWEST, FalseAlarms, set_threshold

if TYPE_CHECKING:
    from headstart.types import Float32Array

Known = Mapping[str, Sequence[float | None]]
"""Kind of defect to the scores of its photos; None for what is caught whatever the threshold."""

_MOST = 0.25
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Setting:
    """A threshold, and what it is worth.

    Attributes
    ----------
    threshold
        The score above which a picture is called defective.
    false_alarms
        What it promises of good parts.
    caught
        Kind of defect to how many of its photos are caught.
    all_caught
        The same of all kinds together; None where there is none.
    """

    threshold: float
    false_alarms: FalseAlarms
    caught: Mapping[str, Share]
    all_caught: Share | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "threshold": self.threshold,
            "false_alarms": self.false_alarms.to_dict(),
            "known_defects": {kind: asdict(share) for kind, share in self.caught.items()},
            "caught": None if self.all_caught is None else asdict(self.all_caught),
        }


def setting_for(left_out: Float32Array, rate: float, known: Known, independent: float | None) -> Setting:
    """Return the setting for a rate of false alarms.

    Raises
    ------
    ParameterError
        When so few good pictures cannot promise it.
    """
    threshold, promised = set_threshold(left_out, rate, independent)
    caught = {
        kind: Share.of(sum(_is_above(score, threshold) for score in scores), len(scores))
        for kind, scores in known.items()
    }
    n = sum(share.n for share in caught.values())
    together = Share.of(sum(share.found for share in caught.values()), n) if n else None
    return Setting(threshold, promised, caught, together)


def settings_of(
    left_out: Float32Array, known: Known, independent: float | None, now: float
) -> tuple[list[Setting], int]:
    """Return the settings to choose from, fewest false alarms first, and which of them is set.

    Parameters
    ----------
    now
        The threshold that is set.

    Returns
    -------
    settings, place
        None where there are too few good pictures to promise anything.
    """
    n = len(left_out)
    if n < FEWEST:
        return [], 0
    most = max(1, int(_MOST * (n + 1)))
    flagged = np.unique(np.linspace(1, most, min(most, _STEPS)).round().astype(int))
    here = n - int(np.searchsorted(np.sort(left_out), np.float32(now), side="left"))
    places = sorted({*flagged.tolist(), min(max(here, 1), n)})
    found = [setting_for(left_out, place / (n + 1), known, independent) for place in places]
    return found, places.index(min(max(here, 1), n))


def _is_above(score: float | None, threshold: float) -> bool:
    return score is None or bool(np.float32(score) > np.float32(threshold))
