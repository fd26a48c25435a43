"""A small generic probe set, made here, of things that a base can be asked again after it was tuned.

Nothing is shipped. Pictures are crops of the two photos that scikit-learn carries as samples (a temple and a
flower, CC BY) and drawings; sounds are synthesised; sentences are put together from everyday words. The set
is the same on every machine with the same release. It is small and plain: it shows that a base has changed,
not everything that it has lost.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.kinds import kind_of
from headstart.types import Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array

COUNT = 100
CROPS = 64
SIDE = 256
RATE = 16_000


def probe_sources(modality: Modality, *, rate: int = RATE) -> list[Any]:
    """Return the `COUNT` inputs of the probe set, as encoders take them.

    Parameters
    ----------
    rate
        Samples per second of the sounds.
    """
    sources: list[Any] = kind_of(modality).require("probe", "measure forgetting")(rate=rate)
    return sources


def pictures(*, rate: int = RATE) -> list[Any]:
    """Return crops of photos, and drawings."""
    return [*_crops(), *_drawings()]


def sentences(*, rate: int = RATE) -> list[str]:
    """Return sentences."""
    return _sentences()


def sounds(*, rate: int = RATE) -> list[Any]:
    """Return sounds of `rate` samples a second."""
    return _sounds(rate)


def _crops() -> list[NDArray[np.uint8]]:
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(0)
    photos = load_sample_images().images
    crops = []
    for number in range(CROPS):
        photo = photos[number % len(photos)]
        height, width, _ = photo.shape
        side = int(rng.integers(120, min(height, width)))
        top, left = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
        crops.append(np.ascontiguousarray(photo[top : top + side, left : left + side]))
    return crops


def _drawings() -> list[NDArray[np.uint8]]:
    """Draw gradients, stripes, discs, checks, rings and blobs, six of each."""
    rng = np.random.default_rng(1)
    down, across = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    drawn = []
    for number in range(COUNT - CROPS):
        angle, pitch = rng.uniform(0, np.pi), rng.uniform(4, 24)
        along = across * np.cos(angle) + down * np.sin(angle)
        other = down * np.cos(angle) - across * np.sin(angle)
        away = np.hypot(across - rng.uniform(-0.2, 0.2), down - rng.uniform(-0.2, 0.2))
        shape = (
            along + 0.5,
            (np.sin(2 * np.pi * pitch * along) > 0).astype(np.float64),
            (away < rng.uniform(0.1, 0.35)).astype(np.float64),
            ((np.floor(along * pitch) + np.floor(other * pitch)) % 2).astype(np.float64),
            0.5 + 0.5 * np.sin(2 * np.pi * pitch * away),
            np.exp(-((along / 0.15) ** 2) - (other / 0.3) ** 2),
        )[number % 6]
        low, high = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)
        colours = low + np.clip(shape, 0, 1)[:, :, None] * (high - low)
        drawn.append(np.clip(colours + rng.normal(0, 4, colours.shape), 0, 255).astype(np.uint8))
    return drawn


_SUBJECTS = (
    (("My neighbour", "The gardener"), ("planted", "watered"), ("the tomatoes.", "a small apple tree.")),
    (("The train", "The last bus"), ("was late", "stopped"), ("in the snow.", "at the harbour.")),
    (("Our goalkeeper", "The young striker"), ("won", "lost"), ("the cup final.", "a tough match.")),
    (("The bank", "The grocer"), ("raised", "lowered"), ("its prices.", "the fees for small accounts.")),
    (("The nurse", "A doctor"), ("examined", "treated"), ("the sore throat.", "a broken arm.")),
    (("The cook", "My aunt"), ("baked", "tasted"), ("the plum cake.", "a bowl of lentil soup.")),
    (("The program", "Her laptop"), ("crashed", "restarted"), ("after the update.", "without a warning.")),
    (("The cat", "An old dog"), ("chased", "watched"), ("the grey mouse.", "a bird on the fence.")),
    (("The pianist", "A street choir"), ("played", "practised"), ("a slow waltz.", "the new song.")),
    (("The storm", "A warm wind"), ("reached", "crossed"), ("the coast at night.", "the high valley.")),
)
_WHEN = ("", "This morning ", "In spring ")


def _sentences() -> list[str]:
    """Put ten sentences together for each of ten subjects."""
    sentences = []
    for parts in _SUBJECTS:
        lines = [" ".join(words) for words in itertools.product(*parts)]
        lines += [f"{_WHEN[1 + at % 2]}{line[0].lower()}{line[1:]}" for at, line in enumerate(lines[:2])]
        sentences += lines
    return sentences


def _sounds(rate: int) -> list[Float32Array]:
    """Synthesise ten kinds of sound, ten of each, a second and a half long."""
    rng = np.random.default_rng(2)
    time = np.arange(int(1.5 * rate)) / rate
    return [_sound(number % 10, time, rng) for number in range(COUNT)]


def _sound(kind: int, time: Any, rng: np.random.Generator) -> Float32Array:
    pitch, slow = rng.uniform(150, 1500), rng.uniform(2, 8)
    noise = rng.normal(0, 1, len(time))
    beat = (time * slow) % 1
    tone = np.sin(2 * np.pi * pitch * time)
    overtones = sum(np.sin(2 * np.pi * pitch * n * time) / n for n in range(1, 6))
    wave = (
        tone,
        overtones,
        np.sin(2 * np.pi * (pitch + 400 * time) * time),
        noise,
        np.cumsum(noise) - np.linspace(0, noise.sum(), len(time)),
        tone * (1 + np.sin(2 * np.pi * slow * time)),
        overtones * np.exp(-3 * time),
        noise * np.exp(-12 * beat),
        tone * (beat < 0.4),
        np.convolve(noise, np.sin(2 * np.pi * pitch * time[:400]) * np.hanning(400), mode="same"),
    )[kind]
    sound: Float32Array = (0.3 * wave / np.abs(wave).max()).astype(np.float32)
    return sound
