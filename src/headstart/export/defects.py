"""A detector as the end of a graph: score, p-value, heat map and answer of one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from headstart.defects.detector import STRANGE, TINY
from headstart.defects.kinds import ODDEST
from headstart.defects.places import most_odd, quiet_of
from headstart.export.heads import Output

if TYPE_CHECKING:
    from headstart.defects.detector import Detector, Scale
    from headstart.defects.head import DefectHead
    from headstart.defects.known import Known
    from headstart.export.pieces import Pieces
    from headstart.features import FeatureSet
    from headstart.heads.protocol import Fitted
    from headstart.model import Model
    from headstart.types import FloatArray

SCORE, P_VALUE, HEAT, ANSWER = "score", "p_value", "heatmap", "answer"
"""Outputs of the graph; `ANSWER` is 0 for ok, 1 for a defect, 2 for out of distribution."""


def add_detector(
    g: Pieces, head: Fitted, features: Mapping[str, str], names: Sequence[str]
) -> tuple[Output, ...]:
    """Add the outputs of a detector; `features` maps its block to the rows, ``(1, places * channels)``."""
    detector = cast("DefectHead", head).detector
    (block,) = head.blocks
    places, channels = detector.side**2, len(detector.levels.scale)
    seen = g.node("Reshape", features[block], g.integers(places, channels))
    level = g.mul(g.sub(seen, g.floats(detector.levels.centre)), g.floats(detector.levels.scale))
    near, far = _near(g, detector, level), _far(g, detector, level)
    standard = detector.standard
    quiet = g.mul(g.const(standard.slope), _quiet(g, near, places))
    odd_here = g.sub(_odd(g, near, places), quiet)
    logs = (odd_here, _odd(g, far, places))
    score = g.most(*(_standardised(g, one, standard, i) for i, one in enumerate(logs)))
    usual = [g.div(one, g.floats(standard.usual[i])) for i, one in enumerate((near, far))]
    heat = g.div(g.most(*usual), g.floats(standard.limit))
    if detector.known is not None:
        score = g.add(score, _like_known(g, detector.known, level, heat))
    odd = g.cast(g.node("Greater", heat, g.floats(1.0)), "float")
    strange = g.node("Greater", g.node("ReduceMean", odd, g.integers(0), keepdims=0), g.floats(STRANGE))
    defective = g.node("Greater", score, g.floats(standard.threshold))
    answer = g.choose(strange, g.whole(2), g.cast(defective, "int64"))
    left_out = g.floats(detector.left_out)
    as_odd = g.total(g.cast(g.node("GreaterOrEqual", left_out, score), "float"), 0)
    p_value = g.div(g.add(as_odd, g.floats(1.0)), g.floats(len(detector.left_out) + 1.0))
    for value, name, width in ((score, SCORE, 1), (p_value, P_VALUE, 1), (heat, HEAT, places)):
        g.node("Reshape", value, g.integers(1, width), name=name)
    g.node("Reshape", answer, g.integers(1), name=ANSWER)
    return (
        Output(SCORE, 1),
        Output(P_VALUE, 1),
        Output(HEAT, places),
        Output(ANSWER, None, whole=True),
    )


def scores(model: Model, features: FeatureSet) -> FloatArray:
    """Return ``(n, 1)`` the scores that the graph must give."""
    found: FloatArray = cast("DefectHead", model.head).look(features).score[:, None]
    return found


def _near(g: Pieces, detector: Detector, level: str) -> str:
    """Return ``(places,)`` distances from what is usual at each place."""
    off = g.sub(g.node("MatMul", level, g.floats(detector.project)), g.floats(detector.places.mean))
    columns = g.node("Unsqueeze", off, g.integers(2))
    whiten = g.cast(g.constant(detector.places.whiten), "float")
    white = g.node("MatMul", whiten, columns)
    return g.node("Sqrt", g.total(g.mul(white, white), 1, 2))


def _far(g: Pieces, detector: Detector, level: str) -> str:
    """Return ``(places,)`` distances from the nearest sight in the memory."""
    rows = detector.memory.rows
    half = np.square(rows.astype(np.float32)).sum(1) / 2
    across = g.cast(g.constant(np.ascontiguousarray(rows.T)), "float")
    gap = g.sub(g.floats(half), g.node("MatMul", level, across))
    nearest = g.node("ReduceMin", gap, g.integers(1), keepdims=0)
    squares = g.total(g.mul(level, level), 1)
    distance = g.node("Sqrt", g.most(g.add(g.mul(nearest, g.floats(2.0)), squares), g.floats(0.0)))
    return g.div(distance, g.floats(detector.memory.usual))


def _like_known(g: Pieces, known: Known, level: str, heat: str) -> str:
    """Return what known defects add to the score, a single number."""
    top = g.places_of_largest(heat, ODDEST)
    usual = g.cast(g.constant(known.sights), "float")
    unlike = g.sub(g.node("Gather", level, top), g.node("Gather", usual, top))
    mean = g.node("ReduceMean", unlike, g.integers(0), keepdims=0)
    return g.add(g.total(g.mul(mean, g.floats(known.weight)), 0), g.floats(known.bias[0]))


def _odd(g: Pieces, distances: str, places: int) -> str:
    """Return the logarithm of the mean of the oddest places, a single number."""
    top = g.first_of_two("TopK", distances, g.integers(most_odd(places)), axis=0)
    return _logarithm(g, g.node("ReduceMean", top, g.integers(0), keepdims=0))


def _quiet(g: Pieces, distances: str, places: int) -> str:
    """Return the logarithm of the distance that a quarter of the places does not pass."""
    low = g.first_of_two("TopK", distances, g.integers(quiet_of(places)), axis=0, largest=0)
    return _logarithm(g, g.node("ReduceMax", low, g.integers(0), keepdims=0))


def _logarithm(g: Pieces, value: str) -> str:
    return g.node("Log", g.most(g.cast(value, "double"), g.const(TINY)))


def _standardised(g: Pieces, logarithm: str, standard: Scale, way: int) -> str:
    z = g.div(g.sub(logarithm, g.const(standard.means[way])), g.const(standard.spreads[way]))
    return g.cast(z, "float")
