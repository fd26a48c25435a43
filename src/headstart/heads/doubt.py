"""What a saved model needs in order to doubt: plain arrays, and how they are read back. NumPy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import CorruptBundleError
from headstart.heads.conformal import Conformal
from headstart.heads.novelty import Novelty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

_REFERENCE = "novelty/reference/"


@dataclass(frozen=True)
class Doubt:
    """When to say "unsure" and when to say "none of these".

    Attributes
    ----------
    conformal
        Which classes cannot be ruled out; None where nothing could be held out.
    novelty
        How strange an input is; None where there is nothing to compare with.
    """

    conformal: Conformal | None = None
    novelty: Novelty | None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything numeric, ready for a safetensors file; `from_arrays` reads it back."""
        out: dict[str, NDArray[Any]] = {}
        if self.conformal is not None:
            owner = np.unique(self.conformal.groups, return_inverse=True)[1]
            out["conformal/scores"] = self.conformal.scores.astype(np.float32)
            out["conformal/labels"] = self.conformal.labels.astype(np.int32)
            out["conformal/groups"] = owner.reshape(-1).astype(np.int32)
        if self.novelty is not None:
            own = self.novelty
            out |= {f"{_REFERENCE}{name}": rows for name, rows in own.references.items()}
            out["novelty/labels"] = own.labels.astype(np.int32)
            out["novelty/positions"] = own.positions.astype(np.int64)
            out["novelty/contents"] = own.contents.astype(np.uint64)
            out["novelty/distances"] = own.distances.astype(np.float32)
            out["novelty/weights"] = own.weights.astype(np.float32)
            out["novelty/neighbour"] = np.array([own.neighbour], dtype=np.int32)
        return out

    @classmethod
    def from_arrays(cls, arrays: Arrays, n_classes: int, blocks: Mapping[str, int]) -> Doubt:
        """Build it from what `arrays` returned, believing nothing.

        Parameters
        ----------
        blocks
            Name of each dense block of features that the model makes, to its width.

        Raises
        ------
        CorruptBundleError
            When an array is missing, or does not fit the others.
        """
        conformal = novelty = None
        if any(name.startswith("conformal/") for name in arrays):
            conformal = _read_conformal(arrays, n_classes)
        if any(name.startswith("novelty/") for name in arrays):
            novelty = _read_novelty(arrays, n_classes, blocks)
        return cls(conformal, novelty)


def _read_conformal(arrays: Arrays, n_classes: int) -> Conformal:
    scores = _column(arrays, "conformal/scores", np.float32)
    labels = _column(arrays, "conformal/labels", np.int32, len(scores))
    groups = _column(arrays, "conformal/groups", np.int32, len(scores))
    _require("conformal/scores", len(scores) > 0 and bool(((scores >= 0) & (scores <= 1)).all()))
    _require("conformal/labels", bool(((labels >= 0) & (labels < n_classes)).all()))
    return Conformal(scores, labels.astype(np.int64), groups.astype(np.int64), n_classes)


def _read_novelty(arrays: Arrays, n_classes: int, blocks: Mapping[str, int]) -> Novelty:
    labels = _column(arrays, "novelty/labels", np.int32)
    positions = _column(arrays, "novelty/positions", np.int64, len(labels))
    contents = _column(arrays, "novelty/contents", np.uint64, len(labels))
    distances = _column(arrays, "novelty/distances", np.float32)
    weights = _column(arrays, "novelty/weights", np.float32, len(distances))
    neighbour = int(_column(arrays, "novelty/neighbour", np.int32, 1)[0])
    references = {k[len(_REFERENCE) :]: rows for k, rows in arrays.items() if k.startswith(_REFERENCE)}
    _require("novelty/reference", bool(references))
    for name, rows in references.items():
        fits = name in blocks and rows.dtype == np.int16 and rows.ndim == 2 and len(rows) == len(labels)
        _require(_REFERENCE + name, fits and blocks[name] == rows.shape[1])
    _require("novelty/labels", bool(((labels >= 0) & (labels < n_classes)).all()))
    _require("novelty/neighbour", 1 <= neighbour <= len(labels))
    increasing = len(distances) > 0 and bool((np.diff(distances) >= 0).all())
    _require("novelty/distances", increasing and bool(np.isfinite(distances).all()))
    _require("novelty/weights", bool(((weights > 0) & (weights <= 1)).all()))
    return Novelty(
        references, labels.astype(np.int64), positions, contents, distances, weights, neighbour
    )  # fmt: skip


def _column(arrays: Arrays, name: str, kind: type, length: int | None = None) -> NDArray[Any]:
    column = arrays.get(name)
    if column is None or column.dtype != kind or column.ndim != 1 or length not in (None, len(column)):
        raise _unfit(name)
    return column


def _require(name: str, fits: bool) -> None:
    if not fits:
        raise _unfit(name)


def _unfit(name: str) -> CorruptBundleError:
    return CorruptBundleError(
        f"The array {name!r} is missing or does not fit the others.", "Train the model again."
    )
