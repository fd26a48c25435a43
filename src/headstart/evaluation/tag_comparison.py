"""Whether one model tells tags better than another on the same examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.evaluation.comparison import Difference, stretched
from headstart.heads.folds import group_index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

DRAWS = 5000


def compare_tags(
    first: ArrayLike,
    second: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Difference:
    """Compare the F1 of what two models said of the same examples, all tags together.

    Whole groups are drawn with replacement, the same ones for both.

    Parameters
    ----------
    first, second
        ``(n, T)`` bool: what each of them said.
    y
        ``(n, T)`` 1, 0 or NaN.
    """
    truth = np.asarray(y, dtype=np.float64)
    known, have = ~np.isnan(truth), truth == 1
    owner = group_index(groups, len(truth))
    n_groups = int(owner.max()) + 1
    drawn = np.ones((1, n_groups))
    if n_groups > 1:
        rng = np.random.default_rng(seed)
        more = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=DRAWS)
        drawn = np.concatenate([drawn, more])
    values = []
    for answer in (first, second):
        said = np.asarray(answer, dtype=np.bool_) & known
        right = np.bincount(owner, weights=2.0 * (said & have).sum(axis=1), minlength=n_groups)
        all_of = np.bincount(owner, weights=(said.astype(float) + have).sum(axis=1), minlength=n_groups)
        values.append((drawn @ right) / np.maximum(drawn @ all_of, 1.0))
    gap = values[0] - values[1]
    if n_groups < 2:
        return Difference(float(gap[0]), -np.inf, np.inf, level)
    low, high = stretched(gap[1:], float(gap[0]), n_groups, level)
    return Difference(float(gap[0]), low, high, level)
