"""Rules by which every surface judges plain results, so that no two of them say different things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ALL_RIGHT = 0.97
"""A class with this recall is not said to go wrong."""
_FEWEST_CLASSES = 2
_HALF = 0.5
UNEVEN = 3.0
"""From so many times the examples of the smallest class on, the largest is said to be too large."""


def tone(learnable: str, evaluation: Mapping[str, Any], *, asked: bool = False) -> str:
    """Return how it stands: ``good``, ``question``, ``missed``, ``guess``, ``nothing`` or ``unknown``.

    Parameters
    ----------
    learnable
        As in `headstart.advice_report.Advice`; empty where no check was made.
    evaluation
        `headstart.reports.Evaluation` as plain data.
    asked
        Whether groups that nobody named raise a question.
    """
    accuracy = evaluation.get("accuracy") or {}
    if learnable == "no":
        return "nothing"
    if learnable == "unknown" or accuracy.get("estimate") is None:
        return "unknown"
    found = by_class(evaluation)
    if found is not None and found["missed"]:
        return "missed"
    beaten = float(accuracy["low"]) > float(evaluation.get("guessing") or 0.0)
    if not beaten and (found is None or not _told_apart(evaluation, found)):
        return "guess"
    return "question" if asked else "good"


def _told_apart(evaluation: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Tell whether the rare class is clearly named more often where it is right than where it is wrong.

    Always naming the commonest of very uneven classes is right so often that no accuracy clearly beats it.
    """
    lows = (evaluation["per_class"][found[which]].get("low") or 0.0 for which in ("name", "common"))
    return sum(map(float, lows)) > 1.0


def weak_classes(recalls: Mapping[str, float | None]) -> list[str]:
    """Return the classes that go wrong, the weakest first."""
    known = [(recall, name) for name, recall in recalls.items() if recall is not None and recall < ALL_RIGHT]
    return [name for _, name in sorted(known, key=lambda one: one[0])]


def by_class(evaluation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is found of a rare class, where classes are so uneven that it must lead.

    An accuracy over 200 good parts and 12 defective ones is high though most defects are missed.

    Parameters
    ----------
    evaluation
        `headstart.reports.Evaluation` as plain data.

    Returns
    -------
    dict or None
        ``name``, of whose ``n`` examples ``found`` get the right name; ``common``, the commonest class, of
        whose ``of`` examples ``wrong`` are taken for another; ``balanced``, the mean of all recalls; and
        ``missed``: whether less than half of a rare class is found. A class that is named no more often
        where it is right than where it is wrong counts as rare and missed, however many it has. None where
        classes are alike in number, and where there are several and none of the rare ones is missed.
    """
    scores = {
        name: score
        for name, score in (evaluation.get("per_class") or {}).items()
        if score.get("recall") is not None and score.get("n")
    }
    if len(scores) < _FEWEST_CLASSES:
        return None
    common = max(scores, key=lambda name: int(scores[name]["n"]))
    most = int(scores[common]["n"])
    chance = {name for name in scores if name != common and _as_by_chance(evaluation, name)}
    rare = {name for name, score in scores.items() if most >= UNEVEN * int(score["n"])} | chance
    if not rare:
        return None
    worst = min(sorted(rare), key=lambda name: float(scores[name]["recall"]))
    missed = worst in chance or float(scores[worst]["recall"]) < _HALF
    if len(scores) > _FEWEST_CLASSES and not missed:
        return None
    n, recall = int(scores[worst]["n"]), float(scores[worst]["recall"])
    return {
        "name": worst,
        "found": round(n * recall),
        "n": n,
        "common": common,
        "wrong": most - round(most * float(scores[common]["recall"])),
        "of": most,
        "balanced": sum(float(score["recall"]) for score in scores.values()) / len(scores),
        "missed": missed,
    }


def _as_by_chance(evaluation: Mapping[str, Any], name: str) -> bool:
    """Tell whether a class is named no more often where it is right than where it is wrong."""
    place = list(evaluation["per_class"]).index(name)
    rows = list(evaluation.get("confusion") or ())
    others = [row for at, row in enumerate(rows) if at != place]
    told = sum(map(sum, others))
    return bool(told) and sum(row[place] for row in others) / told >= evaluation["per_class"][name]["recall"]


def worth(gain: Mapping[str, Any] | None) -> str:
    """Return what the base brings: ``yes``, ``no`` or ``unclear``; empty where that was not measured.

    Parameters
    ----------
    gain
        Accuracy with the base minus that without one: `headstart.reports.Interval` as plain data.
    """
    if not gain or gain.get("estimate") is None:
        return ""
    if float(gain["low"]) > 0:
        return "yes"
    return "no" if float(gain["high"]) < 0 else "unclear"


def best_of_each(candidates: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the best setting of each base that was tried; what was taken first, then by loss."""
    best: dict[str, Mapping[str, Any]] = {}
    for one in candidates:
        known = best.get(str(one["base"]))
        if known is None or one.get("chosen") or (not known.get("chosen") and _loss(one) < _loss(known)):
            best[str(one["base"])] = one
    return sorted(best.values(), key=lambda one: (not one.get("chosen"), _loss(one)))


def _loss(one: Mapping[str, Any]) -> float:
    return float("inf") if one.get("log_loss") is None else float(one["log_loss"])
