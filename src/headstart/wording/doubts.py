"""What a model's doubts are worth, in words; from the plain data that a report or bundle holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.wording.words import Words

SHOWN = 0.9
"""The confidence that is told of; ``--json`` has the others."""


def doubt_lines(doubt: Mapping[str, Any] | None, words: Words) -> list[str]:
    """Return what a person should know of a model's doubts, a sentence or two each.

    Parameters
    ----------
    doubt
        A `headstart.doubt_report.DoubtReport` as plain data, as it is saved with a model; None in models from
        before.
    """
    if not doubt:
        return []
    said = [_promised(one, words) for one in doubt.get("promises") or [] if one["confidence"] == SHOWN]
    novelty = doubt.get("novelty") or {}
    if novelty.get("auroc") is not None and novelty["independent"] >= 1 / novelty["level"]:
        said.append(_strange(novelty, words))
    return [*said, *(doubt.get("notes") or [])]


def _promised(one: Mapping[str, Any], words: Words) -> str:
    single = _hundred(one["answered"])
    return words.say(
        "doubt.some" if single < 100 else "doubt.all",
        confidence=f"{SHOWN:g}",  # as it is typed, in every language
        single=single,
        unsure=100 - single,
        right="" if one["right"] is None else words.say("doubt.right", n=_hundred(one["right"])),
        covered=_hundred(one["covered"]),
        low=_hundred(one["low"]),
        high=_hundred(one["high"]),
    )


def _strange(novelty: Mapping[str, Any], words: Words) -> str:
    name, worst = min(novelty["per_class"].items(), key=lambda item: float(item[1]["auroc"]))
    alarms = novelty.get("false_alarms")
    return words.say(
        "doubt.novelty",
        noticed=_hundred(novelty["noticed"]),
        known="" if alarms is None else words.say("doubt.alarms", n=_hundred(alarms)),
        auroc=novelty["auroc"],
        worst=name,
        least=worst["auroc"],
        price=_hundred(novelty["false_alarms_at_95"]),
    )


def _hundred(share: float) -> int:
    return round(100 * share)
