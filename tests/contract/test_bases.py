"""What every card promises, and what every prepared starter base keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from headstart.bases.builders import check_builder
from headstart.bases.card import Base
from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import installed
from headstart.types import EncoderSpec, Modality

CARDS = list(load_catalogue())
STARTERS = [base for base in CARDS if all(source.kind == "pypi" for source in base.sources)]
REQUIRED = {
    Modality.IMAGE: {"size", "crop", "interpolation"},
    Modality.TEXT: {"max_tokens", "pad_id"},
    Modality.AUDIO: {"rate", "min_samples"},
}


def ids(base: Base) -> str:
    return base.name


@pytest.mark.parametrize("base", CARDS, ids=ids)
def test_a_card_says_what_a_person_must_know(base: Base) -> None:
    assert base.trained_on
    assert base.domain
    assert base.licence
    assert base.upstream.startswith("https://")
    assert base.parameters > 0
    assert base.download_bytes > 0
    assert check_builder(base) is None
    assert set(base.recipe) >= REQUIRED[base.modality]
    assert bool(base.names) == (base.name_count > 0)
    assert base.modality == Modality.IMAGE or base.language or base.name_count or base.notes


@pytest.mark.parametrize("base", CARDS, ids=ids)
def test_only_what_was_run_here_is_called_verified(base: Base) -> None:
    assert base.verified == (base in STARTERS)
    for source in base.sources:
        assert source.version
        assert all(member.sha256 and member.bytes for member in source.members) or source.kind == "hf"


@pytest.mark.parametrize("modality", list(Modality))
def test_each_modality_starts_with_two_bases_and_knows_more(modality: Modality) -> None:
    starters = [base for base in STARTERS if base.modality == modality]
    assert len(starters) >= 2
    assert any(base.default for base in starters)
    assert len({base.rank for base in CARDS if base.modality == modality}) == len(
        load_catalogue().list(modality)
    )


def example(base: Base, seed: int = 0, count: int = 3) -> dict[str, NDArray[Any]]:
    random = np.random.default_rng(seed)
    if base.modality == Modality.IMAGE:
        size = int(base.recipe["size"])
        return {"pixels": random.integers(0, 256, (count, size, size, 3), dtype=np.uint8)}
    if base.modality == Modality.TEXT:
        tokens = random.integers(5, 1000, (count, 12))
        return {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
    samples = int(base.recipe.get("window_samples") or base.recipe["min_samples"])
    return {"waveform": random.normal(0, 0.1, (count, samples)).astype(np.float32)}


def outputs(spec: EncoderSpec, feeds: dict[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(spec.files["encoder"]), options, ["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, feeds), strict=True))


def prepared(base: Base) -> EncoderSpec:
    spec = installed(base)
    if spec is None:
        pytest.skip(f"not prepared here: headstart bases get {base.name}")
    return spec


@pytest.mark.bases
@pytest.mark.usefixtures("bases_cache")
class TestPrepared:
    @pytest.mark.parametrize("base", STARTERS, ids=ids)
    def test_shapes_and_types_are_those_of_the_card(self, base: Base) -> None:
        spec = prepared(base)
        found = outputs(spec, example(base))
        assert list(found) == list(base.outputs) == list(spec.outputs)
        for name, value in found.items():
            assert value.shape == (3, base.outputs[name])
            assert value.dtype == np.float32
            assert np.isfinite(value).all()
        assert len(spec.class_names) == len(set(spec.class_names)) == base.name_count

    @pytest.mark.parametrize("base", STARTERS, ids=ids)
    def test_equal_input_gives_equal_output_and_company_does_not_matter(self, base: Base) -> None:
        spec, feeds = prepared(base), example(base)
        whole = outputs(spec, feeds)["embedding"]
        again = outputs(spec, feeds)["embedding"]
        np.testing.assert_array_equal(whole, again)
        for place in range(3):
            alone = outputs(spec, {name: value[place : place + 1] for name, value in feeds.items()})[
                "embedding"
            ]
            np.testing.assert_allclose(alone[0], whole[place], atol=2e-5 * np.abs(whole).max())
        assert np.abs(whole[0] - whole[1]).max() > 1e-4  # it looks at its input

    @pytest.mark.parametrize("base", STARTERS, ids=ids)
    def test_the_files_are_one_graph_without_outside_weights(self, base: Base) -> None:
        spec = prepared(base)
        assert installed(base, verify=True) == spec
        folder = Path(spec.files["encoder"]).parent
        wanted = {"encoder.onnx", "base.json"} | (
            {"tokenizer.json"} if base.modality == Modality.TEXT else set()
        )
        assert {path.name for path in folder.iterdir()} == wanted
