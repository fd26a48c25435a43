"""The base models: how each did, what there is besides, and what a person's classes look like to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.report.wording import clean, snippet
from headstart.verdicts import best_of_each
from headstart.wording import Words

MAX_CLASSES = 40
NAMES = 4


def ranking(report: Mapping[str, Any], advice: Mapping[str, Any], words: Words) -> list[dict[str, Any]]:
    """Return the bases that were measured, the one to take first."""
    measured = advice.get("ranking")
    if measured:
        return [_ranked(one, words) for one in measured]
    tried = best_of_each(report.get("candidates") or [])
    return [_row(one, words, accuracy={"estimate": one.get("accuracy")}) for one in tried]


def _ranked(one: Mapping[str, Any], words: Words) -> dict[str, Any]:
    second = one.get("second_opinions") or {}
    return _row(
        one,
        words,
        accuracy=one.get("accuracy") or {},
        knn=words.percent(second.get("knn")) if second.get("knn") is not None else "–",
        logme=words.figure(second.get("logme")),
        hscore=words.figure(second.get("hscore")),
    )


def _row(one: Mapping[str, Any], words: Words, *, accuracy: Mapping[str, Any], **more: str) -> dict[str, Any]:
    estimate = accuracy.get("estimate")
    ends = [words.percent(accuracy[end]) for end in ("low", "high") if "low" in accuracy]
    return {
        "base": words.say("terminal.no-base-model") if one["base"] == "none" else clean(_of_column(one), 60),
        "chosen": bool(one.get("chosen")),
        "tied": bool(one.get("tied")),
        "accuracy": words.percent(estimate, 1) if estimate is not None else "–",
        "range": words.between(*ends) if ends else "",
        "log_loss": words.figure(one.get("log_loss"), 3),
        "cost": _cost(one.get("cost_ms"), ".1f", words),
        "how": " · ".join(clean(v, 60) for v in (one.get("features"), one.get("head")) if v),
        "knn": "",
        "logme": "",
        "hscore": "",
        **more,
    }


def _of_column(one: Mapping[str, Any]) -> str:
    """Return the base; of rows with the column that it was measured on."""
    return f"{one['column']}: {one['base']}" if one.get("column") else str(one["base"])


def _cost(milliseconds: float | None, form: str, words: Words) -> str:
    if milliseconds is None:
        return "–"
    return words.say("report.ms", n=words.number(milliseconds, form))


def availability(advice: Mapping[str, Any], words: Words) -> list[dict[str, Any]]:
    """Return every base there is for this kind of data, in the order of the check."""
    return [
        {
            "name": clean(one["name"], 60),
            "title": clean(one.get("title") or one["name"], 60),
            "trained_on": snippet(str(one.get("trained_on") or ""), 200),
            "licence": clean(one.get("licence") or "–", 40),
            "size": words.size(one.get("size")),
            "cost": _cost(one.get("cost_ms"), ".3g", words),
            "installed": bool(one.get("installed")),
            "hub": bool(one.get("hub")),
            "suits": one.get("suits"),
            "why": snippet(words.tell("offer", one.get("reason"), str(one.get("why") or "")), 200),
        }
        for one in advice.get("availability") or []
    ]


def similarity(advice: Mapping[str, Any], base: str, words: Words) -> dict[str, Any] | None:
    """Return what the classes look like to the base that was taken, or to the best one that can say."""
    found = list(advice.get("similarity") or [])
    ours = sorted(found, key=lambda s: (s.get("base") != base, not s.get("looks_like")))
    if not ours:
        return None
    chosen = ours[0]
    speaks = chosen if chosen.get("looks_like") else next((s for s in ours if s.get("looks_like")), chosen)
    looks = list((speaks.get("looks_like") or {}).items())
    return {
        "base": clean(chosen.get("base"), 60),
        "speaker": clean(speaks.get("base"), 60),
        "borrowed": speaks is not chosen,
        "why": words.tell("similarity", chosen.get("reason"), str(chosen.get("why") or "")),
        "nearest": snippet(str(chosen.get("nearest_reference") or ""), 100),
        "looks_like": [
            {
                "label": clean(label, 40),
                "names": [
                    {"name": clean(name, 40), "share": share, "text": words.percent(share)}
                    for name, share in names[:NAMES]
                ],
            }
            for label, names in looks[:MAX_CLASSES]
        ],
        "left_out": max(0, len(looks) - MAX_CLASSES),
        "measures": [
            {"name": clean(name.replace("_", " "), 60), "value": words.figure(value, 3)}
            for name, value in (chosen.get("measures") or {}).items()
        ],
        "others": [
            {"base": clean(s.get("base"), 60), "verdict": words.say(f"verdict.{s.get('verdict') or 'none'}")}
            for s in ours[1:]
        ],
    }
