from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from sounds import assert_same_alone_and_together, clips, difference, made_waves, run

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs import audio_front_end as front
from headstart.bases.graphs.audio_front_end import AudioGraph
from headstart.bases.graphs.whisper import log_mel, read_shape, write_whisper
from headstart.errors import CorruptBaseError
from whisper_weights import made_weights

OUTPUTS = ("embedding", "layer_1", "layer_2")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whisper") / "encoder.onnx"
    write_whisper(made_weights(), path, OUTPUTS)
    return path


@pytest.mark.parametrize("samples", [1600, 4000, 16000, 24017, 40160])
def test_equals_plain_torch(made: Path, samples: int) -> None:
    reference = pytest.importorskip("torch_audio")
    waves = made_waves(samples)
    assert difference(run(made, waves), reference.whisper(made_weights(), waves)) < 1e-4


def test_batches_change_nothing(made: Path) -> None:
    assert_same_alone_and_together(made, made_waves(8000))


def test_frames_are_as_many_as_whispers(tmp_path: Path) -> None:
    for samples, frames in ((1600, 10), (16000, 100), (16159, 100), (480000, 3000)):
        graph = AudioGraph()
        mel = log_mel(graph, "waveform")
        graph.node("Identity", front.length_of(graph, mel, 2), name="embedding")
        # a length is no embedding; only its value is wanted
        length = onnx.helper.make_tensor_value_info("embedding", onnx.TensorProto.INT64, [1])
        waveform = onnx.helper.make_tensor_value_info("waveform", onnx.TensorProto.FLOAT, ["N", "samples"])
        piece = onnx.helper.make_graph(graph.nodes, "piece", [waveform], [length], graph.weights)
        path = tmp_path / "length.onnx"
        opset = [onnx.helper.make_opsetid("", 17)]
        onnx.save(onnx.helper.make_model(piece, opset_imports=opset, ir_version=8), path)
        assert run(path, np.zeros((1, samples)))["embedding"].tolist() == [frames]


def test_silence_and_full_scale_give_numbers(made: Path) -> None:
    for wave in (np.zeros(1600), np.ones(1600), np.sign(np.sin(np.arange(1600)))):
        assert all(np.isfinite(value).all() for value in run(made, wave).values())


def test_outputs_are_the_ones_asked_for_in_that_order(tmp_path: Path) -> None:
    path = tmp_path / "encoder.onnx"
    write_whisper(made_weights(), path, ("embedding", "layer_2"))
    graph = onnx.load(path).graph
    assert [output.name for output in graph.output] == ["embedding", "layer_2"]
    with pytest.raises(CorruptBaseError, match="the card asks for layer_9"):
        write_whisper(made_weights(), path, ("embedding", "layer_9"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"conv1/weight": None}, "conv1/weight"),
        ({"num_heads": np.array(5.0, np.float32)}, "num_heads"),
        ({"layer_1/ffn/linear_1/bias": None}, "layer_1/ffn/linear_1/bias of shape (24,), found nothing"),
        ({"conv2/weight": np.zeros((24, 24, 5), np.float32)}, "found (24, 24, 5)"),
    ],
)
def test_weights_that_do_not_fit_are_refused(change: dict[str, np.ndarray | None], told: str) -> None:
    weights = {k: v for k, v in (made_weights() | change).items() if v is not None}
    with pytest.raises(CorruptBaseError) as caught:
        read_shape(weights)
    assert told in caught.value.message


@pytest.mark.bases
@pytest.mark.realdata
def test_the_prepared_base_equals_plain_torch_on_recordings(bases_cache: Path, data_root: Path) -> None:
    reference = pytest.importorskip("torch_audio")
    spec = store.installed(load_catalogue().get("whisper_tiny_en"))
    assert spec is not None
    weights = reference.whisper_weights_of(onnx.load(spec.files["encoder"]), heads=6)
    for wave in clips(data_root, "spoken_commands", 110) + clips(data_root, "spoken_language", 160):
        found = run(spec.files["encoder"], wave)
        assert difference(found, reference.whisper(weights, wave[None])) < 1e-4
        assert {name: value.shape[1] for name, value in found.items()} == dict(spec.outputs)
