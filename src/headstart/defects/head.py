"""A detector as the head of a model: what is saved, and what is read again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.detector import Detector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.defects.detector import Seen
    from headstart.features import FeatureSet

BLOCK = "places"
FORM = "defects"


@dataclass(frozen=True, eq=False)
class DefectHead:
    """A detector, and which features it looks at.

    Attributes
    ----------
    detector
        What judges.
    good
        Labels of the good parts.
    """

    detector: Detector
    good: tuple[str, ...]

    @property
    def blocks(self) -> Collection[str]:
        """The one block that it looks at."""
        return (BLOCK,)

    @property
    def widths(self) -> Mapping[str, int]:
        """Numbers of one picture."""
        return {BLOCK: self.detector.side**2 * len(self.detector.levels.scale)}

    @property
    def meta(self) -> Mapping[str, Any]:
        """What is needed to read the arrays again."""
        return {
            "head": FORM,
            "side": self.detector.side,
            "channels": len(self.detector.levels.scale),
            "good": list(self.good),
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything numeric."""
        return self.detector.arrays()

    def look(self, features: FeatureSet) -> Seen:
        """Judge the pictures whose features are there."""
        rows = np.asarray(features.blocks[BLOCK])
        return self.detector.look(
            rows.reshape(len(rows), self.detector.side**2, len(self.detector.levels.scale))
        )


def read_head(
    arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any], *, names: Sequence[str]
) -> DefectHead:
    """Make the head of its arrays and of how it came to be.

    Raises
    ------
    CorruptBundleError, KeyError, ValueError
        When they do not fit each other.
    """
    if meta.get("head") != FORM:
        raise ValueError(f"it is a head of {meta.get('head')!r}, not of {FORM!r}")
    good = tuple(str(name) for name in meta["good"])
    if not set(good) <= set(names):
        raise ValueError(
            f"its good parts are called {', '.join(good)}, the model's classes {', '.join(names)}"
        )
    return DefectHead(Detector.from_arrays(arrays, int(meta["channels"]), int(meta["side"])), good)
