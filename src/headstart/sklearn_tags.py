"""Tags in scikit-learn's conventions, matrices of 1 and 0 in and out; see `headstart.sklearn`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from sklearn.utils.validation import column_or_1d, validate_data

from headstart.data.indicators import as_matrix
from headstart.data.read import from_arrays, from_objects
from headstart.errors import ParameterError, SourceError
from headstart.heads.tags.fitting import fit_tags
from headstart.sklearn_inputs import as_sources, is_table
from headstart.sklearn_labels import warn_of
from headstart.targets.tags import TAGS
from headstart.workflows.training import train

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from headstart.tag_answers import TagPrediction
    from headstart.types import Dataset, Float32Array, Float64Array

FEATURES = "features"
Tagger: TypeAlias = Any
"""A `headstart.sklearn.TransferClassifier`, which imports this module."""


def fit_tagged(estimator: Tagger, X: Any, y: Any, groups: ArrayLike | None, seed: int) -> None:
    """Train the estimator on inputs with tags, or on a table of numbers with tags."""
    own = None if groups is None else list(column_or_1d(groups))
    if estimator.columns is None and is_table(X, estimator.modality):
        table = validate_data(estimator, X, dtype=[np.float64, np.float32])
        names, matrix = _matrix_of(y, len(table))
        fitted = fit_tags({FEATURES: table}, matrix, own, measure=estimator.measure or "f1", seed=seed)
        estimator.head_ = fitted.head
        estimator.classes_ = np.array(names)
        return
    dataset = _read(estimator, X, y, own)
    result = train(
        dataset,
        base=estimator.base,
        head=estimator.head,
        blend=estimator.blend,
        use_cache=estimator.use_cache,
        seed=seed,
        measure=estimator.measure,
    )
    estimator.model_, estimator.report_ = result.model, result.report
    warn_of(result.report)
    estimator.classes_, estimator.class_names_ = np.array(dataset.classes), list(dataset.classes)


def _read(estimator: Tagger, X: Any, y: Any, groups: list[Any] | None) -> Dataset:
    if estimator.columns is not None:
        return from_objects(X, y, groups=groups, roles=estimator.columns, target=TAGS)
    return from_arrays(as_sources(X), y, modality=estimator.modality, groups=groups, target=TAGS)


def _matrix_of(y: Any, count: int) -> tuple[list[str], Float64Array]:
    """Return the names of tags and ``(n, T)`` 1, 0 and NaN, from a matrix or from a list of tags a row."""
    found = as_matrix(y)
    if found is None:
        rows = [[str(tag) for tag in row] for row in y if isinstance(row, list | tuple | set | frozenset)]
        names = sorted({tag for row in rows for tag in row})
        table = np.array([[float(name in row) for name in names] for row in rows])
    else:
        names, table = list(found[0]), np.array(found[1])
    if len(table) != count:
        raise ParameterError(
            f"Tags must be a matrix with {count} rows, or a list of tags for each of {count} inputs.",
            "For one label for each input leave target away.",
        )
    return names, table


def proba_of_sources(estimator: Tagger, X: Any, **how: Any) -> Float32Array:
    """Return ``(n, T)`` probabilities, 0 for tags that no example of the training had.

    Raises
    ------
    SourceError
        When an input cannot be read; names it.
    """
    given = X if estimator.columns is not None else as_sources(X)
    answers: Any = estimator.model_.predict(given, modality=estimator.modality, **how)
    return np.array([_row(one, estimator.class_names_) for one in answers], dtype=np.float32)


def _row(said: TagPrediction, names: list[str]) -> list[float]:
    if said.error is not None:
        raise SourceError(f"{said.source}: {said.error}", "Leave it out.")
    return [said.probabilities.get(name, 0.0) for name in names]


def said_at(estimator: Tagger, proba: Float32Array) -> NDArray[Any]:
    """Return ``(n, T)`` integers: 1 where a tag is said at these probabilities."""
    if "head_" in estimator.__dict__:
        head: Any = estimator.head_
        return np.asarray(head.tags(proba), dtype=np.int64)
    names, known = estimator.class_names_, estimator.model_.classes
    own = [names.index(name) for name in known]
    out = np.zeros(proba.shape, dtype=np.int64)
    head = estimator.model_.head
    out[:, own] = head.tags(proba[:, own])
    return out
