"""Groups that nobody named but that the data give away, and what they would mean: figures and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.kinds import kinds

SHOWN = 3
"""How many groups are named as examples."""

_TOLD_BY = {
    "name-prefix": "how the file names begin",
    "name-start": "the first words of the file names",
    "name-suffix": "the last words of the file names",
    "name-order": "runs of numbers in the file names",
    "folder": "their folders",
    "exif": "when and with which camera they were taken",
    "camera": "the camera they were taken with",
    "sound": "the headers of the sound files",
}
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


def told_by(source: str) -> str:
    """Say what gives groups away."""
    if source.startswith(_COLUMN):
        return f"the column {source.removeprefix(_COLUMN)!r}"
    return _TOLD_BY.get(source, source)


def question(suspected: Sequence[Mapping[str, Any]], modality: str) -> list[str]:
    """Ask what new examples will be like, where that matters; nothing where it does not.

    Parameters
    ----------
    suspected
        Plain data of `SuspectedGroups`, the most telling first.

    Returns
    -------
    list of str
        The question itself, and how to answer it.
    """
    telling = [one for one in suspected if one["lower"]]
    if not telling:
        return []
    first, things = telling[0], _things(modality)
    asked = (
        f"{_hundred(first['reported'])} of 100 if new {things} come from the same {first['groups']} groups "
        f"as these; {_hundred(first['accuracy'])} of 100 if they come from new ones: which do you expect?"
    )
    found = f"The groups are told by {told_by(first['from'])}{_named(first)}."
    answer = (
        f"If from new ones, add {first['settle']}: it trains and measures for that. "
        "If from the same ones, add --groups none, and nothing more is asked."
    )
    return [asked, found, *_others(telling[1:]), answer]


def reassurance(suspected: Sequence[Mapping[str, Any]], modality: str) -> list[str]:
    """Say which groups were found that make no difference."""
    things = _things(modality)
    return [
        f"New {things} may come from new groups: by {told_by(one['from'])} there are {one['groups']}"
        f"{_named(one)}, and {_hundred(one['accuracy'])} of 100 are right when a whole group is left out."
        for one in suspected
        if not one["lower"]
    ]


def _things(modality: str) -> str:
    kind = kinds().get(modality)
    return "examples" if kind is None else kind.words.many


def _others(telling: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"By {told_by(one['from'])} there are {one['groups']} groups, and {_hundred(one['accuracy'])} of 100 "
        f"for new ones ({one['settle']})."
        for one in telling
    ]


def _named(one: Mapping[str, Any]) -> str:
    names = [str(name) for name in one["names"]][:SHOWN]
    if not names:
        return ""
    return f" ({', '.join(names)}{', …' if one['groups'] > len(names) else ''})"


def _hundred(share: float) -> str:
    return f"{100 * share:.0f}"
