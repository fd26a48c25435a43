"""Groups that nobody named but that the data give away, in words; from the plain data of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.wording.words import Words

_COLUMN = "column "


def question(suspected: Sequence[Mapping[str, Any]], kind: str, words: Words) -> list[str]:
    """Ask what new examples will be like, where that matters; nothing where it does not.

    Parameters
    ----------
    suspected
        Plain data of `headstart.group_report.SuspectedGroups`, the most telling first.
    kind
        The kind of data.

    Returns
    -------
    list of str
        The question itself, what tells the groups, and how to answer it.
    """
    telling = [one for one in suspected if one["lower"]]
    if not telling:
        return []
    first = telling[0]
    return [
        *asked(first, kind, words),
        *(
            words.say(
                "groups.others",
                how=told_by(one["from"], words),
                groups=one["groups"],
                fresh=_hundred(one["accuracy"]),
                settle=one["settle"],
            )
            for one in telling[1:]
        ),
        words.say("groups.answer", settle=first["settle"]),
    ]


def asked(first: Mapping[str, Any], kind: str, words: Words) -> list[str]:
    """Return the question itself, and what tells the groups."""
    return [
        words.say(
            "groups.question",
            kind=kind,
            known=_hundred(first["reported"]),
            fresh=_hundred(first["accuracy"]),
            groups=first["groups"],
        ),
        words.say("groups.found", how=told_by(first["from"], words), names=_named(first)),
    ]


def reassurance(suspected: Sequence[Mapping[str, Any]], kind: str, words: Words) -> list[str]:
    """Say which groups were found that make no difference."""
    return [
        words.say(
            "groups.harmless",
            kind=kind,
            how=told_by(one["from"], words),
            groups=one["groups"],
            names=_named(one),
            fresh=_hundred(one["accuracy"]),
        )
        for one in suspected
        if not one["lower"]
    ]


def told_by(source: str, words: Words) -> str:
    """Say what gives groups away."""
    if source.startswith(_COLUMN):
        return words.say("groups-by.column", column=repr(source.removeprefix(_COLUMN)))
    known = words.has(f"groups-by.{source}")
    return words.say(f"groups-by.{source}") if known else source


def _named(one: Mapping[str, Any]) -> str:
    names = [str(name) for name in one["names"]]
    if not names:
        return ""
    return f" ({', '.join(names)}{', …' if one['groups'] > len(names) else ''})"


def _hundred(share: float) -> str:
    return f"{100 * share:.0f}"
