from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.heads import sparse as module
from headstart.heads.sparse import Sparse


def build(dense: np.ndarray) -> Sparse:
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(dense)))]).astype(np.int64)
    data = dense[rows, columns].astype(np.float32)
    return Sparse(data, columns.astype(np.int32), indptr, dense.shape)


def matrix(seed: int, rows: int, columns: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    dense = rng.integers(-3, 4, (rows, columns)).astype(np.float32)
    return dense * (rng.random((rows, columns)) < 0.3)


@given(st.integers(0, 1000), st.integers(0, 9), st.integers(1, 12), st.integers(1, 7))
def test_every_operation_equals_the_dense_one(seed: int, rows: int, columns: int, k: int) -> None:
    dense = matrix(seed, rows, columns)
    sparse = build(dense)
    rng = np.random.default_rng(seed)
    right, left = rng.normal(size=(columns, k)), rng.normal(size=(rows, k))
    np.testing.assert_allclose(sparse.dot(right), dense @ right, atol=1e-9)
    np.testing.assert_allclose(sparse.dot(right[:, 0]), dense @ right[:, 0], atol=1e-9)
    np.testing.assert_allclose(sparse.transpose_dot(left), dense.T @ left, atol=1e-9)
    np.testing.assert_allclose(sparse.norms(), np.linalg.norm(dense, axis=1), atol=1e-6)
    np.testing.assert_array_equal(sparse.column_counts(), (dense != 0).sum(axis=0))
    np.testing.assert_array_equal(sparse.toarray(), dense)
    chosen = rng.integers(0, max(rows, 1), 5 if rows else 0)
    np.testing.assert_array_equal(sparse.take(chosen).toarray(), dense[chosen])
    mask = rng.random(rows) < 0.5
    np.testing.assert_array_equal(sparse.take(mask).toarray(), dense[mask])
    np.testing.assert_array_equal(Sparse.stack([sparse, sparse]).toarray(), np.vstack([dense, dense]))


def test_gram_equals_the_dense_product() -> None:
    a, b = matrix(1, 6, 20), matrix(2, 4, 20)
    np.testing.assert_allclose(build(a).gram(), a @ a.T)
    np.testing.assert_allclose(build(a).gram(build(b)), a @ b.T)


def test_scaling_and_unit_rows_leave_empty_rows_at_zero() -> None:
    dense = np.array([[3.0, 0, 4.0], [0, 0, 0]], dtype=np.float32)
    sparse = build(dense)
    np.testing.assert_allclose(sparse.unit_rows().toarray(), [[0.6, 0, 0.8], [0, 0, 0]], atol=1e-7)
    np.testing.assert_allclose(sparse.scale_columns(np.array([2.0, 1, 0.5])).toarray()[0], [6, 0, 2])
    np.testing.assert_allclose(sparse.scale_rows(np.array([0.5, 1])).toarray()[0], [1.5, 0, 2])


def test_a_product_cut_into_blocks_equals_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    dense = matrix(3, 40, 15)
    right = np.random.default_rng(0).normal(size=(15, 3))
    whole = build(dense).dot(right)
    monkeypatch.setattr(module, "_BLOCK", 12)
    np.testing.assert_array_equal(build(dense).dot(right), whole)
