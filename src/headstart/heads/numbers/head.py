"""What is saved and what predicts numbers: a linear head on each number's own scale. NumPy only.

Twice as many columns as numbers: the first half are the scores, in units of each number's spread on its
scale; the second half the logarithm of how far off an answer is expected to be, in the same units. So the
integer arithmetic of `LinearHead` gives the same answers to the last bit everywhere, and one graph has both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import CorruptBundleError
from headstart.heads.linear import LinearHead
from headstart.heads.numbers.conformal import NumberConformal
from headstart.heads.numbers.levels import Levels
from headstart.heads.numbers.scales import KINDS, Scale

if TYPE_CHECKING:
    from headstart.heads.features import Rows
    from headstart.heads.graph import Graph
    from headstart.types import Float64Array

FORM_NAME = "numbers"
"""What `headstart.heads.protocol.FORM` says in `NumbersHead.meta`."""
_LINK = "link/"


@dataclass(frozen=True)
class Link:
    """From a score to a number.

    Attributes
    ----------
    centre, spread
        The place on the scale is ``centre + spread * score``.
    lowest, highest
        The expected residual (logarithm) is kept between these: nothing outside them was seen in training.
    levels
        Where the number is one of a few ordered levels.
    """

    scale: Scale
    centre: float
    spread: float
    lowest: float = 0.0
    highest: float = 0.0
    levels: Levels | None = None

    def number(self, score: Float64Array) -> Float64Array:
        """Return the number that a score stands for, before a level is decided on."""
        return self.scale.invert(self.centre + self.spread * score)

    def value(self, score: Float64Array) -> Float64Array:
        """Return the answer."""
        number = self.number(score)
        return number if self.levels is None else self.levels.decide(number)

    def expected(self, difficulty: Float64Array) -> Float64Array:
        """Return how far off a score is expected to be."""
        return np.exp(np.clip(difficulty, self.lowest, self.highest))

    def interval(
        self, score: Float64Array, difficulty: Float64Array, reach: float
    ) -> tuple[Float64Array, Float64Array]:
        """Return both ends of the interval that reaches so many expected residuals to each side."""
        half = reach * self.expected(difficulty)
        low, high = self.number(score - half), self.number(score + half)
        return (low, high) if self.levels is None else self.levels.within(low, high, self.value(score))

    def to_graph(self, g: Graph, score: str) -> str:
        """Return the value in a graph that holds the answers to ``(N, 1)`` scores."""
        number = self._number_in(g, score)
        return number if self.levels is None else self.levels.to_graph(g, number)

    def ends_to_graph(self, g: Graph, score: str, difficulty: str, reach: float) -> tuple[str, str]:
        """Return the values in a graph that hold both ends of an interval; not for levels."""
        kept = g.node("Min", g.most(difficulty, g.const(float(self.lowest))), g.const(float(self.highest)))
        half = g.mul(g.node("Exp", kept), g.const(float(reach)))
        return self._number_in(g, g.sub(score, half)), self._number_in(g, g.add(score, half))

    def _number_in(self, g: Graph, score: str) -> str:
        place = g.add(g.mul(score, g.const(float(self.spread))), g.const(float(self.centre)))
        return self.scale.to_graph(g, place)


@dataclass(frozen=True)
class NumbersHead:
    """A fitted head for K numbers as plain arrays.

    Attributes
    ----------
    linear
        ``2 K`` columns: scores, then the logarithm of the residual expected.
    links
        From score to number, for each.
    conformal
        What intervals are made from; None where nothing could be held out.
    """

    linear: LinearHead
    links: tuple[Link, ...]
    conformal: NumberConformal | None = field(default=None, repr=False)

    @property
    def blocks(self) -> list[str]:
        """Names of the blocks of features that it looks at."""
        return list(self.linear.blocks)

    @property
    def widths(self) -> dict[str, int]:
        """Columns of each dense block."""
        return self.linear.widths

    @property
    def meta(self) -> Mapping[str, Any]:
        """How it came to be, as plain JSON values."""
        return self.linear.meta

    @property
    def n_outputs(self) -> int:
        """How many numbers K it predicts."""
        return len(self.links)

    def scores(self, blocks: Mapping[str, Rows]) -> tuple[Float64Array, Float64Array]:
        """Return ``(n, K)`` scores and logarithms of the residual expected, both on the scale of the fit."""
        both = self.linear.logits(blocks)
        return both[:, : self.n_outputs], both[:, self.n_outputs :]

    def values(self, blocks: Mapping[str, Rows]) -> Float64Array:
        """Return ``(n, K)`` numbers; each row depends on that row alone, to the last bit."""
        scores, _ = self.scores(blocks)
        return np.stack([link.value(scores[:, k]) for k, link in enumerate(self.links)], axis=1)

    def intervals(self, blocks: Mapping[str, Rows], confidence: float) -> Float64Array:
        """Return ``(n, K, 2)``: ends of intervals that hold the right number as often as `confidence` says.

        Raises
        ------
        ParameterError
            When the confidence cannot be promised.
        """
        reach = self.reach(confidence)
        scores, difficulty = self.scores(blocks)
        ends = [
            np.stack(link.interval(scores[:, k], difficulty[:, k], float(reach[k])), axis=1)
            for k, link in enumerate(self.links)
        ]
        return np.stack(ends, axis=1)

    def reach(self, confidence: float) -> Float64Array:
        """Return ``(K,)`` how many expected residuals an interval reaches to each side.

        Raises
        ------
        ParameterError
            When the confidence cannot be promised.
        """
        none = NumberConformal(np.zeros((0, self.n_outputs), np.float32), np.zeros(0, np.int64))
        return (self.conformal or none).reach(confidence)

    @property
    def most_confident(self) -> float:
        """The highest confidence that can be promised; 0 where none can."""
        return 0.0 if self.conformal is None else self.conformal.most_confident

    def level_probabilities(self, blocks: Mapping[str, Rows]) -> list[Float64Array | None]:
        """Return ``(n, L)`` probabilities of the levels of each number; None for one without levels."""
        scores, _ = self.scores(blocks)
        return [
            None if link.levels is None else link.levels.probabilities(link.number(scores[:, k]))
            for k, link in enumerate(self.links)
        ]

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return everything numeric, ready for a safetensors file; `from_arrays` reads it back."""
        out = self.linear.arrays()
        fixed = [
            [float(KINDS.index(link.scale.kind)), link.centre, link.spread, link.lowest, link.highest]
            for link in self.links
        ]
        out[f"{_LINK}fixed"] = np.array(fixed, dtype=np.float64)
        for k, link in enumerate(self.links):
            if link.scale.kind == "rank":
                out[f"{_LINK}{k}/scale"] = np.stack([link.scale.numbers, link.scale.places])
            if link.levels is not None:
                levels = link.levels
                out[f"{_LINK}{k}/levels"] = levels.values
                out[f"{_LINK}{k}/cuts"] = np.stack([levels.cuts, levels.centres])
                out[f"{_LINK}{k}/slope"] = np.array([levels.slope])
        if self.conformal is not None:
            out[f"{_LINK}scores"] = self.conformal.scores
            out[f"{_LINK}groups"] = self.conformal.groups
        return {key: np.ascontiguousarray(value) for key, value in out.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray[Any, Any]], meta: Mapping[str, Any]) -> NumbersHead:
        """Build the head from what `arrays` returned.

        Raises
        ------
        CorruptBundleError
            When an array is missing or does not fit the others.
        """
        own = {key: value for key, value in arrays.items() if key.startswith(_LINK)}
        linear = LinearHead.from_arrays({k: v for k, v in arrays.items() if k not in own}, meta)
        try:
            fixed = own[f"{_LINK}fixed"]
            links = tuple(_read_link(k, row, own) for k, row in enumerate(fixed))
            scores, groups = own.get(f"{_LINK}scores"), own.get(f"{_LINK}groups")
        except (KeyError, IndexError, ValueError) as error:
            raise CorruptBundleError(
                f"The head's arrays are incomplete: {error} is missing or has another shape.",
                "Train the model again.",
            ) from error
        kept = None if scores is None or groups is None else NumberConformal(scores, groups)
        fits = len(linear.bias) == 2 * len(links) and (
            kept is None or kept.scores.shape == (len(kept.groups), len(links))
        )
        if not fits:
            raise CorruptBundleError("The head's arrays do not fit each other.", "Train the model again.")
        return cls(linear, links, kept)

    def to_graph(self, g: Graph, features: Mapping[str, str]) -> str:
        """Add the head to an ONNX graph; return the name of its ``(N, K)`` numbers, in double precision."""
        return self.values_to_graph(g, self.linear.to_graph(g, features))

    def scores_to_graph(self, g: Graph, both: str) -> str:
        """Return the value in a graph that holds the scores, of the one that `linear` made."""
        return g.node("Gather", both, g.constant(np.arange(self.n_outputs, dtype=np.int64)), axis=1)

    def values_to_graph(self, g: Graph, both: str) -> str:
        """Return the value in a graph that holds the numbers, of the one that `linear` made."""
        values = [link.to_graph(g, _column(g, both, k)) for k, link in enumerate(self.links)]
        return values[0] if len(values) == 1 else g.node("Concat", *values, axis=1)

    def ends_to_graph(self, g: Graph, both: str, confidence: float) -> tuple[str, str]:
        """Return the values in a graph that hold both ends of the intervals, of the one that `linear` made.

        For ordered levels these are the ends on the score, not brought to levels.
        """
        reach, size = self.reach(confidence), self.n_outputs
        pairs = [
            link.ends_to_graph(g, _column(g, both, k), _column(g, both, size + k), float(reach[k]))
            for k, link in enumerate(self.links)
        ]
        low, high = ([pair[side] for pair in pairs] for side in (0, 1))
        if size == 1:
            return low[0], high[0]
        return g.node("Concat", *low, axis=1), g.node("Concat", *high, axis=1)


def read_head(
    arrays: Mapping[str, np.ndarray[Any, Any]], meta: Mapping[str, Any], *, names: Sequence[str]
) -> NumbersHead:
    """Make the head of a model of numbers from what was saved.

    Raises
    ------
    CorruptBundleError
        When arrays are missing or do not fit each other.
    ValueError
        When it does not predict as many numbers as there are names.
    """
    head = NumbersHead.from_arrays(arrays, meta)
    if head.n_outputs != len(names):
        raise ValueError(f"it predicts {head.n_outputs} numbers, there are {len(names)} names")
    return head


def _column(g: Graph, table: str, k: int) -> str:
    """Return one column of a table in a graph, ``(N, 1)``."""
    return g.node("Gather", table, g.constant(np.array([k], dtype=np.int64)), axis=1)


def _read_link(k: int, fixed: np.ndarray[Any, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> Link:
    kind, centre, spread, lowest, highest = (float(value) for value in fixed)
    scale = Scale(KINDS[int(kind)])
    if scale.kind == "rank":
        numbers, places = arrays[f"{_LINK}{k}/scale"]
        scale = Scale("rank", numbers, places)
    levels = None
    if f"{_LINK}{k}/levels" in arrays:
        cuts, centres = arrays[f"{_LINK}{k}/cuts"]
        slope = float(arrays[f"{_LINK}{k}/slope"][0])
        levels = Levels(arrays[f"{_LINK}{k}/levels"], cuts, centres, slope)
    return Link(scale, centre, spread, lowest, highest, levels)
