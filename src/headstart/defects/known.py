"""What photos of known defects add to a detector, and whether they add anything.

A ridge classifier tells how like known defects a picture is, by what is seen at its oddest places less what
is usual there. A logistic regression says how much that counts beside how odd the picture is. All of it is
fitted to left-out scores, and kept only where left-out pictures show that it pays: a few photos of defects
mislead easily, above all where they were not taken as the good ones were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.kinds import held_out, unlike
from headstart.errors import CorruptBundleError
from headstart.evaluation.doubt import auroc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.defects.levels import Levels
    from headstart.types import Float32Array, Float64Array, IntArray

FEWEST = 5
"""Known defects below which they only measure."""

_STRENGTH = 3.0
_MOST = 0.5
"""How much a standard deviation of likeness may count beside one of oddity. Without a limit, defects of other
kinds were lost, and with few known ones the AUROC of whole sets fell by .02; with it by .002 at most."""

_PENALTY, _STEPS = 1e-2, 50
_DRAWS, _SEED = 200, 5
_AT_ONCE = 16
_ARRAYS = ("known_sights", "known_weight", "known_bias")


@dataclass(frozen=True, eq=False)
class Known:
    """What is added to the score of a picture for its likeness to known defects.

    Attributes
    ----------
    sights
        ``(places, channels)`` float16: what is usual at each place, on the level of the detector.
    weight, bias
        ``(channels,)`` and ``(1,)`` float32.
    """

    sights: NDArray[np.float16]
    weight: Float32Array
    bias: Float32Array

    def adds(self, seen: NDArray[Any], levels: Levels, heat: Float32Array) -> Float32Array:
        """Return what to add to the score of each picture ``(n, places, channels)``; ``(n,)``."""
        return np.asarray(odd_sights(seen, levels, heat, self.sights) @ self.weight + self.bias, np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything numeric; `from_arrays` gets it back."""
        return dict(zip(_ARRAYS, (self.sights, self.weight, self.bias), strict=True))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], places: int, channels: int) -> Known | None:
        """Build it from what `arrays` returned; None where a model learned nothing from known defects.

        Raises
        ------
        CorruptBundleError
            When an array is missing or does not fit the others.
        """
        if not any(key in arrays for key in _ARRAYS):
            return None
        for key, shape in zip(_ARRAYS, ((places, channels), (channels,), (1,)), strict=True):
            if key not in arrays or arrays[key].shape != shape or not np.isfinite(arrays[key]).all():
                raise CorruptBundleError(
                    f"The array {key!r} must have the shape {shape} and finite numbers.",
                    "Train the model again.",
                )
        sights, weight, bias = (arrays[key] for key in _ARRAYS)
        return cls(sights.astype(np.float16), weight.astype(np.float32), bias.astype(np.float32))


def odd_sights(
    seen: NDArray[Any], levels: Levels, heat: Float32Array, sights: NDArray[np.float16]
) -> Float32Array:
    """Return ``(n, channels)``: see `kinds.unlike`; of pictures as the base gave them, a few at a time."""
    out = np.empty((len(seen), seen.shape[2]), dtype=np.float32)
    flat = heat.reshape(len(seen), -1)
    for first in range(0, len(seen), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        out[part] = unlike(levels.bring(seen[part]), flat[part], sights)
    return out


def usual_sights(seen: NDArray[Any], levels: Levels) -> Float64Array:
    """Return ``(places, channels)``: the mean of pictures, on one level."""
    total = np.zeros(seen.shape[1:])
    for one in seen:
        total += levels.bring(one)
    return np.asarray(total / len(seen), dtype=np.float64)


def left_out_sights(
    seen: NDArray[Any], levels: Levels, heat: Float32Array, groups: IntArray, usual: Float64Array
) -> Float32Array:
    """Return `odd_sights` of good pictures, each less what is usual in those of other groups."""
    n, out = len(seen), np.empty((len(seen), seen.shape[2]), dtype=np.float32)
    flat = heat.reshape(n, -1)
    for group in np.unique(groups):
        own = np.flatnonzero(groups == group)
        level = levels.bring(seen[own])
        others = (n * usual - level.sum(0, dtype=np.float64)) / (n - len(own))
        out[own] = unlike(level, flat[own], others.astype(np.float16))
    return out


@dataclass(frozen=True, eq=False)
class Likeness:
    """How like known defects pictures are: 0 and 1 are the mean and standard deviation of good ones.

    Attributes
    ----------
    weight, bias
        ``(channels,)`` and one number, for new pictures.
    good, bad
        The same of the pictures it was fitted to, each by a fit without its group.
    """

    weight: Float64Array
    bias: float
    good: Float64Array
    bad: Float64Array


def fit_likeness(good: Float32Array, bad: Float32Array, groups: IntArray) -> Likeness:
    """Fit a ridge classifier in which good and defective pictures weigh the same in all.

    Parameters
    ----------
    good, bad
        ``(n, channels)`` and ``(m, channels)`` from `left_out_sights` and `odd_sights`.
    groups
        ``(n + m,)`` what is left out together.
    """
    n, m = len(good), len(bad)
    mean, spread = good.mean(0, dtype=np.float64), good.std(0, dtype=np.float64) + 1e-6
    divide = spread * np.sqrt(good.shape[1])
    x = np.hstack([(np.concatenate([good, bad]) - mean) / divide, np.ones((n + m, 1))])
    root = np.sqrt(np.r_[np.full(n, (n + m) / (2 * n)), np.full(m, (n + m) / (2 * m))])[:, None]
    target = np.r_[-np.ones(n), np.ones(m)][:, None]
    dual, held = held_out(x * root, target * root, _STRENGTH, groups)
    held, primal = (held / root)[:, 0], ((x * root).T @ dual)[:, 0]
    middle, width = held[:n].mean(), max(float(held[:n].std()), 1e-6)
    weight = primal[:-1] / divide / width
    bias = (primal[-1] - middle) / width - float(mean @ weight)
    held = (held - middle) / width
    return Likeness(weight, float(bias), held[:n], held[n:])


def share_of(odd: Float64Array, like: Float64Array, defective: NDArray[np.bool_]) -> float:
    """Return how much likeness counts beside oddity, by a logistic regression with no negative weights.

    Both classes weigh the same.
    """
    x = np.stack([odd, like, np.ones(len(odd))], axis=1)
    weight = np.where(defective, 0.5 / defective.sum(), 0.5 / (~defective).sum())
    penalty = np.diag([_PENALTY, _PENALTY, 1e-6])
    beta = np.zeros(3)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        slope = x.T @ (weight * (chance - defective)) + penalty @ beta
        curve = (x * (weight * chance * (1 - chance))[:, None]).T @ x + penalty
        step = np.linalg.solve(curve, slope)
        beta -= step / max(1.0, float(np.abs(step).max()))
    if beta[1] <= 0:
        return 0.0
    return _MOST if beta[0] <= 0 else min(float(beta[1] / beta[0]), _MOST)


def pays(odd: tuple[Float64Array, Float64Array], fused: tuple[Float64Array, Float64Array]) -> bool:
    """Tell whether the left-out AUROC grows by more than its standard error, pictures drawn again.

    Parameters
    ----------
    odd, fused
        Left-out scores of good and of defective pictures, without and with known defects.
    """
    rng, gains = np.random.default_rng(_SEED), []
    n, m = len(odd[0]), len(odd[1])
    for _ in range(_DRAWS):
        i, j = rng.integers(n, size=n), rng.integers(m, size=m)
        gains.append(auroc(fused[0][i], fused[1][j]) - auroc(odd[0][i], odd[1][j]))
    return auroc(*fused) - auroc(*odd) > float(np.std(gains))


def make_known(likeness: Likeness, share: float, usual: Float64Array) -> Known:
    """Return what is added to the score of new pictures."""
    weight = (share * likeness.weight).astype(np.float32)
    return Known(usual.astype(np.float16), weight, np.array([share * likeness.bias], np.float32))
