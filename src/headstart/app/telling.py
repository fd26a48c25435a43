"""What checking and training found, in the sentences that the screens show: in the person's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from headstart import verdicts
from headstart.report.answers import build_answers
from headstart.wording import Words
from headstart.wording.gentle import gentle_verdict
from headstart.wording.groups import asked

_BADGES = {"good": "good", "unknown": "plain"}
"""How the screens show what `headstart.verdicts.tone` says, where that is not ``care``."""
_DRAWN = frozenset({"expect", "worth", "amount"})
"""Conclusions that the screen draws, or tells under the third question."""
_DONE_HERE = frozenset({"defects", "apart", "conflicts", "labels", "outliers", "near", "more", "begin"})
"""Steps that can be taken on the screens; the others take a command."""


def told_check(result: Mapping[str, Any], project: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a check with its sentences under ``told``.

    Where a model was trained on these very examples, its own accuracy is the one to tell: there is only one.

    Parameters
    ----------
    result
        From `headstart.app.results.check`.
    project
        The project as the API shows it.
    """
    advice = dict(result["advice"])
    model = project["model"]
    own = None if model is None or model["stale"] or result["stale"] else model["accuracy"]
    if own and own.get("estimate") is not None and advice.get("evaluation"):
        advice["evaluation"] = {**advice["evaluation"], "accuracy": own}
    advice["told"] = _told(advice, str(project["groups"] or ""), words)
    advice["suspected_groups"] = told_groups(advice.get("suspected_groups"), _kind(advice), words)
    return {**result, "advice": advice}


def _told(advice: Mapping[str, Any], settled: str, words: Words) -> dict[str, Any]:
    kind, titles = _kind(advice), _titles(advice)
    asks = not settled and any(one["lower"] for one in advice.get("suspected_groups") or [])
    tone = verdicts.tone(str(advice.get("learnable") or ""), advice.get("evaluation") or {}, asked=asks)
    worth = verdicts.worth(advice.get("worth"))
    gain = advice.get("worth") or {}
    chosen = next((str(one["base"]) for one in advice.get("ranking") or [] if one.get("chosen")), "")
    return {
        "tone": {"tone": _BADGES.get(tone, "care"), "badge": words.say(f"tone.{tone}")},
        "verdict": " ".join(
            words.tell("conclusion", _titled(one, titles))
            for one in advice.get("conclusions") or []
            if one["code"] not in _DRAWN
        ),
        "worth": ""
        if not worth
        else words.say(
            f"report.worth-{worth}",
            range=words.of_hundred(gain["low"], gain["high"]),
            points=words.points(gain["low"], gain["high"]),
        ),
        "answers": [asdict(one) for one in build_answers({}, advice, kind, chosen, words)],
        "steps": [
            {"code": one["code"], "text": _step(one, words)}
            for one in advice.get("steps") or []
            if one["code"] in _DONE_HERE
        ],
    }


def told_groups(
    suspected: Sequence[Mapping[str, Any]] | None, kind: str, words: Words
) -> list[dict[str, Any]]:
    """Return groups that nobody named; those that lower the accuracy with the question that they raise."""
    return [{**one, "told": asked(one, kind, words) if one["lower"] else []} for one in suspected or []]


def told_model(model: dict[str, Any], kind: str, words: Words) -> dict[str, Any]:
    """Return what is known of a model with its sentences.

    Parameters
    ----------
    model
        From `headstart.app.results.model_info`.
    """
    report = dict(model["report"])
    report["suspected_groups"] = told_groups(report.get("suspected_groups"), kind, words)
    gentle = model["gentle"]
    if gentle is not None:
        gentle = {**gentle, "told": gentle_verdict(report["gentle"], words)}
    found = verdicts.by_class(report)
    told = (
        ""
        if found is None
        else words.say(f"conclusion.{'missed' if found['missed'] else 'by-class'}", **found)
    )
    return {**model, "report": report, "gentle": gentle, "by_class": told}


def _step(step: Mapping[str, Any], words: Words) -> str:
    """Return a step as it is taken on the screens; on the terminal, that for defects is a command."""
    if step["code"] == "defects":
        return words.say("step-here.defects", **step["figures"])
    return words.tell("step", step)


def _kind(advice: Mapping[str, Any]) -> str:
    return str(advice["data"]["modality"])


def _titles(advice: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(one["name"]): str(one.get("title") or one["name"]) for one in advice.get("availability") or []
    }


def _titled(finding: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    """Return a finding that calls a base by its title, as it is called on the screens."""
    figures = dict(finding.get("figures") or {})
    base = figures.get("base")
    if base not in titles:
        return dict(finding)
    text = str(finding.get("text") or "").replace(str(base), titles[str(base)])
    return {**finding, "figures": {**figures, "base": titles[str(base)]}, "text": text}
