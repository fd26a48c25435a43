"""Every bundle that a released version wrote loads for ever and predicts the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from headstart.model import Model
from headstart.types import Modality
from tiny import tiny_sources

HERE = Path(__file__).parent
GOLDEN = sorted(path.parent for path in HERE.glob("*/expected.json"))


def test_there_is_one_for_each_modality_and_format():
    assert {path.name for path in GOLDEN} >= {"v1-image", "v1-text", "v1-audio"}


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
