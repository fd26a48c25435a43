"""What trying the gentle way gave, as the screens tell it: plain numbers, and a word for the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def tuned(quality: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a model's own record says of the gentle way; None where it was not asked for.

    ``code`` is ``untried``; ``surely``, ``surer`` or ``maybe`` where it was kept; ``nothing``, ``chance`` or
    ``worse`` where it was not.

    Parameters
    ----------
    quality
        The measured part of a bundle's manifest; whatever it says, no screen breaks.
    """
    gentle = quality.get("gentle")
    if not isinstance(gentle, Mapping):
        return None
    kept = bool(gentle.get("kept"))
    found: dict[str, Any] = {"kept": kept, "code": "untried", "frozen": None, "gentle": None, "folds": None}
    if not gentle.get("tried"):
        return found
    try:
        return {
            "kept": kept,
            "code": _why_kept(gentle) if kept else _why_not(gentle),
            "frozen": float(gentle["frozen_accuracy"]),
            "gentle": float(gentle["gentle_accuracy"]),
            "folds": int(gentle["folds"]),
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _why_kept(gentle: Mapping[str, Any]) -> str:
    if _above_nothing(gentle["difference"]):
        return "surely"
    if _above_nothing(gentle["log_loss_difference"]) and gentle["difference"]["estimate"] >= 0:
        return "surer"
    return "maybe"


def _why_not(gentle: Mapping[str, Any]) -> str:
    if not gentle["setting"]["part"]:
        return "nothing"
    return "chance" if gentle["difference"]["estimate"] > 0 else "worse"


def _above_nothing(difference: Mapping[str, Any]) -> bool:
    return difference["low"] is not None and difference["low"] > 0
