"""The lower half of a base: the right layers, smoothed and brought to one grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import installed
from headstart.defects.graph import Layout, write_places
from headstart.errors import ParameterError
from tiny import save_tiny_encoder

pytestmark = pytest.mark.bases


@pytest.fixture
def base(bases_cache: Path) -> Path:
    spec = installed(load_catalogue().cards["efficientnet_lite0"])
    assert spec is not None
    return spec.files["encoder"]


def _run(path: Path, pixels: np.ndarray, outputs: list[str]) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(outputs, {"pixels": pixels})


def _smoothed(plane: np.ndarray) -> np.ndarray:
    """Means over 3 x 3 places of ``(channels, side, side)``, of those that there are."""
    padded = np.pad(plane, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
    side = plane.shape[1]
    shifted = [padded[:, i : i + side, j : j + side] for i in range(3) for j in range(3)]
    return np.nanmean(shifted, axis=0)


def _coarser(plane: np.ndarray, by: int) -> np.ndarray:
    channels, side, _ = plane.shape
    return plane.reshape(channels, side // by, by, side // by, by).mean((2, 4))


@pytest.mark.parametrize(("size", "side"), [(224, 14), (320, 20)])
def test_each_place_has_the_numbers_of_three_layers(base: Path, tmp_path: Path, size: int, side: int) -> None:
    layout = write_places(base, size, tmp_path / "places.onnx", "rows")

    assert layout == Layout(side, (24, 40, 112))
    pixels = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), dtype=np.uint8)
    (rows,) = _run(tmp_path / "places.onnx", pixels, ["rows"])
    assert rows.shape == (2, layout.width)


def test_layers_are_smoothed_without_padding_and_meaned_to_the_coarsest_grid(
    base: Path, tmp_path: Path
) -> None:
    write_places(base, 224, tmp_path / "places.onnx", "rows")
    # The values that stand before the halvings: the last sums of blocks 2, 4 and 10.
    model, names = onnx.load(base), ["v18", "v29", "v63"]
    model.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    (tmp_path / "whole.onnx").write_bytes(model.SerializeToString())
    pixels = np.random.default_rng(1).integers(0, 256, (1, 224, 224, 3), dtype=np.uint8)

    layers = [layer[0] for layer in _run(tmp_path / "whole.onnx", pixels, names)]
    (rows,) = _run(tmp_path / "places.onnx", pixels, ["rows"])

    assert [layer.shape for layer in layers] == [(24, 56, 56), (40, 28, 28), (112, 14, 14)]
    expected = [_coarser(_smoothed(layer), by) for layer, by in zip(layers, (4, 2, 1), strict=True)]
    seen = np.concatenate(expected).transpose(1, 2, 0).ravel()
    np.testing.assert_allclose(rows[0], seen, rtol=1e-4, atol=1e-4)


def test_the_graph_is_the_same_to_the_byte_whenever_it_is_made(base: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_places(base, 320, tmp_path / name, "rows")

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").stat().st_size < 3_000_000


def test_sizes_at_which_padding_would_fall_otherwise_are_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="input_size must be a multiple of 32 from 64 to 2048, got 300"):
        write_places(base, 300, tmp_path / "places.onnx", "rows")


def test_a_base_without_such_layers_is_refused_with_one_that_has_them(tmp_path: Path) -> None:
    spec = save_tiny_encoder(tmp_path, "image")

    with pytest.raises(
        ParameterError, match=r"no layer at a 4th of the picture's size[^$]*--base efficientnet_lite0|base="
    ):
        write_places(spec.files["encoder"], 64, tmp_path / "places.onnx", "rows")
