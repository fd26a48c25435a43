"""What training returns: a model that only predicts, its report, and advice where it was asked for."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import headstart as hs
from headstart.bundle import read_report
from headstart.errors import ParameterError
from headstart.workflows import export
from headstart.workflows.config import TrainConfig, finetune_settings
from tiny import add_tiny_base, tiny_sources


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> hs.TrainingResult:
    folder = tmp_path_factory.mktemp("result")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        patch.setenv("HEADSTART_OFFLINE", "1")
        name = add_tiny_base(patch, folder / "bases", "text")
        texts, labels = tiny_sources("text", 60)
        return hs.train(texts, labels, base=name, use_cache=False, advise=True, save_to=folder / "mood")


def test_a_model_knows_nothing_of_its_training(result: hs.TrainingResult) -> None:
    assert not {"report", "advice"} & {one.name for one in fields(result.model)}
    assert result.model.quality == result.report.to_dict()
    assert result.advice is not None
    assert result.advice.evaluation.n == result.report.used


def test_three_lines_train_predict_and_save(result: hs.TrainingResult, tmp_path: Path) -> None:
    texts, _ = tiny_sources("text", 12, seed=5)
    model = result.model
    assert result.predict(texts, top=1) == model.predict(texts, top=1)
    assert list(result.predict_iter(texts, chunk=5)) == list(model.predict_iter(texts, chunk=5))
    assert result.predict_proba(texts).tobytes() == model.predict_proba(texts).tobytes()
    assert result.nearest(texts, 2) == model.nearest(texts, 2)
    assert (result.classes, result.modality) == (model.classes, hs.Modality.TEXT)
    assert (result.name, result.created, result.quality) == ("mood", model.created, model.quality)
    again = hs.load_model(result.save(tmp_path / "again"))
    assert again.predict_proba(texts).tobytes() == model.predict_proba(texts).tobytes()
    assert "accuracy" in repr(result)


def test_it_may_be_given_wherever_a_model_is(result: hs.TrainingResult, tmp_path: Path) -> None:
    texts, labels = tiny_sources("text", 20, seed=6)
    assert hs.evaluate(result, texts, labels).used == hs.evaluate(result.model, texts, labels).used
    assert export(result, output=tmp_path / "mood.onnx").path == str(tmp_path / "mood.onnx")
    (tmp_path / "new.txt").write_text(texts[0])
    assert hs.predict_many(result, [tmp_path / "new.txt"], out=tmp_path / "answers.csv").done == 1


def test_a_saved_model_still_tells_its_report(result: hs.TrainingResult, tmp_path: Path) -> None:
    saved = result.save(tmp_path / "mood")
    assert read_report(saved)["accuracy"] == hs.load_model(saved).quality["accuracy"]
    assert read_report(saved)["used"] == result.report.used


def test_models_are_loaded_and_saved_in_a_process_that_did_nothing_before(
    result: hs.TrainingResult, tmp_path: Path
) -> None:
    saved = result.save(tmp_path / "mood")
    program = "import sys, headstart; headstart.Model.load(sys.argv[1]).save(sys.argv[2])"
    subprocess.run([sys.executable, "-c", program, str(saved), str(tmp_path / "copy")], check=True)
    assert hs.load_model(tmp_path / "copy").classes == result.classes


def test_a_model_alone_knows_no_format() -> None:
    program = "from headstart.model import Model\nModel.load('mood')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "RuntimeError: Import headstart.bundle first" in done.stderr


def test_how_to_train_is_checked_before_anything_is_read() -> None:
    with pytest.raises(ParameterError, match="method must be frozen, gentle or auto, got 'slow'"):
        TrainConfig(method="slow")
    with pytest.raises(ParameterError, match="head must be one of auto, ridge"):
        hs.train("no/such/folder", head="forest")
    assert not TrainConfig().tunes
    assert TrainConfig(method="auto").tunes


def test_tuning_shares_the_seed_unless_it_is_told_its_own() -> None:
    assert finetune_settings(None, 7).seed == 7
    assert finetune_settings({"seed": 3}, 7).seed == 3
