from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mel_formulae import mel_bank, mel_of

from headstart.bases.graphs import audio_front_end as front
from headstart.bases.graphs.audio_front_end import AudioGraph


def run(graph: AudioGraph, value: str, wave: np.ndarray) -> np.ndarray:
    """Run an unfinished graph up to `value`."""
    waveform = onnx.helper.make_tensor_value_info("waveform", onnx.TensorProto.FLOAT, ["N", "samples"])
    leaving = onnx.helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, None)
    proto = onnx.helper.make_graph(graph.nodes, "piece", [waveform], [leaving], graph.weights)
    model = onnx.helper.make_model(proto, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run([value], {"waveform": wave.astype(np.float32)})[0])


def test_mel_scales_at_published_points() -> None:
    assert front.hertz_to_mel_slaney(np.array([0.0, 200.0, 1000.0, 6400.0])) == pytest.approx([0, 3, 15, 42])
    # HTK's formula 2595 log10(1 + f / 700) gives 999.9855 at 1000 Hz; 1127 is its rounded constant
    assert front.hertz_to_mel_htk(np.array(1000.0)) == pytest.approx(999.9855, abs=0.02)
    assert front.hertz_to_mel_htk(np.array(0.0)) == 0


@given(st.floats(0, 24000))
def test_slaney_scale_can_be_undone(hertz: float) -> None:
    back = front.mel_to_hertz_slaney(front.hertz_to_mel_slaney(np.array(hertz)))
    assert back == pytest.approx(hertz, abs=1e-6)


def test_filters_equal_the_published_formulae() -> None:
    whisper = mel_bank(80, 400, 16000, 0, 8000, "slaney", area_one=True)
    assert np.abs(front.slaney_filters(80, 400) - whisper).max() < 1e-12
    yamnet = mel_bank(64, 512, 16000, 125, 7500, "htk", slopes_in_mel=True)
    assert np.abs(front.htk_filters(64, 512, 125.0, 7500.0) - yamnet).max() < 1e-12
    ced = mel_bank(64, 512, 16000, 0, 8000, "htk")
    assert np.abs(front.htk_filters_in_hertz(64, 512) - ced).max() < 1e-9
    clap = mel_bank(64, 1024, 48000, 50, 14000, "slaney", area_one=True)
    assert np.abs(front.slaney_filters(64, 1024, rate=48000, low=50, high=14000) - clap).max() < 1e-12


def test_slaney_filters_have_area_one_where_bins_are_dense() -> None:
    areas = front.slaney_filters(80, 16000).sum(axis=0)  # bins 1 Hz apart: the sum is the area
    assert areas == pytest.approx(np.ones(80), abs=0.01)


def test_window_is_periodic() -> None:
    window = front.hann(400)
    assert window[0] == 0
    assert window[200] == 1
    assert window[1] == pytest.approx(window[399])


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 1200), st.sampled_from([(400, 160, 512), (400, 160, 400), (512, 160, 512), (100, 40, 128)])
)
def test_transform_equals_numpy(extra: int, sizes: tuple[int, int, int]) -> None:
    taps, hop, fft = sizes
    wave = np.random.default_rng(extra).normal(size=(2, 4 * hop + taps + extra))
    graph = AudioGraph()
    count = (wave.shape[1] - (-(-taps // hop) * hop)) // hop + 1
    frames = front.frame(graph, "waveform", graph.integers(count), taps, hop)
    parts = front.spectrum(graph, frames, front.fourier_basis(front.hann(taps), fft))
    found = run(graph, parts, wave)
    cut = np.stack([wave[:, i * hop : i * hop + taps] for i in range(count)], axis=1)
    expected = np.fft.rfft(cut * front.hann(taps), fft)
    bins = fft // 2 + 1
    assert found.shape == (2, count, 2 * bins)
    assert np.abs(found[..., :bins] - expected.real).max() < 1e-4
    # our sines have the other sign; only squares of them are used
    assert np.abs(found[..., bins:] + expected.imag).max() < 1e-4


def test_mel_of_power_and_magnitude() -> None:
    rng = np.random.default_rng(0)
    parts, filters = rng.normal(size=(1, 10)), np.abs(rng.normal(size=(5, 3)))
    for piece, measure in (
        (front.power_mel, lambda power: power),
        (front.magnitude_mel, np.sqrt),
    ):
        graph = AudioGraph()
        frames = graph.node("Unsqueeze", "waveform", graph.integers(1))
        found = run(graph, piece(graph, frames, filters), parts)[:, 0]
        power = parts[:, :5] ** 2 + parts[:, 5:] ** 2
        assert found == pytest.approx(measure(power) @ filters, rel=1e-5)


def test_each_clip_is_clamped_by_its_own_loudest() -> None:
    graph = AudioGraph()
    levels = graph.node("Unsqueeze", "waveform", graph.integers(2))
    found = run(
        graph, front.at_most_below_loudest(graph, levels, 80.0), np.array([[0, -50, -100], [-90, -300, -91]])
    )
    assert found[..., 0].tolist() == [[0, -50, -80], [-90, -170, -91]]


def test_bins_that_no_filter_looks_at_are_left_out() -> None:
    assert front.heard(front.htk_filters(64, 512, 125.0, 7500.0)) == slice(5, 240)
    whole = np.zeros((9, 2))
    whole[3, 0] = whole[6, 1] = 1
    assert front.heard(whole) == slice(3, 7)


def test_writing_is_reproducible(tmp_path: Path) -> None:
    for name in ("a", "b"):
        graph = AudioGraph()
        front.embed_mean_and_max(graph, graph.node("Unsqueeze", "waveform", graph.integers(2)), 1)
        graph.write(tmp_path / name, {"embedding": 2})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_formulae_of_the_tests_themselves() -> None:
    assert mel_of(1000, "slaney") == 15
    assert mel_of(1000, "htk") == pytest.approx(999.99, abs=0.01)
