"""Where an answer came from: the place in the picture, the words, or the moment.

A place counts for as much as the answer loses when it is covered. That says what this model looked at; it
does not say that looking there was right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.given_inputs import Inputs
from headstart.data.image import decode_picture
from headstart.data.pixel_scale import PixelScale
from headstart.data.text import decode_text
from headstart.encoders.image import crop_box
from headstart.errors import ParameterError
from headstart.kinds.audio import AUDIO
from headstart.kinds.image import IMAGE
from headstart.kinds.text import TEXT

if TYPE_CHECKING:
    from PIL import Image

    from headstart.model import Model
    from headstart.types import Float32Array, Float64Array, Source

CELLS = 8
"""Rows and columns of a heat map."""
_WINDOW = 2
_BATCH = 16
_COVER = 300
_MOST_WORDS = 48
_MOMENTS = 16
_LOGIT = 1e-6
_SOUND_RATE = 16_000


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Where in a picture an answer came from.

    Attributes
    ----------
    label, probability
        The class it is about, and how probable it is with nothing covered.
    values
        ``values[row][column]`` from 0 to 1: how much less likely `label` becomes when that place is covered,
        as a share of the most that any place takes away; the first row is the top.
    drop
        The most that covering one place takes from the probability.
    box
        Left, top, right and bottom of the part that the rows and columns span, as shares of the picture:
        what the model sees of it.
    """

    label: str
    probability: float
    values: tuple[tuple[float, ...], ...]
    drop: float
    box: tuple[float, float, float, float]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, with ``rows`` and ``columns``."""
        return {**asdict(self), "rows": len(self.values), "columns": len(self.values[0])}


@dataclass(frozen=True, slots=True)
class Part:
    """A word of a text, or a moment of a sound.

    Attributes
    ----------
    text
        The word, or the seconds from and to.
    weight
        From -1 to 1: how much less likely the answer becomes without it, as a share of the largest change;
        below 0 where it becomes more likely.
    """

    text: str
    weight: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Parts:
    """Which words or moments an answer came from, in their order; `drop` as in `HeatMap`."""

    label: str
    probability: float
    parts: tuple[Part, ...]
    drop: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


def heat_map(model: Model, source: Source, label: str | None = None) -> HeatMap:
    """Find where in a picture the answer came from, by covering one place after the other.

    Each place is covered with a blurred copy of the picture, so that its colours stay and what can be seen
    there goes.

    Parameters
    ----------
    model
        A model for images.
    source
        A picture.
    label
        The class to explain; the model's own answer by default.

    Raises
    ------
    SourceError
        When the picture cannot be read.
    ParameterError
        When the model is not for images, or has no such class.
    """
    if model.modality != IMAGE.name:
        raise ParameterError(f"A heat map needs a model for images, this one takes {model.modality}.")
    scales = (PixelScale.of(spec.recipe) for spec in model.encoders)
    image = decode_picture(source, cover=_COVER, scale=next(scales, None))
    image.thumbnail((2 * _COVER, 2 * _COVER))
    whole = np.asarray(image)
    blurred = np.asarray(_blurred(image))
    box = _seen(model, image)
    places = _places(box)
    base, index = _start(model, whole, label)
    covered = [_cover(whole, blurred, place) for place in places]
    proba = np.concatenate(
        [_proba(model, covered[first : first + _BATCH]) for first in range(0, len(covered), _BATCH)]
    )[:, index]
    loss = np.maximum(_logit(base) - _logit(proba), 0.0).reshape(CELLS - 1, CELLS - 1)
    heat = np.zeros((CELLS, CELLS))
    hits = np.zeros((CELLS, CELLS))
    for row in range(CELLS - 1):
        for column in range(CELLS - 1):
            heat[row : row + _WINDOW, column : column + _WINDOW] += loss[row, column]
            hits[row : row + _WINDOW, column : column + _WINDOW] += 1
    heat /= hits
    top = float(heat.max())
    scaled = heat / top if top > 0 else heat
    width, height = image.size
    return HeatMap(
        model.classes[index],
        round(base, 6),
        tuple(tuple(round(float(v), 4) for v in line) for line in scaled),
        round(max(0.0, base - float(proba.min())), 6),
        (box[0] / width, box[1] / height, box[2] / width, box[3] / height),
    )


def weigh_words(model: Model, text: str, label: str | None = None) -> Parts:
    """Find which words an answer came from, by leaving out one after the other.

    A long text is taken in runs of several words.

    Raises
    ------
    SourceError
        When the text is empty.
    ParameterError
        When the model is not for texts, or has no such class.
    """
    if model.modality != TEXT.name:
        raise ParameterError(f"Words can be weighed for texts, this model takes {model.modality}.")
    words = decode_text(text).split()
    size = -(-len(words) // _MOST_WORDS)
    runs = [words[first : first + size] for first in range(0, len(words), size)]
    without = [" ".join(w for j, run in enumerate(runs) if j != i for w in run) for i in range(len(runs))]
    # Without its only word a text is nothing; a full stop says as little as a text can.
    return _weighed(model, text, [one or "." for one in without], [" ".join(run) for run in runs], label)


def weigh_moments(model: Model, source: Source, label: str | None = None) -> Parts:
    """Find which moments of a sound an answer came from, by silencing one after the other.

    Raises
    ------
    SourceError
        When the sound cannot be read.
    ParameterError
        When the model is not for sounds, or has no such class.
    """
    if model.modality != AUDIO.name:
        raise ParameterError(f"Moments can be weighed for sounds, this model takes {model.modality}.")
    import io

    import soundfile

    from headstart.data.audio import decode_audio

    samples, _ = decode_audio(source, rate=_SOUND_RATE, max_seconds=60.0)
    edges = np.linspace(0, len(samples), _MOMENTS + 1).astype(int)

    def sound(values: Float32Array) -> bytes:
        held = io.BytesIO()
        soundfile.write(held, values, _SOUND_RATE, format="WAV", subtype="FLOAT")
        return held.getvalue()

    silenced, names = [], []
    for start, end in pairwise(edges):
        quiet = samples.copy()
        quiet[start:end] *= 1e-3
        silenced.append(sound(quiet))
        names.append(f"{start / _SOUND_RATE:.2f} to {end / _SOUND_RATE:.2f} s")
    return _weighed(model, sound(samples), silenced, names, label)


def _weighed(
    model: Model, whole: Source, without: Sequence[Source], names: Sequence[str], label: str | None
) -> Parts:
    base, index = _start(model, whole, label)
    proba = _proba(model, without)[:, index]
    change = _logit(base) - _logit(proba)
    top = float(np.abs(change).max()) or 1.0
    parts = tuple(Part(name, round(float(c) / top, 4)) for name, c in zip(names, change, strict=True))
    return Parts(model.classes[index], round(base, 6), parts, round(max(0.0, base - float(proba.min())), 6))


def _start(model: Model, whole: Source, label: str | None) -> tuple[float, int]:
    """Return the probability of the class to explain, and its index."""
    if label is not None and label not in model.classes:
        raise ParameterError(f"The model has no class {label!r}.", f"It knows {', '.join(model.classes)}.")
    proba = _proba(model, [whole])[0]
    index = int(proba.argmax()) if label is None else model.classes.index(label)
    return float(proba[index]), index


def _proba(model: Model, sources: Sequence[Source]) -> Float32Array:
    return model.predict_proba(Inputs(list(sources)))


def _logit(proba: Any) -> Float64Array:
    p = np.clip(np.asarray(proba, dtype=np.float64), _LOGIT, 1 - _LOGIT)
    return np.asarray(np.log(p) - np.log1p(-p))


def _blurred(image: Image.Image) -> Image.Image:
    from PIL import ImageFilter

    return image.filter(ImageFilter.GaussianBlur(max(image.size) / CELLS))


def _seen(model: Model, image: Image.Image) -> tuple[float, float, float, float]:
    """Return the part of a picture that any of the model's encoders sees."""
    boxes = []
    for spec in model.encoders:
        size = int(spec.recipe["size"])
        scaled = max(size, int(size / float(spec.recipe.get("crop", 1.0))))
        boxes.append(crop_box(image.width, image.height, scaled, size))
    if not boxes:
        return 0.0, 0.0, float(image.width), float(image.height)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return max(0.0, min(lefts)), max(0.0, min(tops)), max(rights), max(bottoms)


def _places(box: tuple[float, float, float, float]) -> list[tuple[int, int, int, int]]:
    """Return the windows that are covered in turn: rows from the top, each from the left."""
    across = np.linspace(box[0], box[2], CELLS + 1).round().astype(int)
    down = np.linspace(box[1], box[3], CELLS + 1).round().astype(int)
    return [
        (int(across[c]), int(down[r]), int(across[c + _WINDOW]), int(down[r + _WINDOW]))
        for r in range(CELLS - 1)
        for c in range(CELLS - 1)
    ]


def _cover(whole: Any, blurred: Any, place: tuple[int, int, int, int]) -> Any:
    left, top, right, bottom = place
    made = whole.copy()
    made[top:bottom, left:right] = blurred[top:bottom, left:right]
    return made
