"""The simple features of sounds as a graph; see `headstart.encoders.raw_audio`, which this repeats."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from headstart.bases.graphs import audio_front_end as front
from headstart.encoders import raw_audio as raw
from headstart.export.pieces import Pieces


def describe(g: Pieces, samples: str) -> str:
    """Return ``(1, WIDTH)`` features of ``(samples,)`` numbers at 16 kHz."""
    bands = _log_mel(g, samples)
    found = g.node("MatMul", bands, g.floats(raw.tables()[2]))
    count = g.length(found, 0)
    frames = g.count_up(count)
    ones = g.cast(g.node("GreaterOrEqual", frames, g.whole(0)), "float")
    mean, spread = _mean_and_spread(g, found, ones)
    band_mean, band_spread = _mean_and_spread(g, bands, ones)
    parts = [
        g.mul(mean, g.floats(1 / raw.MEAN)),
        g.mul(spread, g.floats(1 / raw.SPREAD)),
        g.mul(_change(g, found, frames, count), g.floats(1 / raw.CHANGE)),
        *_order(g, found, mean, frames, count),
        g.mul(band_mean, g.floats(1 / raw.LOUDNESS)),
        g.mul(band_spread, g.floats(1 / raw.LIVELINESS)),
    ]
    return g.mul(g.node("Concat", *parts, axis=1), g.floats(raw.SCALE))


def _log_mel(g: Pieces, samples: str) -> str:
    """Return ``(frames, bands)``; sounds shorter than one frame are padded to it."""
    length = g.length(samples, 0)
    count = g.add(
        g.div(g.sub(g.most(length, g.whole(raw.FRAME)), g.whole(raw.FRAME)), g.whole(raw.HOP)), g.whole(1)
    )
    # whole blocks of `HOP` samples are cut, so the last one may reach beyond the end
    row = g.node("Reshape", samples, g.integers(1, -1))
    padded = front.pad_end(g, row, g.integers(raw.FRAME + raw.HOP))
    cut = front.frame(g, padded, g.listed(count), raw.FRAME, raw.HOP)
    window, filters, _ = raw.tables()
    basis = front.fourier_basis(window.astype(np.float64), raw.FFT)
    parts = g.node("MatMul", cut, g.floats(np.concatenate(basis, axis=1)))
    power = front.power_mel(g, parts, filters)
    logs = g.node("Log", g.add(power, g.floats(1e-6)))
    return g.node("Reshape", logs, g.integers(-1, filters.shape[1]))


def _mean_and_spread(g: Pieces, rows: str, weights: str) -> tuple[str, str]:
    """Return mean and standard deviation of the rows with weight 1, each ``(1, width)``; 0 where none has."""
    flat = g.node("Reshape", weights, g.integers(1, -1))
    count = g.most(g.total(flat, 1, keep=True), g.floats(1))
    mean = g.div(g.node("MatMul", flat, rows), count)
    around = g.sub(rows, mean)
    variance = g.div(g.node("MatMul", flat, g.mul(around, around)), count)
    return mean, g.node("Sqrt", variance)


def _change(g: Pieces, found: str, frames: str, count: str) -> str:
    """Return the spread of the difference to the second next frame."""
    later = g.least(g.add(frames, g.whole(2)), g.sub(count, g.whole(1)))
    steps = g.sub(g.node("Gather", found, later), found)
    there = g.cast(g.node("Less", frames, g.sub(count, g.whole(2))), "float")
    return _mean_and_spread(g, steps, there)[1]


def _order(g: Pieces, found: str, mean: str, frames: str, count: str) -> list[str]:
    """Return the mean of each part of the sound, less the mean of all; 0 for a part without frames."""
    bounds = [g.div(g.mul(count, g.whole(i)), g.whole(raw.SEGMENTS)) for i in range(raw.SEGMENTS + 1)]
    parts = []
    for first, last in pairwise(bounds):
        inside = g.both(g.node("GreaterOrEqual", frames, first), g.node("Less", frames, last))
        part, _ = _mean_and_spread(g, found, g.cast(inside, "float"))
        moved = g.choose(g.node("Greater", last, first), g.sub(part, mean), g.floats(0))
        parts.append(g.mul(moved, g.floats(1 / raw.ORDER)))
    return parts
