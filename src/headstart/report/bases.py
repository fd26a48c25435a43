"""The base models: how each did, what there is besides, and what a person's classes look like to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.report.wording import clean, figure, percent, size, snippet

MAX_CLASSES = 40
NAMES = 4


def ranking(report: Mapping[str, Any], advice: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the bases that were measured, the one to take first."""
    measured = advice.get("ranking")
    return (
        [_ranked(one) for one in measured] if measured else _from_candidates(report.get("candidates") or [])
    )


def _ranked(one: Mapping[str, Any]) -> dict[str, Any]:
    second = one.get("second_opinions") or {}
    return _row(
        one,
        accuracy=one.get("accuracy") or {},
        knn=percent(second.get("knn")) if second.get("knn") is not None else "–",
        logme=figure(second.get("logme")),
        hscore=figure(second.get("hscore")),
    )


def _from_candidates(candidates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the best setting of each base that training tried."""
    best: dict[str, Mapping[str, Any]] = {}
    for one in candidates:
        known = best.get(str(one["base"]))
        if known is None or one.get("chosen") or (not known.get("chosen") and _loss(one) < _loss(known)):
            best[str(one["base"])] = one
    rows = sorted(best.values(), key=lambda c: (not c.get("chosen"), _loss(c)))
    return [_row(one, accuracy={"estimate": one.get("accuracy")}) for one in rows]


def _row(one: Mapping[str, Any], *, accuracy: Mapping[str, Any], **more: str) -> dict[str, Any]:
    cost = one.get("cost_ms")
    return {
        "base": "no base model" if one["base"] == "none" else clean(_of_column(one), 60),
        "chosen": bool(one.get("chosen")),
        "tied": bool(one.get("tied")),
        "accuracy": percent(accuracy.get("estimate"), 1) if accuracy.get("estimate") is not None else "–",
        "range": f"{percent(accuracy['low'])} to {percent(accuracy['high'])}" if "low" in accuracy else "",
        "log_loss": figure(one.get("log_loss"), 3),
        "cost": "–" if cost is None else f"{cost:.1f} ms",
        "how": " · ".join(clean(v, 60) for v in (one.get("features"), one.get("head")) if v),
        "knn": "",
        "logme": "",
        "hscore": "",
        **more,
    }


def _of_column(one: Mapping[str, Any]) -> str:
    """Return the base; of rows with the column that it was measured on."""
    return f"{one['column']}: {one['base']}" if one.get("column") else str(one["base"])


def _loss(one: Mapping[str, Any]) -> float:
    return float("inf") if one.get("log_loss") is None else float(one["log_loss"])


def availability(advice: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every base there is for this kind of data, in the order of the check."""
    return [
        {
            "name": clean(one["name"], 60),
            "title": clean(one.get("title") or one["name"], 60),
            "trained_on": snippet(str(one.get("trained_on") or ""), 200),
            "licence": clean(one.get("licence") or "–", 40),
            "size": size(one.get("size")),
            "cost": f"{one['cost_ms']:.3g} ms" if one.get("cost_ms") is not None else "–",
            "installed": bool(one.get("installed")),
            "hub": bool(one.get("hub")),
            "suits": one.get("suits"),
            "why": snippet(str(one.get("why") or ""), 200),
        }
        for one in advice.get("availability") or []
    ]


def similarity(advice: Mapping[str, Any], base: str) -> dict[str, Any] | None:
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
        "why": chosen.get("why") or "",
        "nearest": snippet(str(chosen.get("nearest_reference") or ""), 100),
        "looks_like": [
            {
                "label": clean(label, 40),
                "names": [
                    {"name": clean(name, 40), "share": share, "text": percent(share)}
                    for name, share in names[:NAMES]
                ],
            }
            for label, names in looks[:MAX_CLASSES]
        ],
        "left_out": max(0, len(looks) - MAX_CLASSES),
        "measures": [
            {"name": clean(name.replace("_", " "), 60), "value": figure(value, 3)}
            for name, value in (chosen.get("measures") or {}).items()
        ],
        "others": [
            {"base": clean(s.get("base"), 60), "verdict": s.get("verdict") or "cannot be told"}
            for s in ours[1:]
        ],
    }
