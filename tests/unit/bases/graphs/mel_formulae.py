"""Mel filters once more, from the published formulae, loop by loop: the package's are held to these."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def mel_of(hertz: float, scale: str) -> float:
    if scale == "htk":
        return 1127.0 * math.log(1.0 + hertz / 700.0)
    return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * math.log(hertz / 1000) / math.log(6.4)


def hertz_of(mel: float, scale: str) -> float:
    if scale == "htk":
        return 700.0 * (math.exp(mel / 1127.0) - 1.0)
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def mel_bank(
    bands: int,
    fft: int,
    rate: int,
    low: float,
    high: float,
    scale: str,
    *,
    slopes_in_mel: bool = False,
    area_one: bool = False,
) -> np.ndarray:
    first, last = mel_of(low, scale), mel_of(high, scale)
    edges = [first + (last - first) * i / (bands + 1) for i in range(bands + 2)]
    place: Callable[[float], float] = (lambda f: mel_of(f, scale)) if slopes_in_mel else (lambda f: f)
    points = edges if slopes_in_mel else [hertz_of(edge, scale) for edge in edges]
    bank = np.zeros((fft // 2 + 1, bands))
    for k in range(fft // 2 + 1):
        x = place(rate / 2 * k / (fft // 2))
        for b in range(bands):
            left, middle, right = points[b : b + 3]
            if left < x <= middle:
                bank[k, b] = (x - left) / (middle - left)
            elif middle < x < right:
                bank[k, b] = (right - x) / (right - middle)
            if area_one:
                bank[k, b] *= 2 / (hertz_of(edges[b + 2], scale) - hertz_of(edges[b], scale))
    return bank
