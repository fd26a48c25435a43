"""What tells defective pictures from good ones: arrays only, NumPy only.

A picture has two scores: how odd its places are beside the same places of good pictures, and how far what
is seen there is from anything seen in them. Each is put on a scale where left-out good pictures have mean 0
and standard deviation 1, and the larger counts: the first is the better where parts lie alike in every
picture, the second where they do not, and nothing told beforehand which of the two it would be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.known import Known
from headstart.defects.levels import Levels, pictures_at_once
from headstart.defects.memory import Memory
from headstart.defects.places import Places, picture_score, quiet_distance
from headstart.errors import CorruptBundleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import BoolArray, Float32Array, Float64Array

_AT_ONCE = 16
TINY = 1e-6
STRANGE = 0.5
"""Where more of a picture than this is odder than the oddest place of good ones, it shows something else
altogether. Of 520 pictures with painted defects none reached .18; of pictures of other things and of dark
ones the least had .69."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What a detector says of some pictures.

    Attributes
    ----------
    score
        ``(n,)`` float32: how many standard deviations odder than the usual good picture.
    p_value
        ``(n,)`` float32: share of good pictures that are at least as odd.
    defective
        ``(n,)`` whether the score is above the threshold.
    strange
        ``(n,)`` whether it shows something other than such parts.
    heat
        ``(n, side, side)`` float32: how odd each place is; 1 is where defects begin.
    """

    score: Float32Array
    p_value: Float32Array
    defective: BoolArray
    strange: BoolArray
    heat: Float32Array


@dataclass(frozen=True, slots=True)
class Scale:
    """What makes scores and maps comparable, from left-out good pictures.

    Attributes
    ----------
    slope
        How much the logarithm of the score of places grows with that of the quiet distance.
    means, spreads
        Of the logarithm of either score, the first less what the slope explains.
    usual
        The median over pictures of the oddest place, in either way.
    limit
        The oddest place of either way, over `usual`, that the wanted share of good pictures stays below.
    threshold
        The score above which a picture is called defective.
    """

    slope: float
    means: tuple[float, float]
    spreads: tuple[float, float]
    usual: tuple[float, float]
    limit: float
    threshold: float


@dataclass(frozen=True, eq=False)
class Detector:
    """A fitted detector.

    Attributes
    ----------
    side
        Places along each side.
    levels
        What brings the numbers of each place to one level.
    project
        ``(channels, d)`` what brings them to the space of the Gaussians then.
    places, memory
        The two ways of being odd.
    standard
        What makes them comparable.
    left_out
        ``(n,)`` float32, increasing: left-out scores of the good pictures.
    known
        What known defects add to the score; None where they add nothing.
    """

    side: int
    levels: Levels
    project: Float32Array
    places: Places
    memory: Memory
    standard: Scale
    left_out: Float32Array
    known: Known | None = None

    def look(self, seen: NDArray[Any]) -> Seen:
        """Judge pictures.

        Parameters
        ----------
        seen
            ``(n, places, channels)``, as the base gave it.
        """
        near, far = self._distances(seen)
        score = combined(near, far, self.standard)
        heat = heat_of(near, far, self.standard)
        if self.known is not None:
            score = score + self.known.adds(seen, self.levels, heat)
        place = np.searchsorted(self.left_out, score, side="left")
        p_value = (1 + len(self.left_out) - place) / (len(self.left_out) + 1)
        return Seen(
            score=score,
            p_value=p_value.astype(np.float32),
            defective=score > np.float32(self.standard.threshold),
            strange=(heat > 1).mean(1) > STRANGE,
            heat=heat.reshape(-1, self.side, self.side),
        )

    def _distances(self, seen: NDArray[Any]) -> tuple[Float32Array, Float32Array]:
        near = np.empty(seen.shape[:2], dtype=np.float32)
        far = np.empty_like(near)
        at_once = pictures_at_once(seen[0].size, _AT_ONCE) if len(seen) else 1
        for first in range(0, len(seen), at_once):
            batch = seen[first : first + at_once]
            near[first : first + at_once] = self.places.distances(self.levels.bring(batch) @ self.project)
            far[first : first + at_once] = self.memory.distances(batch, self.levels)
        return near, far

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything numeric; `from_arrays` gets it back."""
        triangle = np.tril_indices(self.places.whiten.shape[1])
        s = self.standard
        own: dict[str, NDArray[Any]] = {
            "centre": self.levels.centre,
            "scale": self.levels.scale,
            "project": self.project,
            "mean": self.places.mean,
            "whiten": self.places.whiten[:, triangle[0], triangle[1]],
            "memory": self.memory.rows,
            "pictures": self.memory.pictures,
            "usual": self.memory.usual,
            "standard": np.array(
                [s.slope, *s.means, *s.spreads, *s.usual, s.limit, s.threshold], dtype=np.float64
            ),
            "left_out": self.left_out,
        }
        return own if self.known is None else own | self.known.arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], channels: int, side: int) -> Detector:
        """Build the detector from what `arrays` returned.

        Raises
        ------
        CorruptBundleError
            When an array is missing or does not fit the others.
        """
        wanted = _shapes(arrays, channels, side)
        for name, shape in wanted.items():
            if name not in arrays or arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
                found = arrays[name].shape if name in arrays else "nothing"
                raise CorruptBundleError(
                    f"The detector's array {name!r} must have the shape {shape} and finite numbers, found "
                    f"{found}.",
                    "Train the model again.",
                )
        width = wanted["mean"][1]
        whiten = np.zeros((side * side, width, width), dtype=np.float16)
        triangle = np.tril_indices(width)
        whiten[:, triangle[0], triangle[1]] = arrays["whiten"]
        slope, a, b, c, d, e, f, limit, threshold = (float(x) for x in arrays["standard"])
        return cls(
            side=side,
            levels=Levels(arrays["centre"].astype(np.float32), arrays["scale"].astype(np.float32)),
            project=arrays["project"].astype(np.float32),
            places=Places(arrays["mean"].astype(np.float32), whiten),
            memory=Memory(
                arrays["memory"].astype(np.float16),
                arrays["pictures"].astype(np.int64),
                arrays["usual"].astype(np.float32),
            ),
            standard=Scale(slope, (a, b), (c, d), (e, f), limit, threshold),
            left_out=arrays["left_out"].astype(np.float32),
            known=Known.from_arrays(arrays, side * side, channels),
        )


def _shapes(arrays: Mapping[str, NDArray[Any]], channels: int, side: int) -> dict[str, tuple[int, ...]]:
    def length(name: str, axis: int) -> int:
        shape = arrays[name].shape if name in arrays else ()
        return max(1, shape[axis]) if len(shape) > axis else 1

    width, kept = length("project", 1), length("memory", 0)
    return {
        "centre": (channels,),
        "scale": (channels,),
        "project": (channels, width),
        "mean": (side * side, width),
        "whiten": (side * side, width * (width + 1) // 2),
        "memory": (kept, channels),
        "pictures": (kept,),
        "usual": (side * side,),
        "standard": (9,),
        "left_out": (length("left_out", 0),),
    }


def logarithms(near: Float32Array, far: Float32Array) -> Float64Array:
    """Return ``(n, 3)``, of the distances at places: logarithms of both scores and of the quiet distance."""
    scores = np.stack([picture_score(near), picture_score(far), quiet_distance(near)], axis=1)
    return np.asarray(np.log(np.maximum(scores.astype(np.float64), TINY)), dtype=np.float64)


def adjusted(logs: Float64Array, slope: float) -> Float64Array:
    """Return ``(n, 2)``: the scores, the first less what the quiet places of the picture let expect.

    Noise and another light move all places of a picture a little; that does not look like a defect then. The
    second is left as it is, and tells where all of a picture is odd.
    """
    return np.stack([logs[:, 0] - slope * logs[:, 2], logs[:, 1]], axis=1)


def combined(near: Float32Array, far: Float32Array, standard: Scale) -> Float32Array:
    """Return ``(n,)``: the larger of the two standardised scores."""
    logs = adjusted(logarithms(near, far), standard.slope)
    return np.asarray(((logs - standard.means) / standard.spreads).max(1), dtype=np.float32)


def heat_of(near: Float32Array, far: Float32Array, standard: Scale) -> Float32Array:
    """Return ``(n, places)``: the larger of the two distances, over the limit of good pictures."""
    odd = np.maximum(near / standard.usual[0], far / standard.usual[1]) / standard.limit
    return np.asarray(odd, dtype=np.float32)
