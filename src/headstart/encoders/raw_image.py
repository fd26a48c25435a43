"""Simple features of pictures, without any base: where edges run, and what colours there are.

Edges: a histogram of gradient directions in each of 8 x 8 cells, normalised over its neighbourhood (Dalal
and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005). Colours: how often each of
64 colours occurs, and the mean colour of 4 x 4 parts. All from a thumb of 64 x 64 pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array

_CELLS, _CELL = 8, 8
_DIRECTIONS = 9
_LEVELS = 4
_PARTS = 4
WIDTH = _CELLS * _CELLS * _DIRECTIONS + _LEVELS**3 + _PARTS * _PARTS * 3


def describe_thumbs(thumbs: NDArray[np.uint8]) -> Float32Array:
    """Return ``(n, WIDTH)`` features of ``(n, 64, 64, 3)`` pixels.

    The three kinds of features are scaled to about the same length.
    """
    pixels = thumbs.astype(np.float32) / np.float32(255)
    parts = [_edges(pixels), _palette(thumbs), _layout(pixels)]
    return np.concatenate(parts, axis=1)


def _edges(pixels: Float32Array) -> Float32Array:
    """Return gradient directions per cell; rows of length about 1."""
    grey = pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    down, across = np.zeros_like(grey), np.zeros_like(grey)
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    strength = np.hypot(down, across)
    # Each gradient is shared between the two nearest directions, so that turning a little changes little.
    turn = np.arctan2(down, across) * np.float32(_DIRECTIONS / np.pi) % _DIRECTIONS
    low = np.floor(turn)
    share = turn - low
    count = len(pixels)
    index = np.arange(count)[:, None, None] * (_CELLS * _CELLS) + _cell_of_pixel()
    cells = np.zeros(count * _CELLS * _CELLS * _DIRECTIONS)
    for which, weight in ((low, strength * (1 - share)), (low + 1, strength * share)):
        place = index * _DIRECTIONS + which.astype(np.int64) % _DIRECTIONS
        cells += np.bincount(place.ravel(), weights=weight.ravel(), minlength=len(cells))
    return _evened(cells.reshape(count, _CELLS, _CELLS, _DIRECTIONS)).reshape(count, -1)


def _evened(cells: NDArray[np.float64]) -> Float32Array:
    """Divide each cell by the strength of its 3 x 3 neighbourhood, so that lighting matters little."""
    energy = np.pad(np.square(cells).sum(axis=3), ((0, 0), (1, 1), (1, 1)))
    around = sum(energy[:, i : i + _CELLS, j : j + _CELLS] for i in range(3) for j in range(3))
    evened = np.minimum(cells / np.sqrt(around + 0.1)[..., None], 0.4)
    scaled: Float32Array = (evened / _CELLS * 2).astype(np.float32)
    return scaled


def _palette(thumbs: NDArray[np.uint8]) -> Float32Array:
    """Return the square root of the share of each of 64 colours; rows of length 1."""
    level = (thumbs >> 6).astype(np.int64)
    colour = (level[..., 0] * _LEVELS + level[..., 1]) * _LEVELS + level[..., 2]
    count, colours = len(thumbs), _LEVELS**3
    place = np.arange(count)[:, None] * colours + colour.reshape(count, -1)
    shares = np.bincount(place.ravel(), minlength=count * colours).reshape(count, colours)
    return np.sqrt(shares / max(1, colour[0].size if count else 1)).astype(np.float32)


def _layout(pixels: Float32Array) -> Float32Array:
    """Return the mean colour of each part; rows of length at most about 1."""
    side = pixels.shape[1] // _PARTS
    parts = pixels.reshape(len(pixels), _PARTS, side, _PARTS, side, 3).mean(axis=(2, 4))
    scaled: Float32Array = parts.reshape(len(pixels), -1) / np.float32(_PARTS * np.sqrt(3))
    return scaled


def _cell_of_pixel() -> NDArray[np.int64]:
    along = np.arange(_CELLS * _CELL) // _CELL
    return along[:, None] * _CELLS + along[None, :]
