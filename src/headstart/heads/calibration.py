"""From scores to probabilities that mean what they say.

One temperature: ``p = softmax(s * scores)`` with the s that minimises the negative log-likelihood of
held-out scores. One number cannot overfit, keeps the order of the classes, and is found by Newton's
method on a convex function. The targets are smoothed by one imaginary example spread over all classes
(Platt 1999 does the same for two classes), so that s stays finite when every held-out score is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray

LOWEST, HIGHEST = 1e-3, 1e4
_STEPS = 40
_ENOUGH = 1e-7


def softmax(logits: FloatArray) -> Float64Array:
    """Return ``(n, C)`` float64 probabilities of ``(n, C)`` logits; each row depends on that row alone."""
    shifted = np.array(logits, dtype=np.float64, order="C")
    shifted -= shifted.max(axis=1, keepdims=True)
    np.exp(shifted, out=shifted)
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def negative_log_likelihood(logits: FloatArray, y: IntArray) -> Float64Array:
    """Return ``(n,)``: -log of the probability of the right class, in nats."""
    top = logits.max(axis=1)
    total = np.exp(logits - top[:, None]).sum(axis=1)
    return np.asarray(np.log(total) + top - logits[np.arange(len(y)), y], dtype=np.float64)


def log_loss_rows(proba: FloatArray, y: IntArray) -> Float64Array:
    """Return ``(n,)``: -log of the probability of the right class, floored at 1e-15."""
    picked = np.asarray(proba[np.arange(len(y)), y], dtype=np.float64)
    return -np.log(np.maximum(picked, 1e-15))


def fit_temperature(scores: FloatArray, y: IntArray, start: float = 1.0) -> float:
    """Return the s > 0 for which ``softmax(s * scores)`` is likeliest for labels `y`.

    Parameters
    ----------
    scores
        ``(n, C)`` held-out scores.
    y
        ``(n,)`` classes 0..C-1.
    start
        First guess; the answer does not depend on it.
    """
    moved = np.array(scores, dtype=np.float64)
    moved -= moved.max(axis=1, keepdims=True)
    smoothing = 1.0 / (len(y) + 1.0)
    target = (1 - smoothing) * moved[np.arange(len(y)), y] + smoothing * moved.mean(axis=1)
    wanted = float(target.mean())
    low, high, s = LOWEST, HIGHEST, float(np.clip(start, LOWEST, HIGHEST))
    for _ in range(_STEPS):
        mean, variance = _moments(moved, s)
        gradient = mean - wanted
        low, high = (s, high) if gradient < 0 else (low, s)
        step = s - gradient / variance if variance > 0 else low
        step = step if low < step < high else float(np.sqrt(low * high))
        done = abs(step - s) <= _ENOUGH * s
        s = step
        if done:
            break
    return s


def _moments(scores: Float64Array, s: float) -> tuple[float, float]:
    """Return mean over examples of the mean and the variance of the scores under softmax(s * scores)."""
    p = np.exp(s * scores)
    p /= p.sum(axis=1, keepdims=True)
    first = np.einsum("ij,ij->i", p, scores)
    spread = np.einsum("ij,ij,ij->i", p, scores, scores) - first**2
    return float(first.mean()), float(spread.mean())
