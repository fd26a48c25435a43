"""Gentle fine-tuning with the real program, base and photos."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from program import PROGRAM, run

import headstart as hs
from headstart.errors import Cancelled
from headstart.execution import Progress
from headstart.reasons import Reason
from headstart.workflows import gentle as workflow

pytestmark = [pytest.mark.bases, pytest.mark.realdata]
QUICK = ("--method", "gentle", "--base", "efficientnet_lite0", "--depth", "top", "--no-report")
WITHOUT_TORCH = """
import sys
for name in ("torch", "timm", "transformers", "peft", "accelerate"):
    sys.modules[name] = None
import json, headstart as hs
model = hs.load_model(sys.argv[1])
print(json.dumps(model.predict_proba(sys.argv[2:]).tolist()))
"""


@pytest.fixture
def few_photos(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten photos in each of three classes."""
    for folder in photos.iterdir():
        for photo in sorted(folder.iterdir())[10:]:
            photo.unlink()
    monkeypatch.setenv("HEADSTART_THREADS", "1")
    return photos


def test_a_tuned_model_is_saved_and_predicts_without_torch(
    few_photos: Path, tmp_path: Path, bases_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "verdict", lambda *_: (True, Reason("surely", text="the test says so")))
    config = {"depth": "top", "epochs": 1, "folds": 2, "variations": 1, "precision": "float32"}
    model = hs.train(
        few_photos, base="efficientnet_lite0", method="gentle", finetune=config, save_to=tmp_path / "m"
    )
    assert model.report.method == "gentle"
    assert model.report.base == "efficientnet_lite0-tuned"
    assert model.report.gentle.config["epochs"] == 1
    assert model.report.gentle.forgetting["words"]
    assert 0 < model.report.gentle.forgetting["probe"]["agreement"] <= 1
    assert not (tmp_path / "m.run").exists()
    assert "Gentle fine-tuning was kept: the test says so." in (tmp_path / "m" / "README.md").read_text()
    some = [str(path) for path in sorted(few_photos.rglob("*.jpg"))[::7]]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path / "m"), *some],
        capture_output=True,
        text=True,
        check=True,
    )
    assert np.allclose(json.loads(done.stdout), model.predict_proba(some), atol=1e-6)
    saved = json.loads((tmp_path / "m" / "manifest.json").read_text())
    assert saved["quality"]["gentle"]["config"]["depth"] == "top"


def test_auto_does_not_try_where_no_gain_could_show(few_photos: Path, bases_cache: Path) -> None:
    model = hs.train(few_photos, base="efficientnet_lite0", method="auto")
    assert model.report.method == "frozen"
    assert not model.report.gentle.tried
    assert "mistakes of the frozen model no gain could be beyond doubt" in model.report.gentle.why


def test_cancelled_before_anything_was_learnt_nothing_stays_behind(
    few_photos: Path, tmp_path: Path, bases_cache: Path
) -> None:
    def cancel(step: Progress) -> None:
        if step.stage == "tuning":
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        hs.train(
            few_photos,
            base="efficientnet_lite0",
            method="gentle",
            finetune={"depth": "top", "epochs": 1, "variations": 0, "precision": "float32"},
            save_to=tmp_path / "m",
            progress=cancel,
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["headstart-cache", "photos"]


def test_asking_for_what_is_not_there_is_told_before_any_work(few_photos: Path, tmp_path: Path) -> None:
    (tmp_path / "m.run").mkdir()
    (tmp_path / "m.run" / "run.json").write_text("{}")
    for arguments, says in (
        (("--depth", "deep"), "depth must be one of auto, top, half, all, got 'deep'."),
        (("--memory", "much"), "An amount of memory must be a number with MB or GB, got 'much'."),
        ((), "m.run holds an unfinished run."),
    ):
        done = run("train", few_photos, "-o", tmp_path / "m", *QUICK, *arguments, code=2)
        assert says in " ".join(done.stderr.split())
    done = run("train", few_photos, "-o", tmp_path / "other", *QUICK, "--resume", code=2)
    assert "There is no unfinished run" in done.stderr


def test_without_the_libraries_the_exact_command_is_named(
    few_photos: Path, tmp_path: Path, bases_cache: Path
) -> None:
    """An environment without torch, made by hiding it."""
    code = "import sys; sys.modules['torch'] = None; from headstart.__main__ import main; main()"
    arguments = ("train", few_photos, "-o", tmp_path / "m", *QUICK)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "torch is needed to tune a base model and is not installed." in done.stderr
    assert "pip install 'headstart[finetune]'" in done.stderr


def _killed_after(arguments: list[str], runs: Path, seconds: float) -> bool:
    """Start the program, wait until tuning has begun and some more, and kill it; was it still there?"""
    process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(runs.glob("run-*.safetensors")):
        time.sleep(0.05)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


@pytest.mark.slow
def test_killed_twenty_times_and_resumed_it_gives_the_same_figures(
    few_photos: Path, tmp_path: Path, bases_cache: Path
) -> None:
    epochs = ("--epochs", "4", "--json")
    whole = json.loads(run("train", few_photos, "-o", tmp_path / "whole", *QUICK, *epochs).stdout)
    arguments = ["train", str(few_photos), "-o", str(tmp_path / "m"), *QUICK, *epochs]
    rng = np.random.default_rng(0)
    kills = 0
    for _ in range(20):
        resume = ["--resume"] if (tmp_path / "m.run").exists() else []
        kills += _killed_after([*arguments, *resume], tmp_path / "m.run", float(rng.uniform(0, 1.5)))
        if (tmp_path / "m").exists():  # it got to the end: begin anew
            shutil.rmtree(tmp_path / "m")
            shutil.rmtree(tmp_path / "m.run", ignore_errors=True)
        if (tmp_path / "m.run").exists():
            _read_all(tmp_path / "m.run")
    assert kills >= 15
    resume = ["--resume"] if (tmp_path / "m.run").exists() else []
    again = json.loads(run(*arguments, *resume).stdout)
    same = ("setting", "frozen_accuracy", "gentle_accuracy", "difference", "log_loss_difference", "p_value")
    assert {key: again["gentle"][key] for key in same} == {key: whole["gentle"][key] for key in same}
    assert again["accuracy"] == whole["accuracy"]
    assert again["per_class"] == whole["per_class"]


def _read_all(folder: Path) -> None:
    """Read every file of a run, which fails where one is not whole."""
    from headstart.finetune.checkpoint import read_record, read_state

    read_record(folder)
    for path in folder.glob("*.safetensors"):
        if not path.name.startswith("."):
            read_state(path)
