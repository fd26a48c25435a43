"""How much too good the score would look if what belongs together were torn apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.evaluation.comparison import Difference, paired_difference
from headstart.heads.examples import Examples
from headstart.heads.path import RidgePath, choose_lambda, signed_targets
from headstart.heads.spectrum import center_gram, from_gram

if TYPE_CHECKING:
    from headstart.types import Float64Array, IntArray


def leakage_gap(gram: Float64Array, y: IntArray, owner: IntArray, n_classes: int) -> Difference | None:
    """Return leave-one-out minus leave-group-out accuracy, with its interval over groups.

    Parameters
    ----------
    gram
        ``(n, n)`` inner products of the features.

    Returns
    -------
    Difference or None
        None where no two examples share a group.
    """
    examples = Examples.check(y, owner, n_classes)
    if len(np.unique(owner)) == len(y) or not examples.can_hold_out:
        return None
    spectrum = from_gram(center_gram(gram, examples.weights), examples.weights)
    path = RidgePath.build(spectrum, signed_targets(y, n_classes), examples.owner)
    lam = choose_lambda(path, y, extend=False).lam
    whole = path.held_out(lam).argmax(axis=1) == y
    everyone = np.arange(len(y))
    torn = path.subset(everyone, everyone).held_out(lam).argmax(axis=1) == y
    return paired_difference(torn, whole, examples.owner, repeats=2000)
