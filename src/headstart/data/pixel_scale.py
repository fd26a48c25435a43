"""One scale for all pictures of a data set that have more than 8 bits; kept in the recipe of an encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

RECIPE_KEY = "pixel_scale"
"""Under what an encoder's recipe holds a `PixelScale`."""


@dataclass(frozen=True, slots=True)
class PixelScale:
    """Which values become black and white in pictures of more than 8 bits: one scale for all of a data set.

    Attributes
    ----------
    whole, floating
        ``(black, white)`` for whole and for floating numbers; None where each picture is scaled by itself.
    """

    whole: tuple[float, float] | None = None
    floating: tuple[float, float] | None = None

    @classmethod
    def of(cls, recipe: Mapping[str, Any]) -> PixelScale | None:
        """Read the recipe of an encoder; None where it has no scale, as before there was one."""
        table = recipe.get(RECIPE_KEY)
        if not isinstance(table, Mapping):
            return None
        return cls(*(_pair(table[kind]) if kind in table else None for kind in ("whole", "floating")))

    @property
    def recipe(self) -> dict[str, Any]:
        """What to add to the recipe of an encoder."""
        both = {"whole": self.whole, "floating": self.floating}
        return {RECIPE_KEY: {kind: list(pair) for kind, pair in both.items() if pair is not None}}

    def for_values(self, dtype: np.dtype[Any]) -> tuple[float, float] | None:
        """Return black and white for values of a type; None where a picture is scaled by itself."""
        if dtype == np.uint8 or dtype == np.bool_:
            return None
        return self.floating if np.issubdtype(dtype, np.floating) else self.whole


def _pair(values: Any) -> tuple[float, float]:
    low, high = values
    return float(low), float(high)
