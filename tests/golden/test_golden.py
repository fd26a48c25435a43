"""Every bundle that a released version wrote loads for ever and predicts the same."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from headstart import Model
from headstart.errors import CorruptBundleError
from headstart.types import Modality
from headstart.workflows import verify_bundle
from tiny import tiny_sources

HERE = Path(__file__).parent
GOLDEN = sorted(path.parent for path in HERE.glob("*/expected.json"))


def test_there_is_one_for_each_modality_and_format():
    assert {path.name for path in GOLDEN} >= {"v1-image", "v1-text", "v1-audio", "v1-doubt"}


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda path: path.name)
def test_it_loads_and_predicts_the_same(folder: Path):
    expected = json.loads((folder / "expected.json").read_text())
    model = Model.load(folder / "bundle")
    assert list(model.classes) == expected["classes"]
    names = expected["inputs"]
    sources = names if model.modality == Modality.TEXT else [folder / "inputs" / name for name in names]
    proba = model.predict_proba(sources)
    assert np.ptp(proba[:, 0]) > 0.5  # the inputs differ: a model that has gone deaf could not pass
    np.testing.assert_allclose(proba, np.array(expected["proba"]), atol=1e-6)


def test_one_that_can_doubt_doubts_the_same():
    folder = HERE / "v1-doubt"
    expected = json.loads((folder / "expected.json").read_text())
    model = Model.load(folder / "bundle")
    told = model.predict(expected["inputs"], confidence=expected["confidence"])
    assert {p.answer for p in told} >= {"high", "low", "none of these"}
    assert any(p.unsure for p in told)
    for found, want in zip(told, expected["told"], strict=True):
        assert (list(found.set), found.answer) == (want["set"], want["answer"])
        assert found.novelty == pytest.approx(want["novelty"], abs=1e-6)


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda path: path.name)
def test_a_flipped_byte_anywhere_in_it_is_caught_and_the_file_named(folder: Path, tmp_path: Path):
    bundle = shutil.copytree(folder / "bundle", tmp_path / "bundle")
    rng = random.Random(0)
    for path in sorted(bundle.iterdir()):
        whole = path.read_bytes()
        few = range(len(whole)) if len(whole) < 500 else rng.sample(range(len(whole)), 100)
        for position in few:
            changed = bytearray(whole)
            changed[position] ^= rng.randrange(1, 256)
            path.write_bytes(changed)
            for use in (Model.load, verify_bundle):
                with pytest.raises(CorruptBundleError, match=re.escape(path.name)):
                    use(bundle)
        path.write_bytes(whole)
    Model.load(bundle)


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda path: path.name)
def test_saving_it_again_keeps_its_predictions(folder: Path, tmp_path: Path):
    model = Model.load(folder / "bundle")
    again = Model.load(model.save(tmp_path / "again"))
    names = json.loads((folder / "expected.json").read_text())["inputs"]
    sources = names if model.modality == Modality.TEXT else [folder / "inputs" / name for name in names]
    assert again.predict_proba(sources).tobytes() == model.predict_proba(sources).tobytes()


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda path: path.name)
def test_it_knows_what_it_was_trained_on(folder: Path):
    model = Model.load(folder / "bundle")
    assert len(model.seen) > 20
    new, _ = tiny_sources(model.modality, 3, seed=12345)
    new = [f"{text} unseen" for text in new] if model.modality == Modality.TEXT else new
    assert not model.was_trained_on(model.features(new).contents).any()


@pytest.mark.parametrize("folder", GOLDEN, ids=lambda path: path.name)
def test_a_model_moves_with_its_folder(folder: Path, tmp_path: Path):
    shutil.copytree(folder / "bundle", tmp_path / "elsewhere")
    assert Model.load(tmp_path / "elsewhere").classes == ("high", "low")
