"""Simple features of pictures, without any base: where edges run, what colours there are, how rough it is.

Edges: a histogram of gradient directions in each of 8 x 8 cells, normalised over its neighbourhood (Dalal
and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005). Colours: how often each of
64 colours occurs, and the mean colour of 4 x 4 parts. Roughness: quantiles of brightness, of its steps and
of its spikes, wherever they are. All from a thumb of 64 x 64 pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array

CELLS, CELL = 8, 8
DIRECTIONS = 9
LEVELS = 4
PARTS = 4
QUANTILES = (0.0, 0.002, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.998, 1.0)
ROUGHNESS = np.float32(0.6)  # makes it weigh about as much as the edges
WIDTH = CELLS * CELLS * DIRECTIONS + LEVELS**3 + PARTS * PARTS * 3 + 3 * len(QUANTILES)
GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def describe_thumbs(thumbs: NDArray[np.uint8]) -> Float32Array:
    """Return ``(n, WIDTH)`` features of ``(n, 64, 64, 3)`` pixels.

    The kinds of features are scaled to about the same length.
    """
    pixels = thumbs.astype(np.float32) / np.float32(255)
    grey: Float32Array = np.asarray(pixels @ GREY, dtype=np.float32)
    parts = [_edges(grey), _palette(thumbs), _layout(pixels), _roughness(grey)]
    return np.concatenate(parts, axis=1)


def _edges(grey: Float32Array) -> Float32Array:
    """Return gradient directions per cell; rows of length about 1."""
    down, across = np.zeros_like(grey), np.zeros_like(grey)
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    strength = np.hypot(down, across)
    # Each gradient is shared between the two nearest directions, so that turning a little changes little.
    angle = np.arctan2(down, across) * np.float32(DIRECTIONS / np.pi) % DIRECTIONS
    low = np.floor(angle)
    share = angle - low
    count = len(grey)
    index = np.arange(count)[:, None, None] * (CELLS * CELLS) + _cell_of_pixel()
    cells = np.zeros(count * CELLS * CELLS * DIRECTIONS)
    for which, weight in ((low, strength * (1 - share)), (low + 1, strength * share)):
        place = index * DIRECTIONS + which.astype(np.int64) % DIRECTIONS
        cells += np.bincount(place.ravel(), weights=weight.ravel(), minlength=len(cells))
    return _evened(cells.reshape(count, CELLS, CELLS, DIRECTIONS)).reshape(count, CELLS**2 * DIRECTIONS)


def _evened(cells: NDArray[np.float64]) -> Float32Array:
    """Divide each cell by the strength of its 3 x 3 neighbourhood, so that lighting matters little."""
    energy = np.pad(np.square(cells).sum(axis=3), ((0, 0), (1, 1), (1, 1)))
    around = sum(energy[:, i : i + CELLS, j : j + CELLS] for i in range(3) for j in range(3))
    evened = np.minimum(cells / np.sqrt(around + 0.1)[..., None], 0.4)
    scaled: Float32Array = (evened / CELLS * 2).astype(np.float32)
    return scaled


def _palette(thumbs: NDArray[np.uint8]) -> Float32Array:
    """Return the square root of the share of each of 64 colours; rows of length 1."""
    level = (thumbs >> 6).astype(np.int64)
    colour = (level[..., 0] * LEVELS + level[..., 1]) * LEVELS + level[..., 2]
    count, colours = len(thumbs), LEVELS**3
    place = np.arange(count)[:, None] * colours + colour.reshape(count, (CELLS * CELL) ** 2)
    shares = np.bincount(place.ravel(), minlength=count * colours).reshape(count, colours)
    return np.sqrt(shares / (CELLS * CELL) ** 2).astype(np.float32)


def _layout(pixels: Float32Array) -> Float32Array:
    """Return the mean colour of each part; rows of length at most about 1."""
    side = pixels.shape[1] // PARTS
    parts = pixels.reshape(len(pixels), PARTS, side, PARTS, side, 3).mean(axis=(2, 4))
    scaled: Float32Array = parts.reshape(len(pixels), PARTS * PARTS * 3) / np.float32(PARTS * np.sqrt(3))
    return scaled


def _roughness(grey: Float32Array) -> Float32Array:
    """Return quantiles of brightness, of steps to the next pixel, and of spikes (discrete Laplacian)."""
    inner = grey[:, 1:-1, 1:-1]
    steps = np.hypot(grey[:, 2:, 1:-1] - inner, grey[:, 1:-1, 2:] - inner)
    spikes = 4 * inner - grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1] - grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2]
    residuals = []
    for values, gain in ((grey, 0.0), (steps, 255.0), (spikes, 255.0)):
        ordered = np.sort(values.reshape(len(grey), values.shape[1] * values.shape[2]), axis=1)
        picked = ordered[:, [round(q * (ordered.shape[1] - 1)) for q in QUANTILES]]
        residuals.append(np.copysign(np.log1p(gain * np.abs(picked)) / 4, picked) if gain else picked)
    scaled: Float32Array = np.concatenate(residuals, axis=1).astype(np.float32) * ROUGHNESS
    return scaled


def _cell_of_pixel() -> NDArray[np.int64]:
    along = np.arange(CELLS * CELL) // CELL
    return along[:, None] * CELLS + along[None, :]
