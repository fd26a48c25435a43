"""Lists of single examples: the surest mistakes, labels to check, look-alikes, outliers, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.report.media import Shelf, Shown
from headstart.report.wording import clean, snippet
from headstart.wording import Words

MISTAKES = 24
SUSPECTS = 24
OUTLIERS = 12
LOOK_ALIKES = 8
IN_GROUP = 4
PROBLEMS = 60


@dataclass(frozen=True, slots=True)
class Card:
    """One example with what is to be said about it."""

    shown: Shown
    label: str
    instead: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Some of a list, and how many of it are not shown."""

    cards: Sequence[Card]
    total: int

    @property
    def left_out(self) -> int:
        """How many there are beyond those shown."""
        return self.total - len(self.cards)


def mistakes(found: Sequence[Mapping[str, Any]], shelf: Shelf, words: Words) -> Listing:
    """Return the examples that were named wrongly when held out, the surest first."""
    return Listing(
        [
            Card(
                shelf.show(one["source"]),
                clean(one["label"], 40),
                clean(one["said"], 40),
                words.say("report.sure", share=words.percent(one["probability"])),
            )
            for one in found[:MISTAKES]
        ],
        len(found),
    )


def suspects(found: Sequence[Mapping[str, Any]], shelf: Shelf) -> Listing:
    """Return the examples whose label may be wrong, the likeliest first."""
    return Listing(
        [
            Card(shelf.show(one["source"]), clean(one["label"], 40), clean(one["suggested"], 40))
            for one in found[:SUSPECTS]
        ],
        len(found),
    )


def outliers(found: Sequence[Mapping[str, Any]], shelf: Shelf) -> Listing:
    """Return the examples that are like no others of theirs."""
    return Listing(
        [Card(shelf.show(one["source"]), clean(one["label"], 40)) for one in found[:OUTLIERS]], len(found)
    )


def look_alikes(groups: Mapping[str, Any], shelf: Shelf) -> tuple[list[list[Shown]], int]:
    """Return groups of near-duplicates, some examples of each, and how many groups are not shown."""
    found = groups.get("near_duplicates") or []
    shown = [[shelf.show(name) for name in names[:IN_GROUP]] for names in found[:LOOK_ALIKES]]
    return shown, len(found) - len(shown)


def problems(
    report: Mapping[str, Any], data: Mapping[str, Any], words: Words
) -> tuple[list[dict[str, str]], int]:
    """Return what could not be used with the reason, and how many more there are."""
    found = report.get("problems") or data.get("problems") or []
    shown = [
        {"source": clean(one["source"]), "reason": snippet(words.translate(str(one["reason"])), 300)}
        for one in found[:PROBLEMS]
    ]
    return shown, len(found) - len(shown)


def columns(report: Mapping[str, Any], words: Words) -> list[dict[str, str]]:
    """Return what each column of a table is used as and adds, in points; those that add most come first."""
    found = sorted(report.get("columns") or [], key=lambda one: -(one.get("adds") or -1.0))
    return [
        {
            "name": clean(str(one["name"]), 60),
            "role": words.say(f"role.{one['role']}"),
            "adds": "" if one.get("adds") is None else words.number(100 * one["adds"], "+.1f"),
            "between": ""
            if one.get("low") is None or one.get("high") is None
            else words.between(*(words.number(100 * one[end], "+.1f") for end in ("low", "high"))),
            "reason": snippet(words.translate(str(one.get("reason") or "")), 200),
        }
        for one in found
    ]


def leakage(groups: Mapping[str, Any], kind: str, words: Words) -> str:
    """Say what tearing groups apart would do to the score."""
    gap, low, high = groups.get("leakage_gap"), groups.get("low"), groups.get("high")
    if gap is None or low is None or high is None:
        return ""
    if groups.get("leaks"):
        return words.say("report.leakage", kind=kind, low=low, high=high)
    return words.say("report.leakage-none")
