"""What a head is: the parts that training, predicting, saving and exporting ask of it.

A head that joins is one file with a `HeadKind` in it, and one line in `headstart.heads.table`; from another
package it is an entry point or a call of `headstart.heads.register`. Nothing else needs to know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from headstart.heads.features import Rows
    from headstart.heads.graph import Graph
    from headstart.heads.task import HeadTask
    from headstart.heads.trial import Trial
    from headstart.types import Float32Array, Float64Array

Arrays: TypeAlias = Mapping[str, np.ndarray[Any, Any]]
"""Everything numeric of a fitted head, as it lies in a safetensors file."""

FORM = "form"
"""Key in `Head.meta`: the `HeadKind` that reads its arrays again. Linear heads have none."""


class Fitted(Protocol):
    """A fitted head of any target: what is saved. Plain data, so that it can go to other processes."""

    @property
    def blocks(self) -> Collection[str]:
        """Names of the blocks of features that it looks at."""
        ...

    @property
    def widths(self) -> Mapping[str, int]:
        """Columns of each dense block that it looks at."""
        ...

    @property
    def meta(self) -> Mapping[str, Any]:
        """How it came to be, as plain JSON values; `HeadKind.read` gets it back."""
        ...

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return everything numeric; `HeadKind.read` gets it back."""
        ...


class Head(Fitted, Protocol):
    """A fitted head that tells classes apart."""

    @property
    def n_classes(self) -> int:
        """Number of classes C."""
        ...

    def logits(self, blocks: Mapping[str, Rows]) -> Float64Array:
        """Return ``(n, C)`` float64 logits: their softmax is calibrated."""
        ...

    def predict_proba(self, blocks: Mapping[str, Rows]) -> Float32Array:
        """Return ``(n, C)`` float32 probabilities."""
        ...


@runtime_checkable
class Exportable(Protocol):
    """A head that can be put into an ONNX graph."""

    def to_graph(self, graph: Graph, features: Mapping[str, str]) -> str:
        """Add the head and return the name of its logits, ``(N, C)`` in double precision.

        Parameters
        ----------
        features
            Block to the value in the graph that holds its rows, ``(N, d)`` float32.
        """
        ...


@dataclass(frozen=True)
class HeadFit:
    """A head fitted to the training examples, as it is compared with others.

    Attributes
    ----------
    trial
        How it did on held-out examples; ``trial.head`` is the name of its kind.
    temperature
        Factor that its scores were multiplied by to be calibrated.
    finish
        Makes the head, given how it came to be. Called for the head that is taken alone.
    settings
        What was chosen on the way, for the record.
    """

    trial: Trial
    temperature: float
    finish: Callable[[Mapping[str, Any]], Head]
    settings: Mapping[str, float] = field(default_factory=dict)


def _always(_: HeadTask) -> bool:
    return True


@dataclass(frozen=True)
class HeadKind:
    """One kind of head: how it is fitted, when it is tried, and how its arrays are read back.

    Attributes
    ----------
    name
        What it is called on the command line, in reports and in saved models.
    fit
        Fits it to a task; None where that is impossible.
    affordable
        Whether ``auto`` tries it on a task.
    held_out
        ``exact``: its held-out scores are those of refits without each group. ``folds``: those of refits
        without each of `HeadTask.folds`; the ridge head on the same folds then makes them comparable.
    needs_ridge
        Whether it looks at the features that the ridge head chose; otherwise it can also be fitted where
        nothing can be held out.
    handicap
        Standard errors by which it must be better than logistic regression for ``auto`` to take it.
    read
        Makes a fitted head of its arrays and of how it came to be; None where it is a `LinearHead`.
    """

    name: str
    fit: Callable[[HeadTask], HeadFit | None]
    affordable: Callable[[HeadTask], bool] = _always
    held_out: Literal["exact", "folds"] = "folds"
    needs_ridge: bool = True
    handicap: float = 0.5
    read: Callable[[Arrays, Mapping[str, Any]], Head] | None = None
