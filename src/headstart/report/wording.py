"""Names made harmless and figures put into words. What a person reads, in one place."""

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


def things(modality: str, count: int | None = None) -> str:
    """Return what a person calls the examples: ``photos``; with a count, ``1 photo`` or ``213 photos``."""
    words = kinds()[modality].words if modality in kinds() else None
    one, many = (words.one, words.many) if words else ("example", "examples")
    return many if count is None else f"{count:,} {one if count == 1 else many}"


def drawn(modality: str) -> str:
    """Return as what examples are shown: ``picture``, ``sound``, ``text``, or by their ``name`` alone."""
    return kinds()[modality].drawn if modality in kinds() else "name"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return ``1 class`` or ``7 classes``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent(share: float | None, digits: int = 0) -> str:
    """Return a share in percent, never rounding a doubt or a chance away."""
    if share is None:
        return "not known"
    edge = 0.5 * 10.0 ** -(digits + 2)
    if 1 - edge <= share < 1:
        return f">{100 - 10.0**-digits:.{digits}f}\u202f%"
    if 0 < share < edge:
        return f"<{10.0**-digits:.{digits}f}\u202f%"
    return f"{100 * share:.{digits}f}\u202f%"


def of_hundred(low: float, high: float) -> str:
    """Return ``91 to 96``, or ``about 97`` where both ends round to the same number."""
    first, last = f"{100 * low:.0f}", f"{100 * high:.0f}"
    return f"about {first}" if first == last else f"{first} to {last}"


def points(low: float, high: float) -> str:
    """Return a difference of two accuracies as ``3 to 11 points``."""
    first, last = f"{100 * low:+.0f}".replace("-", "−"), f"{100 * high:+.0f}".replace("-", "−")
    return (
        f"{first} point{'s' * (first not in ('+1', '−1'))}" if first == last else f"{first} to {last} points"
    )


def figure(value: float | None, digits: int = 2) -> str:
    """Return a plain number, or an en dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}".replace("-", "−")


def whole(value: float) -> str:
    """Return a number of examples."""
    return f"{value:,.0f}"


def size(count: int | float | None) -> str:
    """Return a number of bytes as a person would say it."""
    if not count:
        return "–"
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{max(count / 1e3, 1):,.0f} kB"


def plain(value: Any) -> dict[str, Any]:
    """Return plain data, from plain data or from anything with ``to_dict``."""
    if value is None:
        return {}
    made = value if isinstance(value, Mapping) else value.to_dict()
    return dict(made)
