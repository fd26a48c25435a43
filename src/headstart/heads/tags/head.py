"""What is saved and what predicts tags: a linear map per block of features, and a threshold a tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import CorruptBundleError
from headstart.heads.linear import LinearHead
from headstart.heads.tags.calibrating import sigmoid
from headstart.heads.tags.risk import RiskControl

if TYPE_CHECKING:
    from headstart.heads.features import Rows
    from headstart.heads.graph import Graph
    from headstart.types import BoolArray, Float32Array, Float64Array


@dataclass(frozen=True, eq=False)
class TagsHead:
    """A fitted head of tags as plain arrays.

    Attributes
    ----------
    linear
        Gives ``(n, T)`` logits; the probability of each tag is their sigmoid.
    thresholds
        ``(T,)`` float32: a tag is said where its probability is at least this.
    control
        For promises such as "at most 10% of true tags missed".
    """

    linear: LinearHead
    thresholds: Float32Array
    control: RiskControl

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks of features that it looks at."""
        return tuple(self.linear.blocks)

    @property
    def widths(self) -> Mapping[str, int]:
        """Columns of each dense block that it looks at."""
        return self.linear.widths

    @property
    def meta(self) -> Mapping[str, Any]:
        """How it came to be, as plain JSON values."""
        return self.linear.meta

    @property
    def n_classes(self) -> int:
        """Number of tags T."""
        return self.linear.n_classes

    def logits(self, blocks: Mapping[str, Rows]) -> Float64Array:
        """Return ``(n, T)`` float64 logits: their sigmoid is calibrated."""
        return self.linear.logits(blocks)

    def probabilities(self, blocks: Mapping[str, Rows]) -> Float32Array:
        """Return ``(n, T)`` float32: how likely each tag is, whatever the others are."""
        return sigmoid(self.logits(blocks)).astype(np.float32)

    def predict_proba(self, blocks: Mapping[str, Rows]) -> Float32Array:
        """Return `probabilities`; rows do not sum to 1."""
        return self.probabilities(blocks)

    def tags(self, proba: Float32Array) -> BoolArray:
        """Return ``(n, T)`` bool: which tags are said at these probabilities."""
        return np.asarray(proba >= self.thresholds)

    def tags_without_missing(self, proba: Float32Array, missed: float) -> BoolArray:
        """Return ``(n, T)`` bool: the tags to name so that at most this share of true ones is missed.

        What is said anyway is always among them: that can only miss fewer.

        Raises
        ------
        ParameterError
            When that cannot be promised.
        """
        return np.asarray(self.control.sets(proba, missed) | self.tags(proba))

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return everything numeric, ready for a safetensors file; `from_arrays` reads it back."""
        return {
            **self.linear.arrays(),
            "thresholds": self.thresholds,
            "control_levels": self.control.levels,
            "control_missed": self.control.missed,
            "control_groups": np.array([self.control.n]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray[Any, Any]], meta: Mapping[str, Any]) -> TagsHead:
        """Build the head from what `arrays` returned.

        Raises
        ------
        CorruptBundleError
            When an array is missing or does not fit the others.
        """
        linear = LinearHead.from_arrays(arrays, meta)
        try:
            levels, missed = arrays["control_levels"], arrays["control_missed"]
            thresholds, groups = arrays["thresholds"], int(arrays["control_groups"][0])
        except (KeyError, IndexError) as error:
            raise CorruptBundleError(
                f"The head's arrays are incomplete: {error} is missing.", "Train the model again."
            ) from error
        if thresholds.shape != linear.bias.shape or levels.ndim != 1 or levels.shape != missed.shape:
            raise CorruptBundleError("The head's arrays do not fit each other.", "Train the model again.")
        return cls(linear, thresholds, RiskControl(levels, missed, groups))

    def to_graph(self, graph: Graph, features: Mapping[str, str]) -> str:
        """Add the head to an ONNX graph; return the name of its logits."""
        return self.linear.to_graph(graph, features)


def read_head(
    arrays: Mapping[str, np.ndarray[Any, Any]], meta: Mapping[str, Any], *, names: Sequence[str]
) -> TagsHead:
    """Make the head of a model that tells tags.

    Raises
    ------
    ValueError
        When it does not score as many tags as there are names.
    """
    head = TagsHead.from_arrays(arrays, meta)
    if head.n_classes != len(names):
        raise ValueError(f"it scores {head.n_classes} tags, there are {len(names)}")
    return head
