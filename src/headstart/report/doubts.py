"""What the model's "unsure" and "none of these" are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.report.wording import clean
from headstart.wording import Words
from headstart.wording.doubts import doubt_lines

MAX_CLASSES = 30


def doubts(report: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return the sentences and the figures behind them; nothing where nothing was measured."""
    doubt = report.get("doubt") or {}
    novelty = doubt.get("novelty") or {}
    per_class = sorted((novelty.get("per_class") or {}).items(), key=lambda item: float(item[1]["auroc"]))
    return {
        "said": doubt_lines(doubt, words),
        "promises": [_promise(one, words) for one in doubt.get("promises") or []],
        "classes": [_held_out(name, one, words) for name, one in per_class[:MAX_CLASSES]],
    }


def _promise(one: Mapping[str, Any], words: Words) -> dict[str, str]:
    return {
        "confidence": words.number(one["confidence"], "g"),
        "range": words.between(words.percent(one["low"]), words.percent(one["high"])),
        "covered": words.percent(one["covered"]),
        "answered": words.percent(one["answered"]),
        "right": "–" if one["right"] is None else words.percent(one["right"]),
        "own": str(one["own"]),
    }


def _held_out(name: str, one: Mapping[str, Any], words: Words) -> dict[str, str]:
    return {
        "name": clean(name, 40),
        "auroc": words.number(one["auroc"], ".2f"),
        "noticed": words.percent(one["noticed"]),
        "alarms": words.percent(one["false_alarms_at_95"]),
        "n": str(one["n"]),
    }
