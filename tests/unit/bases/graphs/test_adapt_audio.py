"""The cards of the Hub's sound models, each on a tiny random model in the form its repository holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from mel_formulae import mel_bank
from onnx import TensorProto, helper, numpy_helper
from sounds import assert_same_alone_and_together, made_waves, run

from headstart.bases.card import Base
from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs.adapt_audio import build
from headstart.bases.trial import try_graph
from headstart.errors import CorruptBaseError, ParameterError


def export(path: Path, kind: str, *, mask: bool = False, opset: int = 14) -> None:
    """Write a model whose one vector is the mean over time of what came in, so that front ends show."""
    rng = np.random.default_rng(0)
    if kind == "wave":
        name, shape, out = "input_values", ["batch", "samples"], "last_hidden_state"
        kernel = rng.standard_normal((768, 1, 400)).astype(np.float32) * 0.1
        nodes = [
            helper.make_node("Reshape", [name, "row"], ["u"]),
            helper.make_node("Conv", ["u", "kernel"], ["c"], strides=[320]),
            helper.make_node("Transpose", ["c"], ["states"], perm=[0, 2, 1]),
        ]
        weights = [("row", np.array([0, 1, -1], np.int64)), ("kernel", kernel)]
    elif kind == "ced":
        name, shape, out = "feats", ["batch", 64, "T"], "prob"
        nodes = [
            helper.make_node("GlobalAveragePool", [name], ["m"]),
            helper.make_node("Flatten", ["m"], ["f"]),
            helper.make_node("Gemm", ["f", "w", "b"], ["g"]),
            helper.make_node("Sigmoid", ["g"], [out]),
        ]
        weights = [("w", rng.standard_normal((64, 527)).astype(np.float32)), ("b", np.zeros(527, np.float32))]
    else:
        name, shape, out = "input_features", ["batch", 1, 1001, 64], "audio_embeds"
        nodes = [
            helper.make_node("Transpose", [name], ["t"], perm=[0, 3, 1, 2]),
            helper.make_node("GlobalAveragePool", ["t"], ["m"]),
            helper.make_node("Flatten", ["m"], [out]),
        ]
        weights = []
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)]
    if kind == "wave" and mask:  # times the share of samples that are not masked
        inputs.append(
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "samples"])
        )
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["seen"], to=TensorProto.FLOAT),
            helper.make_node("Reshape", ["seen", "row"], ["seen_row"]),
            helper.make_node("GlobalAveragePool", ["seen_row"], ["share"]),
            helper.make_node("Mul", ["states", "share"], [out]),
        ]
    elif kind == "wave":
        nodes.append(helper.make_node("Identity", ["states"], [out]))
    leaving = [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)]
    tensors = [numpy_helper.from_array(value, key) for key, value in weights]
    graph = helper.make_graph(nodes, "export", inputs, leaving, tensors)
    opsets = [helper.make_opsetid("", opset)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=7), path)


def adapted(tmp_path: Path, name: str, kind: str, width: int, **how: int) -> tuple[Base, Path]:
    """The shipped card with the tiny model's width."""
    card = load_catalogue().get(name)
    base = replace(card, width=width, outputs={"embedding": width})
    export(tmp_path / "weights.onnx", kind, **how)
    build({"weights": tmp_path / "weights.onnx"}, base, tmp_path)
    return base, tmp_path / "encoder.onnx"


def mean_decibels(wave: np.ndarray, fft: int, hop: int, bank: np.ndarray, depth: float) -> np.ndarray:
    """Mean over time of mel bands in decibels, by NumPy, for one clip."""
    padded = np.pad(wave.astype(np.float64), fft // 2, mode="reflect")
    frames = np.stack([padded[i * hop : i * hop + fft] for i in range(len(wave) // hop + 1)])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(fft) / fft)
    levels = 10 * np.log10(np.maximum(np.abs(np.fft.rfft(frames * window)) ** 2 @ bank, 1e-10))
    return np.asarray(np.maximum(levels, levels.max() - depth).mean(axis=0))


@pytest.mark.parametrize(("samples", "opset"), [(16000, 12), (17920, 14), (20001, 17), (16000, 21)])
def test_ced_hears_the_spectrogram_it_was_trained_with(tmp_path: Path, samples: int, opset: int) -> None:
    base, path = adapted(tmp_path, "ced_mini", "ced", 64, opset=opset)
    bank = mel_bank(64, 512, 16000, 0, 8000, "htk")
    for wave in made_waves(samples):
        expected = mean_decibels(wave, 512, 160, bank, 120.0)
        assert np.abs(run(path, wave)["embedding"][0] - expected).max() < 2e-3  # decibels
    try_graph(base, path)


@pytest.mark.parametrize("opset", [12, 14, 21])
def test_clap_repeats_short_clips_to_ten_seconds(tmp_path: Path, opset: int) -> None:
    base, path = adapted(tmp_path, "clap_htsat", "clap", 64, opset=opset)
    bank = mel_bank(64, 1024, 48000, 50, 14000, "slaney", area_one=True)
    for samples in (48000, 200_000, 480_000):
        wave = made_waves(samples, count=2)[1]
        ten = np.tile(wave, 480_000 // samples)
        ten = np.pad(ten, (0, 480_000 - len(ten)))
        expected = mean_decibels(ten, 1024, 480, bank, 1000.0)
        assert np.abs(run(path, wave)["embedding"][0] - expected).max() < 2e-2  # decibels
    try_graph(base, path)


@pytest.mark.parametrize("mask", [False, True])
def test_wavlm_hears_the_wave(tmp_path: Path, mask: bool) -> None:
    base, path = adapted(tmp_path, "wavlm_base", "wave", 768, mask=mask)
    wave = made_waves(16000, count=1)
    kernel = next(numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer if t.name == "kernel")
    frames = np.stack([wave[0, i * 320 : i * 320 + 400] for i in range((16000 - 400) // 320 + 1)])
    assert run(path, wave)["embedding"][0] == pytest.approx((frames @ kernel[:, 0].T).mean(axis=0), abs=1e-4)
    try_graph(base, path)


@pytest.mark.parametrize("opset", [12, 21])
def test_unit_wave_forgets_loudness(tmp_path: Path, opset: int) -> None:
    card = load_catalogue().get("wavlm_base")
    base = replace(card, options={"front_end": "unit_wave", "features": "mean"})
    export(tmp_path / "weights.onnx", "wave", opset=opset)
    build({"weights": tmp_path / "weights.onnx"}, base, tmp_path)
    wave = made_waves(16000, count=2)[1]
    quiet, loud = (run(tmp_path / "encoder.onnx", wave * k + 0.01)["embedding"] for k in (1, 3))
    assert quiet == pytest.approx(loud, abs=1e-3)


@pytest.mark.parametrize(("name", "kind", "width"), [("ced_mini", "ced", 64), ("wavlm_base", "wave", 768)])
def test_batches_change_nothing(tmp_path: Path, name: str, kind: str, width: int) -> None:
    _, path = adapted(tmp_path, name, kind, width)
    assert_same_alone_and_together(path, made_waves(16000))


def test_unknown_options_and_other_graphs_are_refused(tmp_path: Path) -> None:
    base = load_catalogue().get("wavlm_base")
    export(tmp_path / "weights.onnx", "wave")
    members = {"weights": tmp_path / "weights.onnx"}
    told = "front_end must be one of wave, unit_wave, ced, clap, found 'mfcc'"
    with pytest.raises(ParameterError, match=told):
        build(members, replace(base, options={"front_end": "mfcc"}), tmp_path)
    with pytest.raises(ParameterError, match="features must be one of pooled, mean, before_classes"):
        build(members, replace(base, options={"features": "last"}), tmp_path)
    with pytest.raises(CorruptBaseError, match="it should give out audio_embeds or pooler_output"):
        build(members, replace(base, options={"features": "pooled"}), tmp_path)
    export(tmp_path / "weights.onnx", "ced", opset=11)
    with pytest.raises(CorruptBaseError, match="operator set must be at least 12, found 11"):
        build(members, load_catalogue().get("ced_mini"), tmp_path)
