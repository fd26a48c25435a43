"""How much each example counts: equal, or so that every class counts the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.types import Float64Array, IntArray

ClassWeight = Literal["auto", "balanced"] | None

RARE_RATIO = 10.0
"""``auto`` balances the classes when the commonest has more than this many times the rarest's examples."""


def resolve_class_weight(
    class_weight: ClassWeight, y: IntArray, n_classes: int
) -> Literal["balanced"] | None:
    """Turn ``auto`` into ``balanced`` or None by the ratio of the commonest to the rarest class.

    Parameters
    ----------
    class_weight
        ``balanced``, None, or ``auto``.
    y
        ``(n,)`` classes 0..C-1.

    Raises
    ------
    ParameterError
        When `class_weight` is none of the three.
    """
    if class_weight is None or class_weight == "balanced":
        return class_weight
    if class_weight != "auto":
        raise ParameterError(f"class_weight must be 'auto', 'balanced' or None, got {class_weight!r}.")
    counts = np.bincount(y, minlength=n_classes)
    counts = counts[counts > 0]
    return "balanced" if counts.max() > RARE_RATIO * counts.min() else None


def example_weights(class_weight: Literal["balanced"] | None, y: IntArray, n_classes: int) -> Float64Array:
    """Return ``(n,)`` weights that sum to n: all 1, or n / (C n_c) where every class weighs the same."""
    if class_weight is None:
        return np.ones(len(y))
    counts = np.bincount(y, minlength=n_classes)
    present = int((counts > 0).sum())
    return np.asarray(len(y) / (present * counts[y]), dtype=np.float64)
