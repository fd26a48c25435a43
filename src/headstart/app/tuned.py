"""What trying the gentle way gave, as plain numbers; `headstart.app.telling` says it in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.wording import ENGLISH


def tuned(quality: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a model's own record says of the gentle way; None where it was not asked for.

    ``code`` is that of `headstart.reports.GentleReport`, empty in a model from before there were codes.

    Parameters
    ----------
    quality
        The measured part of a bundle's manifest; whatever it says, no screen breaks.
    """
    gentle = quality.get("gentle")
    if not isinstance(gentle, Mapping):
        return None
    code = gentle.get("code")
    found = {
        "kept": bool(gentle.get("kept")),
        "code": code if isinstance(code, str) and ENGLISH.has(f"gentle-why.{code}") else "",
        "frozen": None,
        "gentle": None,
        "folds": None,
    }
    if not gentle.get("tried"):
        return found
    try:
        return {
            **found,
            "frozen": float(gentle["frozen_accuracy"]),
            "gentle": float(gentle["gentle_accuracy"]),
            "folds": int(gentle["folds"]),
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
