"""A small matrix of mostly zeros (compressed sparse rows), so that predicting needs no SciPy.

Only what word counts need is here: products with dense matrices, the Gram matrix of the rows, row
selection, and scaling of rows and columns. SciPy is imported lazily, for the Gram matrix alone, which
is needed in training and never in predicting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array, FloatArray, IntArray

_FEW = 4  # columns for which counting is as quick as SciPy, which takes 0.2 s to import
_BLOCK = 1 << 22  # entries gathered at once in a product, so that memory stays bounded


@dataclass(frozen=True, slots=True)
class Sparse:
    """A matrix in compressed sparse row layout.

    Attributes
    ----------
    data
        ``(nnz,)`` float32, the values of row 0, then of row 1, and so on.
    indices
        ``(nnz,)`` int32, the column of each value; increasing within a row.
    indptr
        ``(n + 1,)`` int64, row i is ``data[indptr[i]:indptr[i + 1]]``.
    shape
        ``(n, d)``.
    """

    data: Float32Array
    indices: NDArray[np.int32]
    indptr: IntArray
    shape: tuple[int, int]

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nnz(self) -> int:
        """Number of stored values."""
        return len(self.data)

    @property
    def row_of(self) -> IntArray:
        """``(nnz,)`` int64: the row of each stored value."""
        return np.repeat(np.arange(self.shape[0], dtype=np.int64), np.diff(self.indptr))

    def take(self, rows: NDArray[Any] | Sequence[int]) -> Sparse:
        """Return the rows with these positions (or where this mask is True), in that order."""
        wanted = np.asarray(rows)
        if wanted.dtype == np.bool_:
            wanted = np.flatnonzero(wanted)
        wanted = wanted.astype(np.int64, copy=False)
        lengths = np.diff(self.indptr)[wanted]
        indptr = _starts(lengths)
        shift = np.repeat(self.indptr[wanted] - indptr[:-1], lengths)
        positions = np.arange(indptr[-1], dtype=np.int64) + shift
        return Sparse(self.data[positions], self.indices[positions], indptr, (len(wanted), self.shape[1]))

    def dot(self, dense: FloatArray) -> FloatArray:
        """Return ``self @ dense`` for a ``(d,)`` or ``(d, k)`` array, in its dtype."""
        matrix = dense[:, None] if dense.ndim == 1 else dense
        out = np.zeros((self.shape[0], matrix.shape[1]), dtype=matrix.dtype)
        for first, last in self._blocks(max(1, _BLOCK // max(1, matrix.shape[1]))):
            start, stop = self.indptr[first], self.indptr[last]
            filled = np.flatnonzero(np.diff(self.indptr[first : last + 1])) + first
            if len(filled):  # reduceat gives a wrong answer for empty rows, so they are left out
                parts = matrix[self.indices[start:stop]] * self.data[start:stop, None]
                out[filled] = np.add.reduceat(parts, self.indptr[filled] - start, axis=0)
        return out[:, 0] if dense.ndim == 1 else out

    def transpose_dot(self, dense: FloatArray) -> NDArray[np.float64]:
        """Return ``self.T @ dense`` for an ``(n,)`` or ``(n, k)`` array, in float64."""
        matrix = dense[:, None] if dense.ndim == 1 else dense
        if matrix.shape[1] > _FEW:  # training only: scores and means have one column
            return np.asarray(self._scipy().T @ matrix, dtype=np.float64)
        rows = self.row_of
        out = np.empty((self.shape[1], matrix.shape[1]))
        for column in range(matrix.shape[1]):
            weights = self.data * matrix[rows, column]
            out[:, column] = np.bincount(self.indices, weights, minlength=self.shape[1])
        return out[:, 0] if dense.ndim == 1 else out

    def gram(self, other: Sparse | None = None) -> NDArray[np.float64]:
        """Return ``self @ other.T`` (``other`` is self by default) as a dense float64 matrix.

        Needs SciPy, which is imported here: for training only.
        """
        left = self._scipy()
        right = left if other is None else other._scipy()
        return np.asarray((left @ right.T).toarray(), dtype=np.float64)

    def squared_norms(self) -> NDArray[np.float64]:
        """Return ``(n,)``: the sum of squares of each row."""
        squares = np.square(self.data, dtype=np.float64)
        return np.asarray(np.bincount(self.row_of, weights=squares, minlength=len(self)), dtype=np.float64)

    def norms(self) -> NDArray[np.float64]:
        """Return ``(n,)``: the Euclidean length of each row."""
        return np.sqrt(self.squared_norms())

    def column_counts(self) -> IntArray:
        """Return ``(d,)``: in how many rows each column is stored (the document frequency)."""
        return np.bincount(self.indices, minlength=self.shape[1]).astype(np.int64, copy=False)

    def scale_columns(self, factors: FloatArray) -> Sparse:
        """Return ``self * factors[None, :]``."""
        data = (self.data * factors[self.indices]).astype(np.float32, copy=False)
        return Sparse(data, self.indices, self.indptr, self.shape)

    def scale_rows(self, factors: FloatArray) -> Sparse:
        """Return ``self * factors[:, None]``."""
        data = (self.data * np.repeat(factors, np.diff(self.indptr))).astype(np.float32, copy=False)
        return Sparse(data, self.indices, self.indptr, self.shape)

    def unit_rows(self) -> Sparse:
        """Return the rows divided by their lengths; rows of zeros stay as they are."""
        norms = self.norms()
        return self.scale_rows(1.0 / np.where(norms > 0, norms, 1.0))

    def toarray(self) -> Float32Array:
        """Return the matrix with its zeros written out; for small matrices and tests."""
        dense = np.zeros(self.shape, dtype=np.float32)
        dense[self.row_of, self.indices] = self.data
        return dense

    @staticmethod
    def stack(parts: Sequence[Sparse]) -> Sparse:
        """Return the rows of all parts below one another; all have the same number of columns."""
        indptr = _starts(np.concatenate([np.diff(part.indptr) for part in parts]))
        return Sparse(
            np.concatenate([part.data for part in parts]),
            np.concatenate([part.indices for part in parts]),
            indptr,
            (len(indptr) - 1, parts[0].shape[1]),
        )

    def _blocks(self, entries: int) -> list[tuple[int, int]]:
        """Cut the rows into ranges with about this many entries, at least one row each."""
        rows, bounds, first = self.shape[0], [], 0
        while first < rows:
            last = int(np.searchsorted(self.indptr, self.indptr[first] + entries, side="right")) - 1
            last = min(rows, max(first + 1, last))
            bounds.append((first, last))
            first = last
        return bounds

    def _scipy(self) -> Any:
        from scipy.sparse import csr_array  # 0.2 s to import; predicting never comes here

        return csr_array((self.data.astype(np.float64), self.indices, self.indptr), shape=self.shape)


def take_rows(rows: FloatArray | Sparse, at: IntArray) -> FloatArray | Sparse:
    """Return the rows at these positions, dense or sparse as they are."""
    return rows.take(at) if isinstance(rows, Sparse) else rows[at]


def _starts(lengths: IntArray) -> IntArray:
    """Turn row lengths into row starts, with the total at the end."""
    indptr = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=indptr[1:])
    return indptr
