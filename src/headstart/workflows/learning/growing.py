"""Whether more examples would help where tags or numbers are learned, from what was fitted anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.amount import growth
from headstart.advice.learning_curve import forecast
from headstart.advice.number_curve import forecast_numbers, measure_number_curve
from headstart.advice.tag_curve import measure_tag_curve
from headstart.evaluation.growth import TOO_FEW, Growth
from headstart.heads.features import Block
from headstart.heads.numbers.basis import mixed_gram
from headstart.heads.tags.labels import TagLabels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headstart.heads.features import Mixture, Rows
    from headstart.heads.numbers.basis import NumberBasis
    from headstart.types import Float64Array, IntArray

MOST = 800
"""Examples of a curve; whole groups are drawn where there are more, so that it takes seconds."""
WORTH = 0.03
"""Share of the error that twice as many examples must take away to be worth collecting."""


def growth_of_number(basis: NumberBasis, now: float | None, *, seed: int = 0) -> Growth:
    """Return what more examples would bring to one number; `now` is how far off answers are."""
    n = len(basis.places)
    rows = _drawn(basis.owner, seed)
    gram = basis.gram[np.ix_(rows, rows)]
    curve = measure_number_curve(gram, basis.places[rows], basis.owner[rows], basis.to_number, seed=seed)
    if curve is None or not now:
        return Growth(TOO_FEW, 2 * n)
    low, high = forecast_numbers(curve, seed=seed).band(2.0 * n)
    high = min(high, now)  # more of the same does no harm
    low = min(low, high)
    verdict = "hardly" if now - low <= WORTH * now else "would" if high < (1 - WORTH) * now else "may"
    return Growth(verdict, 2 * n, now, low, high, _points(curve.sizes, curve.mean))


def growth_of_tags(
    blocks: Mapping[str, Rows | Block],
    mixture: Mixture,
    values: Float64Array,
    owner: IntArray,
    *,
    measure: str,
    seed: int = 0,
) -> Growth:
    """Return what more examples would bring to all tags together."""
    n = len(values)
    rows = _drawn(owner, seed)
    made = {
        name: block
        if isinstance(block := blocks[name], Block)
        else Block.prepare(name, block, values.shape[1])
        for name, _ in mixture
    }
    gram = mixed_gram(made, mixture)[np.ix_(rows, rows)]
    labels = TagLabels.check(values[rows], owner[rows])
    curve = measure_tag_curve(gram, labels, measure=measure, seed=seed)
    if curve is None:
        return Growth(TOO_FEW, 2 * n)
    ahead = forecast(curve, seed=seed)
    low, high = ahead.band(2.0 * n)
    now = 1.0 - float(curve.mean[-1])
    return Growth(growth(ahead), 2 * n, now, 1.0 - high, 1.0 - low, _points(curve.sizes, 1.0 - curve.mean))


def _drawn(owner: IntArray, seed: int) -> IntArray:
    """Return the rows of a curve: all, or those of groups that are drawn until there are enough."""
    if len(owner) <= MOST:
        return np.arange(len(owner))
    groups, place, sizes = np.unique(owner, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(groups))
    count = max(1, int(np.searchsorted(np.cumsum(sizes[order]), MOST, side="right")))
    return np.flatnonzero(np.isin(place.reshape(-1), order[:count]))


def _points(sizes: Float64Array, measure: Float64Array) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(size), 1), float(value)) for size, value in zip(sizes, measure, strict=True))
