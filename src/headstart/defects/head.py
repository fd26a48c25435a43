"""A detector as the head of a model: what is saved, and what is read again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.detector import Detector
from headstart.defects.kinds import Kinds
from headstart.defects.taught import Taught

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
    kinds
        What tells kinds of defect apart; None where too few of them were brought.
    taught
        Which pictures it was taught with; None in models that an earlier version saved.
    """

    detector: Detector
    good: tuple[str, ...]
    kinds: Kinds | None = None
    taught: Taught | None = None

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
            "kinds": [] if self.kinds is None else list(self.kinds.names),
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything numeric."""
        more = [part.arrays() for part in (self.kinds, self.taught) if part is not None]
        return {name: array for part in (self.detector.arrays(), *more) for name, array in part.items()}

    def look(self, features: FeatureSet) -> Seen:
        """Judge the pictures whose features are there."""
        return self.detector.look(self._seen(features))

    def name_kinds(self, features: FeatureSet, seen: Seen) -> list[str | None]:
        """Return the likest known kind of each defect; None for good pictures and strange ones."""
        said: list[str | None] = [None] * len(seen.score)
        rows = np.flatnonzero(seen.defective & ~seen.strange)
        if self.kinds is None or not len(rows):
            return said
        level = self.detector.levels.bring(self._seen(features)[rows])
        named = self.kinds.name(level, seen.heat[rows].reshape(len(rows), -1))
        for row, name in zip(rows.tolist(), named, strict=True):
            said[row] = name
        return said

    def _seen(self, features: FeatureSet) -> NDArray[Any]:
        rows = np.asarray(features.blocks[BLOCK])
        return rows.reshape(len(rows), self.detector.side**2, len(self.detector.levels.scale))


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
    side, channels = int(meta["side"]), int(meta["channels"])
    kinds = Kinds.from_arrays(arrays, [str(name) for name in meta.get("kinds", ())], side**2, channels)
    taught = Taught.from_arrays(arrays, side**2, channels)
    return DefectHead(Detector.from_arrays(arrays, channels, side), good, kinds, taught)
