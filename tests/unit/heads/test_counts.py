from __future__ import annotations

import numpy as np
import pytest

from headstart.heads.counts import CountsMap, project
from headstart.heads.sparse import Sparse


def sparse(dense):
    dense = np.asarray(dense, dtype=np.float32)
    rows, columns = np.nonzero(dense)
    indptr = np.searchsorted(rows, np.arange(len(dense) + 1))
    return Sparse(dense[rows, columns], columns.astype(np.int32), indptr.astype(np.int64), dense.shape)


COUNTS = [[1, 0, 2, 0, 0], [1, 0, 0, 0, 3], [0, 0, 1, 0, 1]]


def test_equals_the_formula_by_hand():
    mapping = CountsMap.fit(sparse(COUNTS))
    assert mapping.buckets.tolist() == [0, 2, 4]
    rarity = np.log(4 / 3) + 1
    np.testing.assert_allclose(mapping.idf, rarity, rtol=1e-6)
    assert mapping.unseen == pytest.approx(np.log(4) + 1)
    made = mapping.transform(sparse(COUNTS)).toarray()
    first = np.array([1, 1 + np.log(2), 0]) * rarity
    np.testing.assert_allclose(made[0], first / np.linalg.norm(first), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)


def test_unseen_buckets_count_in_the_length_only():
    mapping = CountsMap.fit(sparse(COUNTS))
    made = mapping.transform(sparse([[1, 4, 0, 0, 0], [0, 5, 0, 0, 0], [0, 0, 0, 0, 0]])).toarray()
    known, unknown = np.log(4 / 3) + 1, (1 + np.log(4)) * (np.log(4) + 1)
    assert made[0, 0] == pytest.approx(known / np.hypot(known, unknown), abs=1e-6)
    assert not made[1:].any()


def test_folding_adds_up_what_falls_together():
    mapping = CountsMap.fit(sparse(COUNTS), width=2)
    assert (mapping.columns, mapping.width) == (5, 2)
    assert mapping.buckets.tolist() == [0]
    assert mapping.transform(sparse([[1, 0, 0, 1, 0]])).shape == (1, 1)


def test_no_text_at_all():
    empty = sparse(np.zeros((3, 5)))
    mapping = CountsMap.fit(empty)
    assert mapping.transform(sparse(COUNTS)).shape == (3, 0)
    assert mapping.transform(empty).nnz == 0


def test_projection_keeps_inner_products_on_average_and_says_where_columns_went():
    rng = np.random.default_rng(0)
    rows = sparse((rng.random((40, 3000)) < 0.03) * rng.random((40, 3000))).unit_rows()
    dense, place, sign = project(rows, 1024)
    np.testing.assert_allclose(dense @ dense.T, rows.gram(), atol=0.2)
    assert np.abs(dense @ dense.T - rows.gram()).mean() < 0.03
    weights = rng.normal(size=(1024, 2))
    np.testing.assert_allclose(dense @ weights, rows.dot(weights[place] * sign[:, None]), atol=1e-5)
    assert abs(sign.mean()) < 0.1
    assert np.bincount(place, minlength=1024).max() < 15
