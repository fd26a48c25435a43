"""What every exporter promises: the same answers as the model it was made from, on real inputs."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from exported import BASES, CLASSES, REAL, blended_model, real_inputs, spread
from headstart import Model
from headstart.data.image import decode_image
from headstart.errors import ExportError, ParameterError
from headstart.export.intermediate import open_model
from headstart.export.parity import host_of, open_onnx
from headstart.heads.linear import DenseMap, LinearHead, round_to_grid
from headstart.model import Block
from headstart.types import Dataset, Example, Modality
from headstart.workflows import export, load, train
from tiny import WIDTH, save_tiny_encoder, tiny_model

pytestmark = [pytest.mark.bases, pytest.mark.realdata]
TOLERANCE = 1e-4


def answers(model: Model, content: bytes, sources: list[Any]) -> np.ndarray:
    run, names = open_onnx(content)
    host = host_of(model, names)
    return np.concatenate([run(host.feeds(source)) for source in sources])


@pytest.mark.usefixtures("bases_cache")
@pytest.mark.parametrize("modality", list(Modality))
def test_one_file_answers_as_the_model_does(modality: Modality, data_root: Path, tmp_path: Path):
    sources = real_inputs(modality, data_root)
    model = blended_model(modality, sources)
    report = export(model, "onnx", output=tmp_path / "model.onnx")
    content = (tmp_path / "model.onnx").read_bytes()
    want, got = model.predict_proba(sources), answers(model, content, sources)
    assert len(got) == REAL
    assert np.abs(got - want).max() <= TOLERANCE
    assert (got.argmax(axis=1) == want.argmax(axis=1)).all()
    assert len(set(want.argmax(axis=1).tolist())) > 1  # answers that are all the same would show nothing
    assert report.bytes == len(content)
    assert report.parity.largest_difference <= TOLERANCE
    graph = onnx.load_from_string(content)
    facts = {entry.key: entry.value for entry in graph.metadata_props}
    assert json.loads(facts["headstart.classes"]) == list(CLASSES)
    assert json.loads(facts["headstart.calibration"])["temperature"] == 1.5
    assert json.loads(facts["headstart.recipe"])["simple_features"]
    assert [name for name, _, _ in report.inputs] == [value.name for value in graph.graph.input]


@pytest.mark.slow
@pytest.mark.usefixtures("bases_cache")
@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.AUDIO])
def test_openvino_answers_nearly_as_the_model_does(modality: Modality, data_root: Path, tmp_path: Path):
    sources = real_inputs(modality, data_root, 12)
    model = blended_model(modality, sources)
    report = export(model, "openvino", output=tmp_path / "out")
    run = open_model(tmp_path / "out")
    host = host_of(model, [name for name, _, _ in report.inputs])
    got = np.concatenate([run(host.feeds(source)) for source in sources])
    want = model.predict_proba(sources)
    apart = np.abs(got - want).max(axis=1)
    assert np.median(apart) <= 1e-3
    assert (
        apart.max() <= 0.1
    )  # it computes in single precision: a pixel may be off by one, and so a colour's bin
    assert (got.argmax(axis=1) == want.argmax(axis=1)).all()


@pytest.mark.usefixtures("bases_cache")
def test_openvino_refuses_counted_words_and_leaves_nothing(data_root: Path, tmp_path: Path):
    model = blended_model(Modality.TEXT, real_inputs(Modality.TEXT, data_root, 6))
    with pytest.raises(ExportError, match=r"64-bit numbers.*\n.*--no-blend"):
        export(model, "openvino", output=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("bases_cache")
@pytest.mark.parametrize(
    ("name", "base", "method"),
    [
        ("image/stamp_photos", "efficientnet_lite0", "static"),
        ("audio/spoken_commands", "speech_embedding", "static"),
        ("audio/spoken_language", "whisper_tiny_en", "dynamic"),
    ],
)
def test_eight_bits_are_smaller_and_the_loss_is_measured(
    name: str, base: str, method: str, data_root: Path, tmp_path: Path
):
    data = load(data_root / name)
    model = train(data, base=base, blend=False, use_cache=False)
    report = export(model, "onnx", output=tmp_path / "small.onnx", quantize=True, data=data)
    told = report.quantised
    assert told is not None
    assert told.method == method
    assert told.measured_on >= 100
    assert told.accuracy_before > 0.9
    assert told.accuracy_after > told.accuracy_before - 0.05
    assert report.bytes < 0.65 * told.bytes_before
    assert 0 < report.parity.largest_difference


@pytest.mark.slow
@pytest.mark.usefixtures("bases_cache")
def test_a_base_of_few_bits_is_not_quantised_again(data_root: Path, tmp_path: Path):
    sources = real_inputs(Modality.TEXT, data_root, 8)
    model = blended_model(Modality.TEXT, sources)
    data = Dataset(Modality.TEXT, tuple(Example(s, CLASSES[i % 4]) for i, s in enumerate(sources)), CLASSES)
    with pytest.raises(ExportError, match="would save nothing"):
        export(model, "onnx", output=tmp_path / "small.onnx", quantize=True, data=data)
    assert not (tmp_path / "small.onnx").exists()


@pytest.mark.parametrize("modality", [pytest.param(Modality.IMAGE, marks=pytest.mark.slow), Modality.AUDIO])
def test_a_tiny_model_runs_in_openvino(modality: Modality, tmp_path: Path):
    report = export(tiny_model(tmp_path / "base", modality), "openvino", output=tmp_path / "out")
    assert report.parity.largest_difference <= 0.01
    assert report.parity.same_labels == report.parity.inputs >= 5


@pytest.mark.parametrize("modality", list(Modality))
def test_a_tiny_model_of_any_kind_is_one_file(modality: Modality, tmp_path: Path):
    model = tiny_model(tmp_path / "base", modality)
    report = export(model, output=tmp_path / "model.onnx")
    assert report.parity.largest_difference <= TOLERANCE
    assert report.parity.same_labels == report.parity.inputs >= 5


@pytest.mark.slow
@pytest.mark.usefixtures("bases_cache")
def test_all_pixels_of_a_large_jpeg_give_the_same_class(data_root: Path, tmp_path: Path):
    """Python lets the JPEG decoder shrink it, the graph shrinks the pixels. The photos are real, enlarged."""
    data = load(data_root / "image" / "stamp_photos")
    model = train(data, base="efficientnet_lite0", use_cache=False)
    export(model, output=tmp_path / "model.onnx")
    run, _ = open_onnx((tmp_path / "model.onnx").read_bytes())
    some = [large_jpeg(path) for path in spread(data.sources, 20)]
    got = np.concatenate([run({"image": decode_image(content)}) for content in some])
    want = model.predict_proba(some)
    assert (got.argmax(axis=1) == want.argmax(axis=1)).all()
    assert 0 < np.abs(got - want).max() <= 0.02


def large_jpeg(path: Path) -> bytes:
    with Image.open(path) as photo:
        times = 2400 / min(photo.size)
        large = photo.convert("RGB").resize((round(photo.width * times), round(photo.height * times)))
    stream = io.BytesIO()
    large.save(stream, "JPEG", quality=88)
    return stream.getvalue()


def test_quantising_needs_data(tmp_path: Path):
    with pytest.raises(ParameterError, match=r"calibrate.*\n.*--data"):
        export(tiny_model(tmp_path / "base", "image"), quantize=True, output=tmp_path / "model.onnx")


def test_unknown_targets_are_named(tmp_path: Path):
    with pytest.raises(ParameterError, match="onnx, web, openvino"):
        export(tiny_model(tmp_path / "base", "image"), "tflite")


@pytest.mark.parametrize("modality", list(Modality))
def test_a_model_without_any_base_is_one_file_too(modality: Modality, data_root: Path, tmp_path: Path):
    sources = real_inputs(modality, data_root, 12)
    model = blended_model(modality, sources, without=BASES)
    assert model.encoders == ()
    export(model, output=tmp_path / "model.onnx")
    got = answers(model, (tmp_path / "model.onnx").read_bytes(), sources)
    assert np.abs(got - model.predict_proba(sources)).max() <= TOLERANCE


def test_bases_that_listen_at_different_rates_have_inputs_of_their_own(tmp_path: Path):
    one = save_tiny_encoder(tmp_path / "one", "audio", "one")
    two = save_tiny_encoder(tmp_path / "two", "audio", "two", seed=1)
    two = replace(two, recipe={**two.recipe, "rate": 8000})
    blocks = (Block("a", "encoder", "one", "embedding"), Block("b", "encoder", "two", "embedding"))
    rng = np.random.default_rng(0)
    maps = {name: DenseMap(round_to_grid(rng.normal(size=(WIDTH, 2))), 8.0) for name in "ab"}
    head = LinearHead(maps, np.zeros(2, dtype=np.float32))
    model = Model(Modality.AUDIO, ("x", "y"), (one, two), blocks, head)
    report = export(model, output=tmp_path / "model.onnx")
    assert [name for name, _, _ in report.inputs] == ["waveform", "waveform_8000"]
    assert report.parity.largest_difference <= TOLERANCE
