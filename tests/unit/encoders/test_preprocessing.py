from __future__ import annotations

import numpy as np
import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headstart.encoders.audio import Windows
from headstart.encoders.image import crop_box
from headstart.encoders.open import open_encoder
from headstart.encoders.text import Tokens, _batches
from headstart.types import Modality
from tiny import save_tiny_encoder


def usual_recipe(image: Image.Image, scaled: int, size: int) -> np.ndarray:
    """Resize the shorter side, then cut the centre: what base models were trained with."""
    if image.width <= image.height:
        resized = image.resize((scaled, int(scaled * image.height / image.width)), Image.Resampling.BICUBIC)
    else:
        resized = image.resize((int(scaled * image.width / image.height), scaled), Image.Resampling.BICUBIC)
    left, top = round((resized.width - size) / 2), round((resized.height - size) / 2)
    return np.asarray(resized.crop((left, top, left + size, top + size)))


@pytest.mark.parametrize("shape", [(640, 480), (481, 703), (100, 100), (50, 333), (224, 224), (2000, 301)])
@pytest.mark.parametrize(("scaled", "size"), [(256, 224), (224, 224), (274, 240)])
def test_cropping_while_resizing_gives_the_usual_pixels(
    shape: tuple[int, int], scaled: int, size: int
) -> None:
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8))
    image = small.resize(shape, Image.Resampling.BICUBIC)
    box = crop_box(*shape, scaled, size)
    ours = np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, box=box)).astype(int)
    difference = np.abs(ours - usual_recipe(image, scaled, size))
    assert difference.max() <= 2  # Pillow rounds the box to its own grid
    assert difference.mean() < 0.2


@given(st.integers(4, 5000), st.integers(4, 5000), st.integers(8, 400), st.floats(0.5, 1.0))
def test_the_crop_is_inside_the_picture(width: int, height: int, size: int, crop: float) -> None:
    left, top, right, bottom = crop_box(width, height, max(size, int(size / crop)), size)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


WHISPER = Windows(least=1600, window=16000, hop=8000, multiple=320)


@pytest.mark.parametrize(
    ("samples", "windows", "length"),
    [(1, 1, 1600), (1600, 1, 1600), (1601, 1, 1920), (16000, 1, 16000), (16001, 2, 16000), (24000, 2, 16000)],
)
def test_sounds_are_cut_into_windows(samples: int, windows: int, length: int) -> None:
    sound = np.arange(1, samples + 1, dtype=np.float32)
    cut = WHISPER.cut(sound)
    assert cut.shape == (windows, length)
    if samples <= WHISPER.window:
        np.testing.assert_array_equal(cut[0, :samples], sound)
        assert not cut[0, samples:].any()
    else:
        np.testing.assert_array_equal(cut[-1], sound[-WHISPER.window :])
        np.testing.assert_array_equal(cut[0], sound[: WHISPER.window])


@given(st.integers(1, 30_000), st.integers(160, 20_000), st.integers(100, 20_000), st.integers(1, 500))
@settings(deadline=None, max_examples=50)
def test_every_sample_is_heard(samples: int, window: int, hop: int, multiple: int) -> None:
    hop = min(hop, window)
    cut = Windows(least=160, window=window, hop=hop, multiple=multiple).cut(
        np.arange(1, samples + 1, dtype=np.float32)
    )
    assert set(np.unique(cut)) - {0.0} == set(range(1, samples + 1))


@pytest.mark.parametrize(("combine", "by"), [("mean", np.mean), ("max", np.max)])
def test_windows_of_a_long_sound_are_combined(tmp_path, combine, by) -> None:
    from dataclasses import replace

    spec = save_tiny_encoder(tmp_path, Modality.AUDIO)
    spec = replace(spec, recipe={**spec.recipe, "combine": combine})
    window = spec.recipe["window_samples"]
    sound = np.sin(np.linspace(0, 900, 3 * window)).astype(np.float32) * np.linspace(0, 1, 3 * window)
    encoder = open_encoder(spec)
    parts = encoder.encode(list(sound.reshape(3, window))).vectors
    np.testing.assert_allclose(encoder.encode([sound]).vectors[0], by(parts, axis=0), atol=1e-6)


@given(st.lists(st.integers(1, 300), max_size=60))
def test_text_batches_hold_every_text_once_and_little_padding(lengths: list[int]) -> None:
    batches = list(_batches(lengths))
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 320
        assert [lengths[i] for i in batch] == sorted(lengths[i] for i in batch)


def test_a_long_text_is_cut_and_says_so(tmp_path) -> None:
    encoder = open_encoder(save_tiny_encoder(tmp_path, Modality.TEXT))
    most = encoder.spec.recipe["max_tokens"]
    made = encoder.encode(["good " * 16, "good " * 900, "good " * 16 + "bad " * 40])
    assert [signature.note for signature in made.signatures] == [
        "" if most >= 16 else f"text cut at {most} of 16 tokens",
        f"text cut at {most} of 900 tokens",
        f"text cut at {most} of 56 tokens",
    ]
    np.testing.assert_allclose(made.vectors[2], encoder.encode(["good " * most]).vectors[0], atol=1e-6)


def test_texts_cut_together_have_the_tokens_of_each_alone(tmp_path) -> None:
    spec = save_tiny_encoder(tmp_path, Modality.TEXT)
    tokens = Tokens(spec)
    texts = ["good good bad", "", "Zwölf \U0001f600 words", "good " * 900]
    together = tokens.of(texts)
    assert together == [tokens.of([text])[0] for text in texts]
    plain = tokenizers.Tokenizer.from_file(str(spec.files["tokenizer"]))
    plain.no_truncation()
    plain.no_padding()
    assert list(together[0][0]) == plain.encode(texts[0]).ids
    assert together[1][0], "an empty text is one blank, since a graph needs something to run on"
