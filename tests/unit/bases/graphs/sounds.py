"""Running graphs on sounds, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile

RATE = 16000


def run(path: Path, wave: np.ndarray) -> dict[str, np.ndarray]:
    """Outputs of a graph, by name."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    found = session.run(names, {"waveform": np.atleast_2d(wave).astype(np.float32)})
    return dict(zip(names, found, strict=True))


def made_waves(samples: int, count: int = 3, seed: int = 0) -> np.ndarray:
    """Tones that rise, in noise: ``(count, samples)``, each clip louder than the one before."""
    rng = np.random.default_rng(seed)
    time = np.arange(samples) / RATE
    tones = [np.sin(2 * np.pi * (200 + 300 * i + 400 * time) * time) * 0.02 * 10**i for i in range(count)]
    return np.stack([tone + rng.normal(0, 0.005, samples) for tone in tones]).astype(np.float32)


def clips(root: Path, task: str, step: int) -> list[np.ndarray]:
    """Every `step`-th recording of a real task."""
    paths = sorted((root / "audio" / task).rglob("*.wav"))[::step]
    return [soundfile.read(path, dtype="float32")[0] for path in paths]


def assert_same_alone_and_together(path: Path, waves: np.ndarray) -> None:
    """What else is in the batch changes nothing beyond rounding."""
    together = run(path, waves)
    for i, wave in enumerate(waves):
        alone = run(path, wave)
        for name, values in together.items():
            scale = max(1.0, float(np.abs(alone[name]).max()))
            assert np.abs(values[i] - alone[name][0]).max() < 1e-5 * scale, name


def difference(found: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> float:
    """Largest difference over all outputs that the graph has."""
    return max(float(np.abs(found[name] - expected[name]).max()) for name in found)
