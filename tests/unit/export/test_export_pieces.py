"""The graph's own preprocessing gives what Python's gives: the same pixels, features and counts."""

from __future__ import annotations

import io

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper
from PIL import Image

from headstart.data.image import decode_image, decode_picture
from headstart.encoders import raw_audio, raw_image, raw_text
from headstart.encoders.audio import Windows
from headstart.encoders.image import crop_box, decode_with_thumb
from headstart.export import fronts, raw_picture, raw_sound, raw_words
from headstart.export.picture_pieces import SUPPORTS, crop_areas, resized, shrunk
from headstart.export.pieces import Pieces
from headstart.types import EncoderSpec, Modality

FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
SIZES = [
    (4, 4),
    (9, 300),
    (300, 9),
    (640, 480),
    (480, 640),
    (601, 1300),
    (1300, 601),
    (1210, 1207),
    (224, 224),
    (1499, 61),
]


def session(g: Pieces, outputs: list[str], name: str, kind: int, shape: list) -> onnxruntime.InferenceSession:
    graph = helper.make_graph(
        g.nodes,
        "piece",
        [helper.make_tensor_value_info(name, kind, shape)],
        [helper.make_empty_tensor_value_info(output) for output in outputs],
        g.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString())


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=0)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("method", "scaled", "size"), [("bicubic", 256, 224), ("bilinear", 8, 8), ("lanczos", 297, 260)]
)
def test_pictures_become_the_same_pixels(method: str, scaled: int, size: int):
    g = Pieces("p_")
    picture = shrunk(g, "image", 300)
    areas = crop_areas(g, g.length(picture, 0), g.length(picture, 1), scaled, size)
    small = resized(g, picture, *areas, size, method)
    run = session(g, [picture, small], "image", TensorProto.UINT8, ["H", "W", 3])
    rng = np.random.default_rng(0)
    for height, width in SIZES:
        pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        decoded = decode_picture(png(pixels), cover=300)
        box = crop_box(decoded.width, decoded.height, scaled, size)
        want = np.asarray(decoded.resize((size, size), FILTERS[method], box=box))
        reduced, got = run.run(None, {"image": pixels})
        np.testing.assert_array_equal(reduced, np.asarray(decoded), err_msg=f"{height} x {width}")
        np.testing.assert_array_equal(got, want, err_msg=f"{height} x {width}")


def test_every_filter_is_pillows_own():
    assert set(FILTERS) | {"box"} == set(SUPPORTS)


def test_thumbs_and_simple_features_of_pictures():
    g = Pieces("p_")
    thumb = raw_picture.thumb(g, "image")
    run = session(g, [thumb, raw_picture.describe(g, thumb)], "image", TensorProto.UINT8, ["H", "W", 3])
    rng = np.random.default_rng(1)
    flat = np.full((70, 90, 3), 128, dtype=np.uint8)
    for pixels in [flat, *(rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in SIZES[:5])]:
        picture = decode_with_thumb(pixels, None).value
        seen, found = run.run(None, {"image": decode_image(pixels)})
        np.testing.assert_array_equal(seen, picture.thumb)
        np.testing.assert_allclose(found, raw_image.describe_thumbs(picture.thumb[None]), atol=2e-5)


def test_simple_features_of_sounds():
    g = Pieces("p_")
    run = session(g, [raw_sound.describe(g, "waveform")], "waveform", TensorProto.FLOAT, ["samples"])
    rng = np.random.default_rng(2)
    for count in (1, 399, 400, 401, 560, 561, 720, 900, 5000, 40_001):
        samples = (0.1 * rng.normal(size=count)).astype(np.float32)
        (found,) = run.run(None, {"waveform": samples})
        np.testing.assert_allclose(found[0], raw_audio.describe_sound(samples), atol=1e-5, err_msg=str(count))


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "!",
        "  ",
        "Two words, and it's_one more",
        "x" * 200,
        "日本語のテキスト abc",
        "ΑΣ ünï—cødé 🎉🎉",
        "one two " * 400,
    ],
)
def test_words_fall_into_the_same_buckets(text: str):
    g = Pieces("p_")
    run = session(g, [raw_words.buckets(g, "code_points")], "code_points", TensorProto.INT32, ["n"])
    codes = np.frombuffer(text.lower().encode("utf-32-le"), dtype=np.int32)
    (found,) = run.run(None, {"code_points": codes})
    buckets, counts = np.unique(found, return_counts=True)
    want = raw_text.count_grams([text])
    assert buckets.tolist() == want.indices.tolist()
    assert counts.tolist() == want.data.tolist()


@pytest.mark.parametrize(
    "recipe",
    [
        {"window_samples": 1600, "multiple": 160, "min_samples": 800},
        {"window_samples": 1000, "hop_samples": 300, "multiple": 7},
        {"window_samples": 100, "min_samples": 250},
    ],
)
def test_sounds_are_cut_into_the_same_windows(recipe: dict[str, int]):
    spec = EncoderSpec("one", Modality.AUDIO, "f", 1, {"embedding": 1}, {"rate": 16000, **recipe}, {})
    g = Pieces("p_")
    windows = fronts.Sounds(g).feed(spec, 1)["waveform"]
    run = session(g, [windows], "waveform", TensorProto.FLOAT, ["samples"])
    for count in (1, 99, 100, 101, 799, 800, 801, 1000, 1001, 1300, 1600, 1601, 3200, 5003):
        samples = np.arange(1, count + 1, dtype=np.float32)
        (got,) = run.run(None, {"waveform": samples})
        np.testing.assert_array_equal(got, Windows.of(spec.recipe).cut(samples), err_msg=str(count))
