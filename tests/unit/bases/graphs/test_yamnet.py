from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from sounds import RATE, assert_same_alone_and_together, clips, made_waves, run

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs import yamnet
from headstart.bases.graphs.yamnet import read_class_names, write_yamnet
from headstart.errors import CorruptBaseError
from headstart.types import EncoderSpec

STRIDES = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)


def made_model(seed: int = 0, *, stray: str = "") -> tuple[onnx.ModelProto, bytes, list[np.ndarray]]:
    """A quantised graph of upstream's form, three convolutions deep: weights in float32 outside the graph."""
    rng = np.random.default_rng(seed)
    data, nodes, tensors, kept = bytearray(), [], [], []

    def weight(name: str, *shape: int) -> str:
        values = (rng.standard_normal(shape) * 0.3).astype(np.float32)
        kept.append(values)
        tensor = TensorProto(
            name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL
        )
        for key, value in (("location", "model.data"), ("offset", len(data)), ("length", values.nbytes)):
            tensor.external_data.add(key=key, value=str(value))
        data.extend(values.tobytes())
        tensors.append(tensor)
        return quantised(name)

    def quantised(value: str) -> str:
        nodes.append(helper.make_node("QuantizeLinear", [value, "scale", "zero"], [value + "_q"]))
        nodes.append(helper.make_node("DequantizeLinear", [value + "_q", "scale", "zero"], [value + "_f"]))
        return value + "_f"

    tensors.append(numpy_helper.from_array(np.array(0.5, np.float32), "scale"))
    tensors.append(numpy_helper.from_array(np.array(7, np.uint8), "zero"))
    nodes.append(helper.make_node("DequantizeLinear", ["audio", "scale", "zero"], ["audio_f"]))
    value, channels = "audio_f", 1
    for number, (out, group, stride) in enumerate(((8, 1, 2), (8, 8, 1), (1024, 1, 1))):
        size = 1 if number == 2 else 3
        kernel = weight(f"k{number}", out, channels // group, size, size)
        bias = weight(f"b{number}", out)[:-2]  # biases are not quantised
        pads = [0, 0, 0, 0] if size == 1 else ([0, 0, 1, 1] if stride == 2 else [1, 1, 1, 1])
        nodes.append(
            helper.make_node(
                "Conv",
                [value, kernel, bias],
                [f"c{number}"],
                group=group,
                pads=pads,
                strides=[stride, stride],
            )
        )
        nodes.append(helper.make_node("Relu", [f"c{number}"], [f"r{number}"]))
        value, channels = quantised(f"r{number}"), out
    nodes.append(helper.make_node("GlobalAveragePool", [value], ["pooled"]))
    tensors.append(numpy_helper.from_array(np.array([1, 1024], np.int64), "shape"))
    nodes.append(helper.make_node("Reshape", [quantised("pooled"), "shape"], ["flat"]))
    head = weight("head", 521, 1024)
    bias = weight("head_bias", 521)[:-2]
    nodes.append(helper.make_node("Gemm", [quantised("flat"), head, bias], ["scores"], transB=1))
    if stray:
        nodes.append(helper.make_node(stray, ["scores"], ["more"]))
    audio = helper.make_tensor_value_info("audio", TensorProto.UINT8, [1, 1, 96, 64])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 521])
    graph = helper.make_graph(nodes, "yamnet", [audio], [scores], tensors)
    return helper.make_model(graph), bytes(data), kept


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("yamnet") / "encoder.onnx"
    write_yamnet(*made_model()[:2], path)
    return path


def test_no_quantisation_is_left(made: Path) -> None:
    assert not {node.op_type for node in onnx.load(made).graph.node} & {"QuantizeLinear", "DequantizeLinear"}


@pytest.mark.parametrize("samples", [300, 15360, 15600, 15601, 23040, 40000])
def test_equals_plain_torch(made: Path, samples: int) -> None:
    reference = pytest.importorskip("torch_audio")
    kept = made_model()[2]
    kernels, head = [(kept[i], kept[i + 1]) for i in (0, 2, 4)], (kept[6], kept[7])
    for wave in made_waves(samples):
        found = run(made, wave)
        for name, expected in zip(
            ("embedding", "logits"), reference.yamnet(kernels, head, wave, (2, 1)), strict=True
        ):
            assert np.abs(found[name][0] - expected).max() < 1e-4 * max(1, np.abs(expected).max())


def test_batches_change_nothing(made: Path) -> None:
    assert_same_alone_and_together(made, made_waves(23040))


def test_other_graphs_are_refused(tmp_path: Path) -> None:
    model, data, _ = made_model(stray="Softmax")
    with pytest.raises(CorruptBaseError, match="no operator Softmax"):
        write_yamnet(model, data, tmp_path / "encoder.onnx")
    model, data, _ = made_model()
    with pytest.raises(CorruptBaseError, match=r"data for .* inside the file"):
        write_yamnet(model, data[:-4], tmp_path / "encoder.onnx")
    place = model.graph.initializer[2].external_data[1]
    place.value = "-8"
    with pytest.raises(CorruptBaseError, match="inside the file"):
        write_yamnet(model, data, tmp_path / "encoder.onnx")


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no archive", "archive that can be read"),
        (archive({"model.onnx": b"x"}), "model.onnx and model.data"),
        (archive({"a/model.onnx": b"\xff\xff", "a/model.data": b""}), "archive that can be read"),
    ],
)
def test_broken_archives_are_refused(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "weights.zip").write_bytes(content)
    with pytest.raises(CorruptBaseError, match=told):
        yamnet._unzip(tmp_path / "weights.zip")


def test_an_archive_that_unfolds_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yamnet, "_MAX_BYTES", 1000)
    (tmp_path / "weights.zip").write_bytes(archive({"model.onnx": b"x", "model.data": bytes(1001)}))
    with pytest.raises(CorruptBaseError, match="plausible size"):
        yamnet._unzip(tmp_path / "weights.zip")


def test_class_names_must_be_complete_and_in_order() -> None:
    rows = [f'{i},/m/{i},"Sound {i}, kind"' for i in range(521)]
    names = read_class_names("\n".join(["index,mid,display_name", *rows]))
    assert (len(names), names[520]) == (521, "Sound 520, kind")
    with pytest.raises(CorruptBaseError, match="521 rows in order"):
        read_class_names("\n".join(["index,mid,display_name", *rows[1:]]))


@pytest.fixture
def prepared(bases_cache: Path) -> EncoderSpec:
    spec = store.installed(load_catalogue().get("yamnet"))
    assert spec is not None
    return spec


@pytest.mark.bases
@pytest.mark.realdata
def test_the_prepared_base_equals_plain_torch_on_recordings(prepared: EncoderSpec, data_root: Path) -> None:
    reference = pytest.importorskip("torch_audio")
    model = onnx.load(prepared.files["encoder"])
    convolutions = reference.convolutions_of(model)
    assert len(convolutions) == 27
    gemm = next(node for node in model.graph.node if node.op_type == "Gemm")
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    kernels, head = [c[:2] for c in convolutions], (arrays[gemm.input[1]], arrays[gemm.input[2]])
    for wave in clips(data_root, "spoken_commands", 110) + clips(data_root, "spoken_language", 100):
        found = run(prepared.files["encoder"], wave)
        embedding, logits = reference.yamnet(kernels, head, wave, STRIDES)
        assert np.abs(found["embedding"][0] - embedding).max() < 1e-4
        assert np.abs(found["logits"][0] - logits).max() < 2e-4
        assert found["logits"][0].argmax() == logits.argmax()


@pytest.mark.bases
@pytest.mark.realdata
def test_the_prepared_base_names_what_it_hears(prepared: EncoderSpec, data_root: Path) -> None:
    assert len(prepared.class_names) == 521

    def heard(wave: np.ndarray) -> list[str]:
        order = run(prepared.files["encoder"], wave)["logits"][0].argsort()[::-1]
        return [prepared.class_names[i] for i in order[:5]]

    time = np.arange(2 * RATE) / RATE
    assert heard(np.zeros(2 * RATE))[0] == "Silence"
    assert "Sine wave" in heard(0.3 * np.sin(2 * np.pi * 1000 * time))
    assert "White noise" in heard(np.random.default_rng(0).normal(0, 0.1, 2 * RATE))
    first = [heard(wave)[0] for wave in clips(data_root, "spoken_language", 40)]
    assert first.count("Speech") >= len(first) - 1
