"""Numbers as features: standardised, and where they lie among the training values.

The second part is piecewise linear between quantiles (Gorishniy et al. 2022), so that a linear head can
follow a curve, and a price of a million does not drown all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.mixed.values import decimal_of, is_absent, number_of

if TYPE_CHECKING:
    from headstart.types import Float32Array, Float64Array

_PIECES = 8
FARTHEST = 5.0
"""Standard deviations from which on a number is as far as any."""


def fit(cells: Sequence[Any]) -> dict[str, Any]:
    """Return what is kept of a column of numbers; cells that are no numbers are passed over."""
    decimal = decimal_of([cell for cell in cells if not is_absent(cell)])
    values = [value for cell in cells if (value := _value(cell, decimal)) is not None]
    return {"decimal": decimal, **fit_values(np.array(values or [0.0]))}


def fit_values(values: Float64Array) -> dict[str, Any]:
    """Return centre, scale and quantiles of values that are all there."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _PIECES + 1)))
    low, high = np.quantile(values, [0.01, 0.99])
    spread = float(np.clip(values, low, high).std()) or float(values.std()) or 1.0
    return {"centre": float(np.median(values)), "scale": spread, "edges": [float(edge) for edge in edges]}


def width_of(fitted: Mapping[str, Any]) -> int:
    """Return how many features a number becomes."""
    return 2 + max(0, len(fitted["edges"]) - 1)


def parse(cell: Any, fitted: Mapping[str, Any]) -> float:
    """Return the number of a cell; NaN where it is missing.

    Raises
    ------
    ValueError
        When it is no number.
    """
    return float("nan") if is_absent(cell) else number_of(cell, str(fitted["decimal"]))


def encode(values: Float64Array, fitted: Mapping[str, Any]) -> Float32Array:
    """Return ``(n, width)`` features of numbers, NaN being a missing one."""
    missing = np.isnan(values)
    known = np.where(missing, fitted["centre"], values)
    standard = np.clip((known - fitted["centre"]) / fitted["scale"], -FARTHEST, FARTHEST)
    edges = np.array(fitted["edges"], dtype=np.float64)
    pieces = np.clip((known[:, None] - edges[:-1]) / np.diff(edges), 0.0, 1.0)
    return np.concatenate([standard[:, None], pieces, missing[:, None]], axis=1).astype(np.float32)


def _value(cell: Any, decimal: str) -> float | None:
    if is_absent(cell):
        return None
    try:
        return number_of(cell, decimal)
    except (TypeError, ValueError):
        return None
