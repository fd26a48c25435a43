"""Names and texts from anywhere, made harmless."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from headstart.kinds import kinds

NAME_LIMIT = 90

_TURNING = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
"""Marks that turn the reading direction, so that ``gpj.exe`` reads as ``exe.jpg``: shown as what they are."""

_JOINING = {"\u200c", "\u200d"}
"""Invisible too, but they join letters and emoji; dropping them would misspell names."""


def clean(value: Any, limit: int = NAME_LIMIT) -> str:
    """Return text that reads as it is: one line, no hidden signs, no longer than `limit`.

    What is cut is cut from the middle, because file names differ at their ends.
    """
    raw = str(value)
    head = raw if len(raw) <= 8 * limit else raw[: 4 * limit] + raw[-4 * limit :]
    seen = "".join(_visible(sign) for sign in head)
    flat = " ".join(seen.split())
    if len(flat) <= limit and len(raw) <= 8 * limit:
        return flat or "(no name)"
    tail = limit // 3
    return f"{flat[: limit - tail - 1]}…{flat[-tail:]}"


def snippet(value: str, limit: int) -> str:
    """Return the beginning of a text, harmless and on one line."""
    flat = " ".join("".join(_visible(sign) for sign in value[: 2 * limit]).split())
    return flat if len(flat) <= limit and len(value) <= 2 * limit else flat[: limit - 1].rstrip() + "…"


def _visible(sign: str) -> str:
    if sign.isspace():
        return " "
    kind = unicodedata.category(sign)
    if sign in _TURNING or kind in {"Cc", "Cs"}:  # Cs: half of a character, which no file can hold
        return "\N{REPLACEMENT CHARACTER}"
    return "" if kind == "Cf" and sign not in _JOINING else sign


def drawn(modality: str) -> str:
    """Return as what examples are shown: ``picture``, ``sound``, ``text``, or by their ``name`` alone."""
    return kinds()[modality].drawn if modality in kinds() else "name"


def plain(value: Any) -> dict[str, Any]:
    """Return plain data, from plain data or from anything with ``to_dict``."""
    if value is None:
        return {}
    made = value if isinstance(value, Mapping) else value.to_dict()
    return dict(made)
