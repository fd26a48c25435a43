"""Simple features of sounds, without any base: mel-frequency cepstral coefficients and how they change.

Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in
continuously spoken sentences", 1980. Frames of 25 ms every 10 ms, 40 mel bands, 20 coefficients, liftered
so that each of them varies about as much as the others.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float32Array

RATE = 16000
FRAME, HOP, FFT = 400, 160, 512
_BANDS, COEFFICIENTS = 40, 20
_LIFTER = 22
SEGMENTS = 4
WIDTH = COEFFICIENTS * (3 + SEGMENTS) + 2 * _BANDS
_FRAMES_AT_ONCE = 4096  # 40 s: bounds the memory of spectra
# How much each kind of feature usually varies (on spoken words and recordings of speech).
MEAN, SPREAD, CHANGE, ORDER, LOUDNESS, LIVELINESS = 8.0, 4.2, 1.85, 7.8, 1.75, 0.88
SCALE = np.float32(1 / np.sqrt(WIDTH))


def describe_sound(samples: Float32Array) -> Float32Array:
    """Return ``(WIDTH,)`` features of ``(n,)`` samples at `RATE`.

    Mean and spread of each coefficient, spread of its change from frame to frame, and its mean in each
    quarter of the sound (less the overall mean), which tells the order of things; mean and spread of the
    logarithm of each mel band.
    """
    bands = log_mel(samples)
    coefficients = bands @ tables()[2]
    mean = coefficients.mean(axis=0)
    steps = coefficients[2:] - coefficients[:-2]
    change = steps.std(axis=0) if len(steps) else np.zeros_like(mean)
    bounds = np.linspace(0, len(coefficients), SEGMENTS + 1).astype(int)
    order = [
        coefficients[first:last].mean(axis=0) - mean if last > first else np.zeros_like(mean)
        for first, last in pairwise(bounds)
    ]
    parts = [
        mean / MEAN,
        coefficients.std(axis=0) / SPREAD,
        change / CHANGE,
        *(part / ORDER for part in order),
        bands.mean(axis=0) / LOUDNESS,
        bands.std(axis=0) / LIVELINESS,
    ]
    return np.concatenate(parts).astype(np.float32) * SCALE


def log_mel(samples: Float32Array) -> Float32Array:
    """Return ``(frames, 40)`` logarithms of mel bands; at least one frame."""
    if len(samples) < FRAME:
        samples = np.pad(samples, (0, FRAME - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    window, bands, _ = tables()
    parts = []
    for first in range(0, len(frames), _FRAMES_AT_ONCE):
        spectrum = np.fft.rfft(frames[first : first + _FRAMES_AT_ONCE] * window, FFT)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        parts.append(np.log(power.astype(np.float32) @ bands + np.float32(1e-6)))
    return np.concatenate(parts).astype(np.float32, copy=False)


@cache
def tables() -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return the window, the mel bands ``(257, 40)``, and the liftered cosines ``(40, 20)``."""
    window = np.hamming(FRAME).astype(np.float32)
    edges = 700 * (10 ** (np.linspace(_mel(60.0), _mel(7600.0), _BANDS + 2) / 2595) - 1)
    bins = np.arange(FFT // 2 + 1)[:, None] * (RATE / FFT)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    bands = np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)
    order = np.arange(COEFFICIENTS)
    cosines = np.cos(np.pi / _BANDS * (np.arange(_BANDS)[:, None] + 0.5) * order) * np.sqrt(2 / _BANDS)
    lifter = 1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER)
    return window, bands, (cosines * lifter).astype(np.float32)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))
