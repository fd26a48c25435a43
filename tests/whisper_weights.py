"""A small Whisper encoder with random weights."""

from __future__ import annotations

import numpy as np


def made_weights(width: int = 24, layers: int = 2, heads: int = 3, seed: int = 0) -> dict[str, np.ndarray]:
    """Return random weights in the layout that the graph's builder reads."""
    rng = np.random.default_rng(seed)
    weights: dict[str, np.ndarray] = {"num_heads": np.array(heads, np.float32)}

    def add(name: str, *shape: int, scale: float = 0.3) -> None:
        weights[name] = (rng.standard_normal(shape) * scale).astype(np.float32)

    add("conv1/weight", width, 80, 3)
    add("conv2/weight", width, width, 3)
    add("position_encodings/encodings", 1500, width)
    stems = [f"layer_{i}/{part}" for i in range(layers) for part in ("self_attention", "ffn")]
    for stem in stems:
        inner, back = (3 * width, width) if stem.endswith("attention") else (4 * width, 4 * width)
        add(stem + "/linear_0/weight", inner, width)
        add(stem + "/linear_0/bias", inner)
        add(stem + "/linear_1/weight", width, back)
        add(stem + "/linear_1/bias", width)
    for name in ("conv1/bias", "conv2/bias"):
        add(name, width)
    for name in [*(stem + "/layer_norm" for stem in stems), "layer_norm"]:
        weights[name + "/gamma"] = rng.uniform(0.5, 1.5, width).astype(np.float32)
        add(name + "/beta", width)
    return weights
