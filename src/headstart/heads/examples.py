"""What a head knows of the training examples besides their features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import NotEnoughDataError, ParameterError
from headstart.heads.folds import group_index
from headstart.heads.weights import example_weights, resolve_class_weight

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.heads.weights import ClassWeight
    from headstart.types import Float64Array, IntArray


@dataclass(frozen=True)
class Examples:
    """Labels, groups and weights of the training examples.

    Attributes
    ----------
    y
        ``(n,)`` classes 0..C-1.
    owner
        ``(n,)`` group numbers; a group is left out as a whole.
    weights
        ``(n,)`` weights that sum to n.
    balanced
        Whether the weights make every class count the same in the ridge fit.
    """

    y: IntArray
    n_classes: int
    owner: IntArray
    weights: Float64Array
    balanced: bool = False

    @classmethod
    def check(
        cls,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        n_classes: int | None = None,
        class_weight: ClassWeight = "auto",
    ) -> Examples:
        """Check labels and groups as they come in, and weigh the examples.

        Raises
        ------
        ParameterError
            When labels are not whole numbers 0..C-1, or groups do not match them.
        NotEnoughDataError
            When there are fewer than two classes to tell apart.
        """
        labels = np.asarray(y)
        if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
            raise ParameterError(
                f"y must be a list of whole numbers 0..C-1, got {labels.dtype} of shape {labels.shape}."
            )
        labels = labels.astype(np.int64)
        present = np.unique(labels)
        count = n_classes if n_classes is not None else int(present.max(initial=-1)) + 1
        if len(present) and (present[0] < 0 or present[-1] >= count):
            raise ParameterError(f"y must hold classes 0..{count - 1}, got {present[0]}..{present[-1]}.")
        if len(present) < 2:
            raise NotEnoughDataError(
                f"A head needs examples of at least 2 classes, found {len(present)}.",
                "Add examples of another class.",
            )
        resolved = resolve_class_weight(class_weight, labels, count)
        weights = example_weights(resolved, labels, count)
        return cls(labels, count, group_index(groups, len(labels)), weights, resolved == "balanced")

    @property
    def counts(self) -> IntArray:
        """``(C,)`` examples of each class."""
        return np.bincount(self.y, minlength=self.n_classes).astype(np.int64)

    @property
    def can_hold_out(self) -> bool:
        """Whether leaving a group out ever leaves an example of the same class to learn from."""
        pairs = np.unique(np.stack([self.y, self.owner]), axis=1)[0]
        return bool(np.bincount(pairs).max() > 1)

    def take(self, rows: IntArray) -> Examples:
        """Return some of the examples."""
        owner = group_index(self.owner[rows], len(rows))
        return Examples(self.y[rows], self.n_classes, owner, self.weights[rows], self.balanced)

    def draw(self, count: int, seed: int = 0) -> IntArray:
        """Return about `count` rows, in order, as whole groups drawn at random; all when there are fewer."""
        n = len(self.y)
        if n <= count:
            return np.arange(n)
        sizes = np.bincount(self.owner)
        order = np.random.default_rng(seed).permutation(len(sizes))
        kept = np.zeros(len(sizes), dtype=bool)
        enough = int(np.searchsorted(np.cumsum(sizes[order]), count)) + 1
        kept[order[: max(2, enough)]] = True
        return np.flatnonzero(kept[self.owner])
