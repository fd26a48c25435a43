"""What the model's "unsure" and "none of these" are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.report.wording import clean, percent
from headstart.wording import ENGLISH
from headstart.wording.doubts import doubt_lines

MAX_CLASSES = 30


def doubts(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sentences and the figures behind them; nothing where nothing was measured."""
    doubt = report.get("doubt") or {}
    novelty = doubt.get("novelty") or {}
    per_class = sorted((novelty.get("per_class") or {}).items(), key=lambda item: float(item[1]["auroc"]))
    return {
        "said": doubt_lines(doubt, ENGLISH),
        "promises": [_promise(one) for one in doubt.get("promises") or []],
        "classes": [_held_out(name, one) for name, one in per_class[:MAX_CLASSES]],
    }


def _promise(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "confidence": f"{one['confidence']:g}",
        "range": f"{percent(one['low'])} to {percent(one['high'])}",
        "covered": percent(one["covered"]),
        "answered": percent(one["answered"]),
        "right": "–" if one["right"] is None else percent(one["right"]),
        "own": str(one["own"]),
    }


def _held_out(name: str, one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": clean(name, 40),
        "auroc": f"{one['auroc']:.2f}",
        "noticed": percent(one["noticed"]),
        "alarms": percent(one["false_alarms_at_95"]),
        "n": str(one["n"]),
    }
