"""What was black and white in training is so in predicting: in memory, saved, served and exported."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import headstart as hs
from headstart import Model
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.image import ImageEncoder
from headstart.encoders.raw import open_raw
from headstart.web import pictures, wire
from headstart.workflows import export
from headstart.workflows.explaining import heat_map
from tiny import SIZE, add_tiny_base, tiny_model

FULL = 3000


def picture(rng: np.random.Generator, high: bool) -> NDArray[np.uint16]:
    level = 0.7 if high else 0.25
    return (np.clip(rng.normal(level, 0.1, (SIZE, SIZE)), 0, 1) * FULL).astype(np.uint16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(40):
        label = ("low", "high")[number % 2]
        place = tmp_path / "plates" / label / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(rng, label == "high")).save(place)
    return tmp_path / "plates"


@pytest.fixture
def model(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    return hs.train(hs.load(folder), base=add_tiny_base(monkeypatch, tmp_path / "base", "image")).model


def test_the_scale_is_found_noted_saved_and_used_again(model: Model, tmp_path: Path) -> None:
    assert model.encoders[0].recipe["pixel_scale"] == {"whole": [0.0, 3072.0]}
    assert "40 pictures have more than 8 bits; one scale for all: 0 to 3,072." in model.quality["notes"]
    model.save(tmp_path / "m")
    again = Model.load(tmp_path / "m")
    assert again.encoders[0].recipe["pixel_scale"] == {"whole": [0.0, 3072.0]}
    rng = np.random.default_rng(1)
    new = [picture(rng, number % 2 == 0) for number in range(6)]
    np.testing.assert_array_equal(again.predict_proba(new), model.predict_proba(new))
    files = []
    for number, one in enumerate(new):
        Image.fromarray(one).save(tmp_path / f"{number}.tiff")
        files.append(tmp_path / f"{number}.tiff")
    np.testing.assert_allclose(again.predict_proba(files), model.predict_proba(new), atol=1e-6)
    linked = Model.load(model.save(tmp_path / "linked", link_base=True))
    np.testing.assert_array_equal(linked.predict_proba(new), model.predict_proba(new))


def test_one_hot_pixel_changes_no_answer(model: Model) -> None:
    plain = picture(np.random.default_rng(2), high=False)
    hot = plain.copy()
    hot[3, 3] = 65_535
    before, after = model.predict_proba([plain, hot])
    np.testing.assert_allclose(before, after, atol=0.05)


def test_a_dark_picture_alone_is_dark(model: Model) -> None:
    dark = (picture(np.random.default_rng(3), high=True) // 16).astype(np.uint16)  # at most 187: fits 8 bits
    assert model.predict([dark])[0].label == "low"


def test_decoding_in_a_process_of_its_own_gives_the_same(model: Model) -> None:
    stream = io.BytesIO()
    Image.fromarray(picture(np.random.default_rng(4), high=True)).save(stream, "PNG")
    (key,) = model.decode_keys()
    told = wire.named([key])[0]
    there = wire.decode(told, stream.getvalue(), pixels=10_000_000, seconds=1)
    here = ImageEncoder(model.encoders[0]).decode(stream.getvalue())
    np.testing.assert_array_equal(here.value.thumb, there.value.thumb)
    about, parts = wire.packed(told, there)
    unpacked = wire.unpacked(told, about, memoryview(b"".join(parts)))
    assert unpacked.perceptual == here.perceptual
    assert wire.without_cuts(key) == ImageEncoder(model.encoders[0]).decode_key
    assert len(pictures.cuts_of(told)) == 1


def test_embeddings_are_kept_for_each_scale_apart(tmp_path: Path, model: Model) -> None:
    plain = tiny_model(tmp_path / "plain", "image").encoders[0]
    spec = model.encoders[0]
    sources = [picture(np.random.default_rng(5), high=True)]
    with EmbeddingCache(tmp_path / "kept.sqlite") as cache:
        other = {**spec.recipe, "pixel_scale": {"whole": [0, 9000]}}
        encoders = [ImageEncoder(spec), ImageEncoder(type(spec)(**{**fields(spec), "recipe": other}))]
        made = [encoder.encode(sources, cache=cache) for encoder in (*encoders, *encoders)]
    assert [one.from_cache for one in made] == [0, 0, 1, 1]
    assert not np.allclose(made[0].vectors, made[1].vectors)
    assert ImageEncoder(plain).cache_key == f"{plain.fingerprint}/image-1"  # as ever where there is no scale
    assert open_raw("image").decode_key == ("image", 300)


def fields(spec: object) -> dict[str, object]:
    return {name: getattr(spec, name) for name in spec.__dataclass_fields__}  # type: ignore[attr-defined]


def test_the_heat_map_looks_at_what_the_model_sees(model: Model) -> None:
    assert heat_map(model, picture(np.random.default_rng(6), high=True)).label == "high"


def test_an_export_agrees_and_says_how_values_become_bytes(
    model: Model, folder: Path, tmp_path: Path
) -> None:
    report = export(model, to="onnx", output=tmp_path / "m.onnx", data=folder)
    assert report.parity.largest_difference < 1e-3
    assert any("(value - 0) / 3072 * 255" in note for note in report.notes)


def test_models_of_pictures_with_eight_bits_are_saved_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(7)
    pictures = [(picture(rng, number % 2 == 0) // 16).astype(np.uint8) for number in range(20)]
    result = hs.train(
        pictures, ["high", "low"] * 10, base=add_tiny_base(monkeypatch, tmp_path / "base", "image")
    )
    assert "pixel_scale" not in result.model.encoders[0].recipe
    assert not any("8 bits" in note for note in result.report.notes)
