"""Examples that may lack a tag they should have, or have one they should not.

Each tag is looked at like two classes, with it and without it: see `headstart.advice.label_errors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.label_errors import check_labels

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import BoolArray, Float64Array, IntArray


@dataclass(frozen=True)
class TagCheck:
    """Cells of the table of tags that are likely wrong, the likeliest first.

    Attributes
    ----------
    rows, tags
        ``(k,)`` example and column.
    missing
        ``(k,)`` True where the tag is likely missing, False where it is likely wrong.
    probability
        ``(k,)`` held-out probability of having the tag.
    """

    rows: IntArray
    tags: IntArray
    missing: BoolArray
    probability: Float64Array

    def __len__(self) -> int:
        return len(self.rows)


def check_tags(proba: ArrayLike, y: ArrayLike) -> TagCheck:
    """Look for tags that are likely missing or wrong.

    Parameters
    ----------
    proba
        ``(n, T)`` held-out probabilities; NaN where there is none.
    y
        ``(n, T)`` 1 has it, 0 has it not, NaN nobody knows: unknown cells are not doubted.
    """
    table, labels = np.asarray(proba, dtype=np.float64), np.asarray(y, dtype=np.float64)
    doubts: list[tuple[IntArray, IntArray, Float64Array]] = []
    for tag in range(labels.shape[1]):
        rows = np.flatnonzero(~np.isnan(table[:, tag]) & ~np.isnan(labels[:, tag]))
        own = labels[rows, tag].astype(np.int64)
        if len(np.unique(own)) < 2:
            continue
        p = table[rows, tag]
        looked = check_labels(np.stack([1 - p, p], axis=1), own)
        doubted = np.flatnonzero(looked.doubted)
        doubts.append((rows[doubted], np.full(len(doubted), tag, dtype=np.int64), looked.margin[doubted]))
    if not doubts:
        none = np.zeros(0, dtype=np.int64)
        return TagCheck(none, none, np.zeros(0, dtype=np.bool_), np.zeros(0))
    rows, tags, margin = (np.concatenate(parts) for parts in zip(*doubts, strict=True))
    order = np.argsort(-margin, kind="stable")
    rows, tags = rows[order], tags[order]
    return TagCheck(rows, tags, labels[rows, tags] == 0, table[rows, tags])
