"""Where an answer came from: known answers that come from a known place are found there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from headstart import workflows
from headstart.errors import ParameterError, SourceError
from headstart.types import EncoderSpec, Modality
from tiny import tiny_model, tiny_sources


class Watcher:
    """A model whose answer depends on one known place, word or moment alone."""

    classes = ("yes", "no")

    def __init__(self, modality: Modality, watch: Any, encoders: tuple[EncoderSpec, ...] = ()) -> None:
        self.modality, self._watch, self.encoders = modality, watch, encoders

    def predict_proba(self, sources: Any) -> np.ndarray:
        p = np.array([self._watch(source) for source in sources])
        return np.stack([p, 1 - p], axis=1).astype(np.float32)


def _picture() -> np.ndarray:
    """Grey, with a white square whose edges reach from a half to five eighths of each side."""
    pixels = np.full((160, 240, 3), 100, dtype=np.uint8)
    pixels[80:100, 120:150] = 255
    return pixels


def test_a_heat_map_is_brightest_where_the_answer_comes_from() -> None:
    model: Any = Watcher(Modality.IMAGE, lambda p: 0.1 + 0.8 * (p[80:100, 120:150] > 200).mean())
    found = workflows.heat_map(model, _picture())
    values = np.array(found.values)
    assert (found.label, found.probability, found.box) == ("yes", pytest.approx(0.9), (0.0, 0.0, 1.0, 1.0))
    assert np.unravel_index(values.argmax(), values.shape) == (4, 4)
    assert values.max() == 1.0
    assert values[:2].max() == values[-2:].max() == values[:, :2].max() == 0.0
    assert found.drop == pytest.approx(0.8, abs=0.05)


def test_a_heat_map_can_be_asked_about_another_class() -> None:
    model: Any = Watcher(Modality.IMAGE, lambda p: 0.1 + 0.8 * (p[80:100, 120:150] > 200).mean())
    found = workflows.heat_map(model, _picture(), "no")
    assert (found.label, found.drop) == ("no", 0.0)  # covering the square only makes "no" likelier
    assert np.array(found.values).max() == 0.0
    with pytest.raises(ParameterError, match="no class 'maybe'"):
        workflows.heat_map(model, _picture(), "maybe")


def test_a_heat_map_spans_what_the_encoder_sees(tmp_path: Path) -> None:
    """Of a wide picture only the middle square is cut out: 160 of 240 pixels."""
    real = tiny_model(tmp_path, "image")
    model: Any = Watcher(Modality.IMAGE, lambda p: 0.5, real.encoders)
    left, top, right, bottom = workflows.heat_map(model, _picture()).box
    assert (top, bottom) == (0.0, 1.0)
    assert (left, right) == (pytest.approx(1 / 6, abs=0.01), pytest.approx(5 / 6, abs=0.01))


def test_the_word_that_decides_weighs_most() -> None:
    model: Any = Watcher(Modality.TEXT, lambda text: 0.9 if "awful" in text.split() else 0.2)
    found = workflows.weigh_words(model, "the  soup was\nawful today")
    weights = {part.text: part.weight for part in found.parts}
    assert list(weights) == ["the", "soup", "was", "awful", "today"]
    assert weights["awful"] == 1.0
    assert {weights[word] for word in ("the", "soup", "was", "today")} == {0.0}
    assert found.drop == pytest.approx(0.7)


def test_a_long_text_is_weighed_in_runs_and_a_lone_word_too() -> None:
    model: Any = Watcher(Modality.TEXT, lambda text: 0.9 if "awful" in text.split() else 0.2)
    long = " ".join(["word"] * 500 + ["awful"])
    found = workflows.weigh_words(model, long)
    assert len(found.parts) <= 48
    assert " ".join(part.text for part in found.parts) == long
    assert max(found.parts, key=lambda part: part.weight).text.endswith("awful")
    assert workflows.weigh_words(model, "awful").parts[0].weight == 1.0


def test_the_moment_that_decides_weighs_most() -> None:
    def loud(source: bytes) -> float:
        samples, _ = soundfile.read(io.BytesIO(source))
        return 0.2 + 0.6 * float(np.abs(samples[8000:9000]).max() > 0.5)

    samples = np.zeros(16_000, dtype=np.float32)
    samples[8000:9000] = 0.9
    held = io.BytesIO()
    soundfile.write(held, samples, 16_000, format="WAV", subtype="FLOAT")
    model: Any = Watcher(Modality.AUDIO, loud)
    found = workflows.weigh_moments(model, held.getvalue())
    assert len(found.parts) == 16
    assert [part.text for part in found.parts if part.weight == 1.0] == ["0.50 to 0.56 s"]
    assert sum(part.weight for part in found.parts) == 1.0


def test_a_real_model_is_explained_and_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    model = tiny_model(tmp_path, "image")
    (pixels, *_), _ = tiny_sources("image", 1)
    found = workflows.heat_map(model, np.kron(pixels, np.ones((8, 8, 1), dtype=np.uint8)))
    assert found.label in model.classes
    assert found.to_dict()["rows"] == 8
    with pytest.raises(SourceError):
        workflows.heat_map(model, b"no picture")
    with pytest.raises(ParameterError, match="takes image"):
        workflows.weigh_words(model, "words")
