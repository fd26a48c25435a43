from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import SIZE, difference, graph_rows, lite_base, pictures

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs.writer import FLOAT, GraphWriter
from headstart.errors import CorruptBaseError
from headstart.finetune.open import open_tunable
from headstart.types import EncoderSpec

torch = pytest.importorskip("torch")
OUTPUTS = {"embedding", "layer_mid", "layer_late"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[EncoderSpec, Any]:
    return lite_base(tmp_path_factory.mktemp("lite"))


@pytest.fixture(scope="module")
def tunable(made: tuple[EncoderSpec, Any]) -> Any:
    return open_tunable(*made)


def run(tunable: Any, inputs: list[np.ndarray]) -> dict[str, np.ndarray]:
    with torch.no_grad():
        found = tunable.run(tunable.collate(inputs))
        logits = tunable.logits(found["embedding"])
    return {**found, **({} if logits is None else {"logits": logits})}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_network_equals_the_graph(made: tuple[EncoderSpec, Any], tunable: Any, count: int) -> None:
    inputs = pictures(count)
    expected = graph_rows(made[0], {"pixels": np.stack(inputs)})
    found = run(tunable, inputs)
    assert set(found) == OUTPUTS | {"logits"}
    assert np.ptp(expected["embedding"]) > 1  # the comparison says something
    assert difference(found, expected) < 1e-4


def test_stages_can_be_run_one_after_another(tunable: Any) -> None:
    batch = tunable.collate(pictures(2))
    whole = run(tunable, pictures(2))
    with torch.no_grad():
        for cut in range(1, len(tunable.stages)):
            halfway = tunable.run(batch, 0, cut)
            parts = halfway if isinstance(halfway, tuple) else (halfway,)
            assert all(len(part) == 2 for part in parts)
            kept = tuple(part.clone() for part in parts)
            again = tunable.run(halfway, cut)
            assert set(again) == OUTPUTS
            assert difference(again, {k: np.asarray(v) for k, v in whole.items()}) < 1e-5
            # what was kept may be used again
            assert all(torch.equal(a, b) for a, b in zip(parts, kept, strict=True))


def test_every_parameter_has_a_stage_and_every_stage_has_parameters(tunable: Any) -> None:
    stages = [tunable.stage_of(name) for name, _ in tunable.module.named_parameters()]
    assert sorted(set(stages)) == list(range(len(tunable.stages)))
    assert stages == sorted(stages)


def test_changed_weights_are_exported(made: tuple[EncoderSpec, Any], tunable: Any, tmp_path: Path) -> None:
    changed = open_tunable(*made)
    with torch.no_grad():
        for parameter in changed.module.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.05 * (parameter.std(correction=0) + 0.01))
    spec = changed.export(changed.module.state_dict(), tmp_path / "new")
    assert spec.outputs == made[0].outputs
    assert (spec.name, spec.class_names) == ("efficientnet_lite0-tuned", made[0].class_names)
    assert spec.fingerprint != made[0].fingerprint
    for count in (1, 2, 5):
        inputs = pictures(count, seed=1)
        found = graph_rows(spec, {"pixels": np.stack(inputs)})
        assert difference(run(changed, inputs), found) < 1e-4
        assert difference(run(tunable, inputs), found) > 1e-3
    again = open_tunable(spec, made[1])
    assert difference(run(again, inputs), found) < 1e-4
    assert again.export(again.module.state_dict(), tmp_path / "again").name == "efficientnet_lite0-tuned"


def test_an_untouched_network_exports_to_the_base(
    made: tuple[EncoderSpec, Any], tunable: Any, tmp_path: Path
) -> None:
    spec = tunable.export(tunable.module.state_dict(), tmp_path)
    feeds = {"pixels": np.stack(pictures(3))}
    assert difference(graph_rows(spec, feeds), graph_rows(made[0], feeds)) < 1e-4


def test_from_scratch_is_the_same_network_with_other_weights_and_live_statistics(
    made: tuple[EncoderSpec, Any], tmp_path: Path
) -> None:
    fresh = open_tunable(*made, random_start=True, seed=3)
    assert fresh.fresh
    assert fresh.logits(torch.zeros(1, fresh.width)) is None  # it knows nothing yet
    batch = fresh.collate(pictures(8))
    fresh.module.train()
    fresh.run(batch)["embedding"].sum().backward()
    assert all(parameter.grad is not None for parameter in fresh.module.parameters())
    fresh.module.eval()
    spec = fresh.export(fresh.module.state_dict(), tmp_path)
    assert set(spec.outputs) == OUTPUTS
    assert spec.class_names == ()
    inputs = pictures(2, seed=4)
    assert difference(run(fresh, inputs), graph_rows(spec, {"pixels": np.stack(inputs)})) < 1e-4
    same = open_tunable(*made, random_start=True, seed=3).module.conv_stem.weight
    other = open_tunable(*made, random_start=True, seed=4).module.conv_stem.weight
    assert torch.equal(same, fresh.module.conv_stem.weight)
    assert not torch.equal(other, same)


def test_augmentation_is_seeded_and_light(tunable: Any) -> None:
    inputs = pictures(4)
    plain = tunable.collate(inputs)
    one, two, other = (tunable.collate(inputs, rng=np.random.default_rng(s)) for s in (1, 1, 2))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert one.dtype == plain.dtype == torch.uint8
    assert one.shape == plain.shape == (4, 3, SIZE, SIZE)
    assert one.is_contiguous(memory_format=torch.channels_last)


def test_a_picture_is_mirrored_only_where_that_is_allowed(tunable: Any) -> None:
    left = np.zeros((SIZE, SIZE, 3), np.uint8)
    left[:, : SIZE // 2] = 255  # bright on the left
    many = [left] * 40

    def on_the_left(flip: bool) -> int:
        seen = tunable.collate(many, rng=np.random.default_rng(0), flip=flip).float().mean((1, 2))
        return int((seen[:, : SIZE // 2].mean(1) > seen[:, SIZE // 2 :].mean(1)).sum())

    assert on_the_left(flip=False) == 40
    assert 10 < on_the_left(flip=True) < 30


def test_another_network_is_refused(made: tuple[EncoderSpec, Any], tmp_path: Path) -> None:
    path = tmp_path / "small.onnx"
    writer = GraphWriter()
    kernel, bias = (writer.constant(np.zeros(shape, np.float32)) for shape in ((4, 3, 3, 3), (4,)))
    writer.node("Conv", writer.node("Cast", "pixels", to=FLOAT), kernel, bias, name="embedding")
    writer.save(path, {"pixels": ("uint8", ["N", 3, 8, 8])}, {"embedding": 4})
    with pytest.raises(CorruptBaseError, match=r"small\.onnx should hold an EfficientNet-Lite0 to 4"):
        open_tunable(replace(made[0], files={"encoder": path}), made[1])
    path.write_bytes(b"no graph")
    with pytest.raises(CorruptBaseError, match="not an ONNX file"):
        open_tunable(replace(made[0], files={"encoder": path}), made[1])


def real_pictures(data_root: Path, size: int, count: int) -> list[np.ndarray]:
    from PIL import Image

    files = sorted((data_root / "image").glob("*/*/*"))
    files = files[:: max(1, len(files) // count)][:count]
    shots = []
    for file in files:
        with Image.open(file) as image:
            shots.append(np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC)))
    return shots


@pytest.mark.bases
@pytest.mark.realdata
@pytest.mark.usefixtures("bases_cache")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("efficientnet_lite0", 8),
        pytest.param("efficientnet_lite0", 200, marks=pytest.mark.slow),
        pytest.param("efficientnet_lite1", 40, marks=pytest.mark.slow),
        pytest.param("efficientnet_lite2", 40, marks=pytest.mark.slow),
    ],
)
def test_the_real_base_equals_its_network_and_its_export_on_real_pictures(
    data_root: Path, tmp_path: Path, name: str, count: int
) -> None:
    card = load_catalogue().get(name)
    spec = store.installed(card)
    assert spec is not None, f"not prepared: headstart bases get {name}"
    tunable = open_tunable(spec, card)
    exported = tunable.export(tunable.module.state_dict(), tmp_path)
    shots = real_pictures(data_root, int(spec.recipe["size"]), count)
    assert len(shots) == count
    for start in range(0, count, 10):
        inputs = shots[start : start + 10]
        found = run(tunable, inputs)
        for one in (spec, exported):
            expected = graph_rows(one, {"pixels": np.stack(inputs)})
            assert difference(found, expected) < 1e-4
            np.testing.assert_array_equal(found["logits"].argmax(1), expected["logits"].argmax(1))
