from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.encoders import raw_text
from headstart.encoders.raw import open_raw, raw_features
from headstart.encoders.raw_audio import describe_sound, log_mel
from headstart.encoders.raw_image import WIDTH, describe_thumbs
from headstart.encoders.raw_text import COLUMNS, count_grams
from headstart.errors import SourceError


def grams_of(text: str) -> Counter[str]:
    """Count grams letter by letter, the slow and obvious way."""
    marked = "".join(c if c.isalnum() or c in "'_" else " " for c in text.lower())
    words = marked.split()
    counted = Counter(words) + Counter(f"{a} {b}" for a, b in pairwise(words))
    for word in words:
        for length in (3, 4, 5):
            padded = f" {word} "
            counted.update(f"#{padded[i : i + length]}" for i in range(len(padded) - length + 1))
    return counted


@given(st.lists(st.text("abC '.\n", max_size=30), max_size=6))
@settings(max_examples=200, deadline=None)
def test_counts_are_those_of_the_slow_way(texts: list[str]) -> None:
    counts = count_grams(texts)
    assert counts.shape == (len(texts), COLUMNS)
    for row, text in enumerate(texts):
        found = counts.data[counts.indptr[row] : counts.indptr[row + 1]]
        # Two grams may share a bucket, so totals are compared, and the numbers that occur where none do.
        expected = grams_of(text)
        assert found.sum() == sum(expected.values())
        if len(found) == len(expected):
            assert sorted(found) == sorted(expected.values())
        else:
            assert len(found) >= len(expected) - 2


def test_equal_words_meet_whatever_surrounds_them() -> None:
    counts = count_grams(["Apple!", "apple", "(APPLE)", "pear"]).toarray()
    np.testing.assert_array_equal(counts[0], counts[1])
    np.testing.assert_array_equal(counts[0], counts[2])
    assert counts[0] @ counts[3] == 0


def test_pairs_and_pieces_do_not_cross_texts() -> None:
    together = count_grams(["one two", "three four"]).toarray()
    np.testing.assert_array_equal(together[:1], count_grams(["one two"]).toarray())
    np.testing.assert_array_equal(together[1:], count_grams(["three four"]).toarray())


def test_scripts_without_blanks_and_emoji_are_seen() -> None:
    counts = count_grams(["今天天气很好", "天气", "😀 ok", "😀", "été", "ÉTÉ", "a—b", "a b"]).toarray()
    assert counts[0] @ counts[1] > 0
    assert counts[2] @ counts[3] > 0
    np.testing.assert_array_equal(counts[4], counts[5])
    np.testing.assert_array_equal(counts[6], counts[7])


def test_batches_are_cut_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"text number {i} of many" for i in range(50)]
    whole = count_grams(texts)
    monkeypatch.setattr(raw_text, "_LETTERS_AT_ONCE", 100)
    parts = count_grams(texts)
    for one, other in (
        (whole.data, parts.data),
        (whole.indices, parts.indices),
        (whole.indptr, parts.indptr),
    ):
        np.testing.assert_array_equal(one, other)


def test_buckets_are_the_same_in_every_process_for_ever() -> None:
    assert count_grams(["the quick fox"]).indices[:4].tolist() == FIRST_BUCKETS
    code = (
        "from headstart.encoders.raw_text import count_grams;"
        "print(count_grams(['the quick fox']).indices[:4].tolist())"
    )
    for seed in ("1", "2"):
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == str(FIRST_BUCKETS)


FIRST_BUCKETS = [6798, 15352, 16797, 29587]


def test_image_features_see_direction_and_colour() -> None:
    upright = np.zeros((64, 64, 3), dtype=np.uint8)
    upright[:, ::8] = 255
    red, blue = np.zeros_like(upright), np.zeros_like(upright)
    red[..., 0], blue[..., 2] = 200, 200
    features = describe_thumbs(np.stack([upright, upright.transpose(1, 0, 2), red, blue]))
    assert features.shape == (4, WIDTH)
    edges = features[:, :576].reshape(4, 64, 9)
    assert edges[0].sum(axis=0).argmax() == 0, "upright lines: the gradient runs across"
    assert edges[1].sum(axis=0).argmax() in (4, 5), "level lines: it runs down"
    assert not edges[2].any()
    assert features[2] @ features[3] < 0.3 * features[2] @ features[2]


def test_image_features_do_not_depend_on_the_batch() -> None:
    thumbs = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    together = describe_thumbs(thumbs)
    np.testing.assert_allclose(
        together, np.concatenate([describe_thumbs(t[None]) for t in thumbs]), atol=1e-6
    )
    assert describe_thumbs(thumbs[:0]).shape == (0, WIDTH)


@pytest.mark.parametrize("hertz", [200, 1000, 4000])
def test_a_tone_lands_in_its_mel_band(hertz: float) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(16000) / 16000).astype(np.float32)
    bands = log_mel(tone)
    assert bands.shape == (98, 40)  # 25 ms every 10 ms
    mel = 2595 * np.log10(1 + np.array([60, 7600, hertz]) / 700)
    expected = (mel[2] - mel[0]) / (mel[1] - mel[0]) * 41 - 1
    assert abs(bands.mean(axis=0).argmax() - expected) <= 0.75


@pytest.mark.parametrize("samples", [1, 399, 400, 401, 16000])
def test_sounds_of_any_length_are_described(samples: int) -> None:
    features = describe_sound(np.random.default_rng(0).normal(size=samples).astype(np.float32))
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert np.isfinite(describe_sound(np.zeros(samples, dtype=np.float32))).all()


def test_a_word_and_its_reverse_differ() -> None:
    rising = np.sin(np.cumsum(np.linspace(0.02, 1.0, 16000))).astype(np.float32)
    assert np.linalg.norm(describe_sound(rising) - describe_sound(rising[::-1])) > 0.3


def test_raw_features_of_something_unreadable_say_why() -> None:
    with pytest.raises(SourceError, match="empty"):
        raw_features("text", ["fine", ""])
    assert raw_features("image", [np.zeros((9, 9), dtype=np.uint8)]).shape == (1, open_raw("image").width)


def test_predicting_with_them_imports_nothing_heavy() -> None:
    code = (
        "import sys, numpy as np; from headstart.encoders.raw import raw_features;"
        "raw_features('text', ['a']); raw_features('image', [np.zeros((9, 9), np.uint8)]);"
        "raw_features('audio', [np.zeros(900)]);"
        "heavy = {'scipy', 'sklearn', 'torch', 'onnx', 'onnxruntime', 'sqlite3'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
