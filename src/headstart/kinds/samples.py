"""Small made-up inputs of each kind: for a model, and for the graph of a base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.row import Row

if TYPE_CHECKING:
    from headstart.bases.card import Base


def picture() -> np.ndarray[Any, Any]:
    """Return a black picture."""
    return np.zeros((64, 64, 3), dtype=np.uint8)


def sound() -> np.ndarray[Any, Any]:
    """Return a second of silence."""
    return np.zeros(16_000, dtype=np.float32)


def text() -> str:
    """Return a text."""
    return "a text"


def row() -> Row:
    """Return a row without any cells: a model says what is missing, and has run."""
    return Row({}, "a row")


def pixels_for(base: Base, random: np.random.Generator) -> dict[str, Any]:
    """Return two pictures of the size that a base takes."""
    size = int(base.recipe["size"])
    return {"pixels": random.integers(0, 256, (2, size, size, 3), dtype=np.uint8)}


def tokens_for(base: Base, random: np.random.Generator) -> dict[str, Any]:
    """Return two texts of five tokens."""
    tokens = np.ones((2, 5), np.int64)
    return {"input_ids": tokens, "attention_mask": tokens}


def waveform_for(base: Base, random: np.random.Generator) -> dict[str, Any]:
    """Return two noises as long as a base needs."""
    samples = int(base.recipe.get("window_samples") or base.recipe.get("min_samples") or base.recipe["rate"])
    return {"waveform": random.normal(0, 0.1, (2, samples)).astype(np.float32)}
