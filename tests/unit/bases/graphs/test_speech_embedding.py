from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from sounds import assert_same_alone_and_together, clips, difference, made_waves, run

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs.speech_embedding import write_speech_embedding
from headstart.errors import CorruptBaseError

# kernels of convolutions and (where listed in POOLS) of poolings, as upstream has them, but few channels
PLAN = [
    (3, 3),
    (1, 3),
    (3, 1),
    (2, 2),
    (1, 3),
    (3, 1),
    (1, 3),
    (3, 1),
    (1, 2),
    (1, 3),
    (3, 1),
    (1, 3),
    (3, 1),
    (2, 2),
    (1, 3),
    (3, 1),
    (1, 3),
    (3, 1),
    (1, 2),
    (1, 3),
    (3, 1),
    (1, 3),
    (3, 1),
    (2, 2),
    (3, 1),
]
POOLS = {3, 8, 13, 18, 23}


def made_models(seed: int = 0) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Both graphs with upstream's names and form, and random weights."""
    rng = np.random.default_rng(seed)
    window = np.zeros(512)
    window[56:456] = np.hanning(401)[:400]
    angles = 2 * np.pi * np.outer(np.arange(257), np.arange(512)) / 512
    bands = np.zeros((257, 32))
    for band in range(32):
        bands[3 + 3 * band : 6 + 3 * band, band] = 0.01
    mel = [
        numpy_helper.from_array(
            (np.cos(angles) * window)[:, None].astype(np.float32), "0.stft.conv_real.weight"
        ),
        numpy_helper.from_array(
            (-np.sin(angles) * window)[:, None].astype(np.float32), "0.stft.conv_imag.weight"
        ),
        numpy_helper.from_array(bands.astype(np.float32), "1.melW"),
    ]
    nodes, weights, value, channels = [], [], "flat", 1
    nodes.append(helper.make_node("Reshape", ["input_1", "shape_in"], ["flat"]))
    weights.append(numpy_helper.from_array(np.array([-1, 1, 76, 32], np.int64), "shape_in"))
    for number, size in enumerate(PLAN):
        if number in POOLS:
            nodes.append(
                helper.make_node("MaxPool", [value], [f"p{number}"], kernel_shape=size, strides=size)
            )
            value = f"p{number}"
            continue
        last = number == len(PLAN) - 1
        out = 96 if last else 4
        kernel = (rng.standard_normal((out, channels, *size)) * 0.5).astype(np.float32)
        weights.append(numpy_helper.from_array(kernel, f"w{number}"))
        pads = [0, 1, 0, 1] if size[1] == 3 else [0, 0, 0, 0]
        nodes.append(
            helper.make_node(
                "Conv", [value, f"w{number}"], [f"c{number}"], kernel_shape=size, pads=pads, auto_pad="NOTSET"
            )
        )
        value, channels = f"c{number}", out
        if not last:
            nodes.append(helper.make_node("LeakyRelu", [value], [value + "r"], alpha=0.2))
            value += "r"
    nodes.append(helper.make_node("Reshape", [value, "shape_out"], ["out"]))
    weights.append(numpy_helper.from_array(np.array([-1, 1, 1, 96], np.int64), "shape_out"))
    one = helper.make_tensor_value_info("input_1", TensorProto.FLOAT, ["N", 76, 32, 1])
    out_info = helper.make_tensor_value_info("out", TensorProto.FLOAT, ["N", 1, 1, 96])
    network = helper.make_graph(nodes, "network", [one], [out_info], weights)
    opset = [helper.make_opsetid("", 13)]
    front = helper.make_graph([], "mel", [], [], mel)
    return helper.make_model(front, opset_imports=opset), helper.make_model(
        network, opset_imports=opset, ir_version=7
    )


def decibels(mel: onnx.ModelProto, wave: np.ndarray) -> np.ndarray:
    """Upstream's front end on one clip, by NumPy: ``(T, 32)``."""
    real, imaginary, bands = (numpy_helper.to_array(t).astype(np.float64) for t in mel.graph.initializer)
    count = (len(wave) - 512) // 160 + 1
    frames = np.stack([wave[i * 160 : i * 160 + 512] for i in range(count)]).astype(np.float64) * 32768
    power = (frames @ real[:, 0].T) ** 2 + (frames @ imaginary[:, 0].T) ** 2
    levels = 10 * np.log10(np.maximum(power @ bands, 1e-10))
    return np.maximum(levels, levels.max() - 80)


def windowed(mel: onnx.ModelProto, network: onnx.ModelProto, wave: np.ndarray) -> np.ndarray:
    """What upstream does: the network on every window of 76 frames, 8 apart; then mean and maximum."""
    import onnxruntime

    wave = np.pad(wave, (0, max(0, 12512 - len(wave))))
    frames = (decibels(mel, wave) / 10 + 2).astype(np.float32)
    windows = np.stack([frames[i : i + 76] for i in range(0, len(frames) - 75, 8)])[..., None]
    session = onnxruntime.InferenceSession(network.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"input_1": windows})[0].reshape(-1, 96)
    return np.concatenate([found.mean(axis=0), found.max(axis=0)])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("speech") / "encoder.onnx"
    write_speech_embedding(*made_models(), path)
    return path


@pytest.mark.parametrize("samples", [400, 12512, 12800, 16000, 24017, 40000])
def test_one_pass_equals_upstreams_windows(made: Path, samples: int) -> None:
    for wave in made_waves(samples):
        found = run(made, wave)["embedding"][0]
        expected = windowed(*made_models(), wave)
        assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def test_batches_change_nothing(made: Path) -> None:
    # upstream clamps by the loudest of the whole batch; a quiet clip beside a loud one must not change
    assert_same_alone_and_together(made, made_waves(16000))


def test_silence_gives_numbers(made: Path) -> None:
    assert np.isfinite(run(made, np.zeros(16000))["embedding"]).all()


def test_other_graphs_are_refused(tmp_path: Path) -> None:
    mel, network = made_models()
    network.graph.node[3].op_type = "Loop"
    with pytest.raises(CorruptBaseError, match="found Conv, LeakyRelu, Loop"):
        write_speech_embedding(mel, network, tmp_path / "encoder.onnx")
    mel, network = made_models()
    del mel.graph.initializer[2]
    with pytest.raises(CorruptBaseError, match=r"1\.melW"):
        write_speech_embedding(mel, network, tmp_path / "encoder.onnx")


@pytest.mark.bases
@pytest.mark.realdata
def test_the_prepared_base_hears_windows_as_torch_does(bases_cache: Path, data_root: Path) -> None:
    """The trained convolutions on each window alone, in torch, against one pass over the whole clip."""
    reference = pytest.importorskip("torch_audio")
    spec = store.installed(load_catalogue().get("speech_embedding"))
    assert spec is not None
    model = onnx.load(spec.files["encoder"])
    for wave in clips(data_root, "spoken_commands", 110) + clips(data_root, "spoken_language", 160):
        found = run(spec.files["encoder"], wave)
        expected = reference.speech_embedding(model, np.pad(wave, (0, max(0, 12512 - len(wave)))))
        assert difference(found, {"embedding": expected[None]}) < 1e-4 * max(1, np.abs(expected).max())
