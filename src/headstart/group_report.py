"""Groups that nobody named but that the data give away, and what they would mean, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SHOWN = 3
"""How many groups are named as examples."""
_COLUMN = "column "


@dataclass(frozen=True, slots=True)
class SuspectedGroups:
    """One way in which examples seem to belong together, and the accuracy on groups that were not heard of.

    Attributes
    ----------
    source
        What gives the groups away: ``name-prefix``, ``folder``, ``exif``, ``column speaker``, …
    groups
        How many there are, with near-duplicates across groups joining them.
    examples
        How many examples can be measured: their class is also found outside their group.
    accuracy
        Of predictions for them by fits without their whole group, exactly.
    reported
        Of the held-out predictions that the reported accuracy is made of, for the same examples.
    lower
        Whether `accuracy` is lower beyond what leaving out as many examples at random does.
    names
        Some of the groups, the largest first.
    """

    source: str
    groups: int
    examples: int
    accuracy: float
    reported: float
    lower: bool
    names: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """What is lost on groups that were not heard of; negative where they are harder."""
        return self.accuracy - self.reported

    @property
    def settle(self) -> str:
        """The option that trains and measures with these groups."""
        return flag(self.source)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "from": self.source,
            "groups": self.groups,
            "examples": self.examples,
            "accuracy": self.accuracy,
            "reported": self.reported,
            "difference": self.difference,
            "lower": self.lower,
            "names": list(self.names),
            "settle": self.settle,
        }


def flag(source: str) -> str:
    """Return the option that groups by `source`."""
    if source.startswith(_COLUMN):
        name = source.removeprefix(_COLUMN)
        return f"--group-column {name}" if name.replace("_", "").isalnum() else f"--group-column '{name}'"
    return f"--groups {source}"
