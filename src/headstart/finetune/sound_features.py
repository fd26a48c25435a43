"""Spectrograms as the graphs of the audio bases make them, in NumPy: they have nothing to tune."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from headstart.bases.graphs import audio_front_end as front
from headstart.bases.graphs import whisper, yamnet

if TYPE_CHECKING:
    from headstart.types import Float32Array, Float64Array

MASKED_BANDS, MASKED_TIME = 0.15, 0.15  # the largest part that a mask hides


def whisper_mel(wave: Float32Array) -> Float32Array:
    """Return whisper's input for one sound: ``(80, samples // 160)``."""
    count = len(wave) // whisper.HOP
    around = np.pad(wave.astype(np.float64), whisper.FFT // 2, mode="reflect")
    frames = sliding_window_view(around, whisper.FFT)[:: whisper.HOP][:count]
    power = np.abs(np.fft.rfft(frames * front.hann(whisper.FFT))) ** 2
    levels = 10 * np.log10(np.maximum(power @ _slaney(), 1e-10))
    levels = np.maximum(levels, levels.max() - 80.0)
    return np.ascontiguousarray((levels / 40 + 1).T, dtype=np.float32)


def yamnet_patches(wave: Float32Array) -> Float32Array:
    """Return the overlapping patches of one sound: ``(patches, 96, 64)``."""
    hop = yamnet.PATCH_HOP * yamnet.HOP
    patches = 1 + -(-max(len(wave) - yamnet.FIRST, 0) // hop)
    count = yamnet.PATCH + (patches - 1) * yamnet.PATCH_HOP
    needed = (count - 1) * yamnet.HOP + yamnet.TAPS
    around = np.pad(wave.astype(np.float64), (0, max(0, needed - len(wave))))
    frames = sliding_window_view(around, yamnet.TAPS)[:: yamnet.HOP][:count]
    magnitude = np.abs(np.fft.rfft(frames * front.hann(yamnet.TAPS), yamnet.FFT))
    mel = np.log(magnitude @ _htk() + yamnet.OFFSET).astype(np.float32)
    cut = sliding_window_view(mel, yamnet.PATCH, axis=0)[:: yamnet.PATCH_HOP]  # (patches, 64, 96)
    return np.ascontiguousarray(cut.transpose(0, 2, 1))


def hide_parts(mel: Float32Array, rng: np.random.Generator, *, bands: int, time: int) -> Float32Array:
    """Hide one range of bands and one of time behind the mean, as SpecAugment does (Park et al., 2019).

    Parameters
    ----------
    bands, time
        The axes of `mel`.
    """
    hidden = mel.copy()
    for axis, most in ((bands, MASKED_BANDS), (time, MASKED_TIME)):
        length = mel.shape[axis]
        width = int(rng.integers(0, int(most * length) + 1))
        start = int(rng.integers(0, length - width + 1))
        place = [slice(None)] * mel.ndim
        place[axis] = slice(start, start + width)
        hidden[tuple(place)] = mel.mean()
    return hidden


@cache
def _slaney() -> Float64Array:
    return front.slaney_filters(whisper.BANDS, whisper.FFT)


@cache
def _htk() -> Float64Array:
    return front.htk_filters(yamnet.BANDS, yamnet.FFT, yamnet.LOW, yamnet.HIGH)
