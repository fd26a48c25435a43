"""What a base sees at the places of pictures of any kind."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import installed
from headstart.defects.features import layout_of, levels_of, look, places_of
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.image import cut_out
from headstart.types import EncoderSpec

pytestmark = pytest.mark.bases


@pytest.fixture
def places(bases_cache: Path, tmp_path: Path) -> EncoderSpec:
    spec = installed(load_catalogue().cards["efficientnet_lite0"])
    assert spec is not None
    return places_of(spec, tmp_path, 224)


def _photo(seed: int = 0, size: tuple[int, int] = (300, 200)) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def test_the_whole_picture_is_squashed_to_a_square(places: EncoderSpec) -> None:
    wide = Image.new("RGB", (400, 100), (10, 10, 10))
    wide.paste((250, 250, 250), (390, 0, 400, 100))  # at the very edge: a centre crop would lose it

    square = cut_out(wide, (0, 224, "bicubic"))

    assert square.shape == (224, 224, 3)
    assert (square[:, -4:] > 200).all()
    usual, marked = look(places, [Image.new("RGB", (400, 100), (10, 10, 10)), wide]).seen.astype(float)
    differs = np.abs(marked - usual).max(1).reshape(14, 14).max(0)
    assert differs[-1] > 5 * differs[5]


def test_pictures_of_all_kinds_and_sizes_are_seen_and_bad_ones_are_told(
    places: EncoderSpec, tmp_path: Path
) -> None:
    grey, deep = tmp_path / "grey.png", tmp_path / "deep.png"
    _photo().convert("L").save(grey)
    Image.fromarray(np.asarray(_photo().convert("L")).astype(np.uint16) * 257).save(deep)
    _photo().save(tmp_path / "colour.jpg")
    (tmp_path / "broken.jpg").write_bytes((tmp_path / "colour.jpg").read_bytes()[:400])
    sources = [grey, deep, tmp_path / "broken.jpg", tmp_path / "colour.jpg", _photo(size=(90, 500))]

    pictures = look(places, sources)

    assert pictures.rows.tolist() == [0, 1, 3, 4]
    assert list(pictures.failures) == [2]
    assert pictures.seen.shape == (4, 196, 176)
    assert pictures.seen.dtype == np.float16
    np.testing.assert_allclose(pictures.seen[0], pictures.seen[1], atol=0.2)


def test_copies_are_known_by_their_pixels(places: EncoderSpec) -> None:
    pictures = look(places, [_photo(), _photo(1), _photo(), _photo(2)])

    assert pictures.first_of_each().tolist() == [True, True, False, True]
    kept = pictures.take(pictures.first_of_each())
    assert kept.rows.tolist() == [0, 1, 3]
    assert len(kept.signatures) == 3


def test_rows_are_kept_and_found_again(places: EncoderSpec, tmp_path: Path) -> None:
    paths = []
    for i in range(3):
        paths.append(tmp_path / f"{i}.png")
        _photo(i).save(paths[-1])
    told: list[int] = []

    with EmbeddingCache(tmp_path / "kept.sqlite") as cache:
        first = look(places, paths, cache=cache)
        again = look(places, paths, cache=cache, progress=lambda step: told.append(step.done))

    np.testing.assert_array_equal(first.seen, again.seen)
    assert told[-1] == 3


def test_the_encoder_says_how_its_rows_are_read_and_can_be_sent(places: EncoderSpec) -> None:
    assert layout_of(pickle.loads(pickle.dumps(places))) == layout_of(places)
    assert layout_of(places).channels == (24, 40, 112)


def test_every_layer_weighs_the_same() -> None:
    rng = np.random.default_rng(0)
    seen = (rng.normal(size=(5, 7, 6)) * [1, 2, 3, 40, 50, 0] + 9).astype(np.float16)

    level = levels_of(seen, (3, 3)).bring(seen.reshape(-1, 6))

    np.testing.assert_allclose(level.mean(0), 0, atol=1e-3)
    variance = level.var(0)
    assert variance[:3].sum() == pytest.approx(1, abs=1e-3)
    assert variance[3:].sum() == pytest.approx(1, abs=1e-3)
    assert levels_of(np.ones((2, 2, 2), np.float16), (1, 1)).scale.tolist() == [0, 0]
