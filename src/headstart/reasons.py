"""A finding as a code and figures: surfaces put it into words, and no part reads another's sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing to say.

    Attributes
    ----------
    code
        What it is, as in ``labels``; it never changes its meaning.
    figures
        Counts, names and shares that belong to it.
    text
        The same in English, for a terminal and for programs that show it as it is.
    """

    code: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {"code": self.code, "figures": dict(self.figures), "text": self.text}
