"""A tree-based model on the simple columns alone: what one would use without any base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.mixed.roles import CATEGORY, DATE, SIMPLE
from headstart.data.mixed.values import days_of
from headstart.encoders.columns import categories, dates, numbers
from headstart.evaluation.comparison import paired_difference
from headstart.evaluation.measure import evaluate
from headstart.heads.calibration import log_loss_rows
from headstart.reports import Candidate, Interval
from headstart.row import Row

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice
    from headstart.preparing import Prepared
    from headstart.types import EncoderSpec, Float32Array, Float64Array, IntArray

HEAD = "gradient boosting"
FOLDS = 5
_MOST_CATEGORIES = 250  # what histogram gradient boosting can tell apart


@dataclass(frozen=True)
class Rival:
    """How a tree-based model did on rows that it was not trained on.

    Attributes
    ----------
    candidate
        Its line among the candidates.
    accuracy
        With its interval.
    note
        What a person should know, where it is better than the model; else empty.
    """

    candidate: Candidate
    accuracy: Interval
    note: str = ""


def measure_rival(prepared: Prepared, choice: Choice, seed: int) -> Rival | None:
    """Measure histogram gradient boosting on numbers, categories and dates; None where there are none.

    Groups are never split between the rows that it learns from and those that it is measured on.
    """
    specs = [spec for spec in prepared.specs.values() if spec.recipe["role"] in SIMPLE]
    if not specs or choice.taken.fitted.loo_proba_ is None or np.bincount(prepared.y).min() < 2:
        return None
    table, is_category = _table(prepared, specs)
    proba = _held_out(table, is_category, prepared.y, prepared.groups, len(prepared.classes), seed)
    if proba is None:
        return None
    measured = evaluate(
        proba, prepared.y, prepared.groups, prepared.classes, how=f"{FOLDS} folds on {len(prepared.y)} rows"
    )
    right = proba.argmax(axis=1) == prepared.y
    candidate = Candidate(
        base="none",
        head=HEAD,
        features=" + ".join(spec.name for spec in specs),
        log_loss=float(log_loss_rows(proba, prepared.y).mean()),
        accuracy=float(right.mean()),
    )
    fitted = choice.taken.fitted
    ours = np.asarray(fitted.loo_proba_).argmax(axis=1) == prepared.y[fitted.rows]
    gap = paired_difference(right[fitted.rows], ours, prepared.groups[fitted.rows])
    note = ""
    if gap.low > 0:
        note = (
            f"A tree-based model on the simple columns alone ({HEAD} of scikit-learn, no base) does better "
            f"here, beyond doubt: {100 * right.mean():.0f} of 100 right. headstart does not save such models."
        )
    return Rival(candidate, measured.accuracy, note)


def _table(prepared: Prepared, specs: list[EncoderSpec]) -> tuple[Float64Array, list[bool]]:
    """Return the plain values of the columns: numbers, places of levels, days and parts of dates."""
    rows = [example.source.cells for example in prepared.dataset.examples if isinstance(example.source, Row)]
    parts: list[Float64Array] = []
    is_category: list[bool] = []
    for spec in specs:
        cells, fitted = [row[str(spec.recipe["column"])] for row in rows], spec.recipe["fitted"]
        if spec.recipe["role"] == CATEGORY:
            few = categories.width_of(fitted) <= _MOST_CATEGORIES
            parts.append(categories.places(cells, fitted).astype(np.float64)[:, None])
            is_category.append(few)
        elif spec.recipe["role"] == DATE:
            moments = [dates.parse(cell, fitted) for cell in cells]
            nothing = (np.nan, np.nan, np.nan)
            parts.append(
                np.array(
                    [nothing if m is None else (days_of(m), m.month, m.weekday()) for m in moments], float
                )
            )
            is_category += [False] * 3
        else:
            parts.append(np.array([numbers.parse(cell, fitted) for cell in cells], float)[:, None])
            is_category.append(False)
    return np.concatenate(parts, axis=1), is_category


def _held_out(
    table: Float64Array, is_category: list[bool], y: IntArray, groups: IntArray, n_classes: int, seed: int
) -> Float32Array | None:
    from sklearn.ensemble import HistGradientBoostingClassifier  # a second to import; only tables need it
    from sklearn.model_selection import StratifiedGroupKFold

    folds = min(FOLDS, len(np.unique(groups)), int(np.bincount(y).max()))
    if folds < 2:
        return None
    proba = np.full((len(y), n_classes), 1e-6, dtype=np.float64)
    for learned, asked in StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(
        table, y, groups
    ):
        if len(np.unique(y[learned])) < 2 or not len(asked):
            return None
        trees = HistGradientBoostingClassifier(
            categorical_features=np.array(is_category), random_state=seed, early_stopping=False
        )
        trees.fit(table[learned], y[learned])
        proba[np.ix_(asked, trees.classes_)] = trees.predict_proba(table[asked])
    return np.asarray(proba / proba.sum(axis=1, keepdims=True), dtype=np.float32)
