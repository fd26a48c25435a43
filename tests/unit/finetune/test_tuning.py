"""Tuning from beginning to end on a small network: gains, stopping, resuming."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from small import SmallTunable, small_task

from headstart.errors import ParameterError, StorageError
from headstart.execution import Progress
from headstart.finetune.config import FinetuneConfig
from headstart.finetune.rotation import START
from headstart.finetune.tuning import STAGE, Tuned, tune
from headstart.types import Modality

CONFIG = replace(
    FinetuneConfig(depth="all", epochs=4, rate=0.03, batch=16, variations=1).resolved(Modality.IMAGE, 90),
    precision="float32",
    folds=3,
)
FACTS = {"data": "d", "base": "b"}


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """On networks this small several threads only wait for each other."""
    monkeypatch.setenv("HEADSTART_THREADS", "1")


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


def _after(steps: int, error: BaseException):
    seen = 0

    def progress(told: Progress) -> None:
        nonlocal seen
        seen += told.stage == STAGE
        if seen == steps:
            raise error

    return progress


def _tune(folder: Path, *, config: FinetuneConfig = CONFIG, noise: bool = False, **more) -> Tuned:
    tunable = SmallTunable()
    return tune(tunable, small_task(tunable, 120, noise=noise), config, folder, facts=FACTS, **more)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_THREADS", "1")
        return _tune(tmp_path_factory.mktemp("run"))


def test_it_learns_what_no_head_can(unbroken: Tuned) -> None:
    chosen = unbroken.chosen
    y = small_task(SmallTunable(), 120).y
    assert chosen.setting[0] >= 1
    assert (chosen.proba.argmax(1) == y).mean() > chosen.accuracies[START] + 0.1
    assert unbroken.epochs == 4
    assert unbroken.stopped == ""
    assert [record["epoch"] for record in unbroken.history] == [1, 2, 3, 4]
    assert unbroken.cpu_seconds > 0


def test_the_finished_head_and_weights_belong_together(unbroken: Tuned) -> None:
    tunable = SmallTunable()
    task = small_task(tunable, 120)
    tunable.module.load_state_dict(unbroken.state_dict)
    with torch.no_grad():
        outputs = {k: v.numpy() for k, v in tunable.run(tunable.collate(task.inputs, rng=None)).items()}
    told = unbroken.head.predict_proba(outputs).argmax(1)
    assert (told == task.y).mean() > 0.8
    assert unbroken.head.meta["head"] == "gentle"


def test_the_same_seed_gives_the_same_numbers(unbroken: Tuned, tmp_path: Path) -> None:
    again = _tune(tmp_path / "run")
    assert np.array_equal(again.chosen.proba, unbroken.chosen.proba)
    other = _tune(tmp_path / "other", config=replace(CONFIG, seed=1, epochs=1))
    assert other.history[0]["loss"] != unbroken.history[0]["loss"]


@pytest.mark.parametrize("steps", [1, 31, 60])
def test_what_was_killed_goes_on_as_if_nothing_had_been(unbroken: Tuned, tmp_path: Path, steps: int) -> None:
    with pytest.raises(Killed):
        _tune(tmp_path, progress=_after(steps, Killed()))
    resumed = _tune(tmp_path, resume=True)
    assert np.array_equal(resumed.chosen.proba, unbroken.chosen.proba)
    assert resumed.chosen.setting == unbroken.chosen.setting
    for name, value in unbroken.state_dict.items():
        assert torch.equal(value, resumed.state_dict[name])
    for name, block in unbroken.head.blocks.items():
        assert np.array_equal(block.weight, resumed.head.blocks[name].weight)


def test_stopped_by_a_person_the_best_so_far_is_kept(tmp_path: Path) -> None:
    tuned = _tune(tmp_path, progress=_after(45, KeyboardInterrupt()))
    assert tuned.stopped == "person"
    assert 1 <= tuned.epochs < 4
    assert max(epoch for epoch, _ in tuned.chosen.losses) == tuned.epochs
    assert _tune(tmp_path, resume=True).epochs == 4


def test_stopped_before_anything_was_learnt_there_is_nothing_to_keep(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _tune(tmp_path, progress=_after(3, KeyboardInterrupt()))


def test_labels_without_sense_are_not_learnt(tmp_path: Path) -> None:
    tuned = _tune(tmp_path, noise=True, config=replace(CONFIG, patience=2))
    y = small_task(SmallTunable(), 120, noise=True).y
    assert (tuned.chosen.proba.argmax(1) == y).mean() < 0.45


def test_without_gain_it_ends_by_itself(tmp_path: Path) -> None:
    tuned = _tune(tmp_path, noise=True, config=replace(CONFIG, epochs=12, patience=1, rate=0.2))
    assert tuned.stopped == "no gain"
    assert tuned.epochs < 12


def test_an_unfinished_run_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        _tune(tmp_path, progress=_after(3, Killed()))
    with pytest.raises(ParameterError, match=r"holds an unfinished run\.\nContinue it with --resume"):
        _tune(tmp_path)


def test_a_run_of_something_else_is_not_continued(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        _tune(tmp_path, progress=_after(3, Killed()))
    with pytest.raises(ParameterError, match=r"rate was 0\.03 and is 0\.01 now"):
        _tune(tmp_path, config=replace(CONFIG, rate=0.01), resume=True)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        _tune(tmp_path, progress=_after(30, Killed()))
    path = tmp_path / "run-0.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(StorageError, match=r"run-0.safetensors is not a whole checkpoint"):
        _tune(tmp_path, resume=True)


def test_little_memory_makes_smaller_steps_and_the_same_model(unbroken: Tuned, tmp_path: Path) -> None:
    from headstart.finetune import tuning

    small = tuning.Found("float32", 2, 1)
    assert unbroken.found.micro == 16
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning, "find_out", lambda *_, **__: small)
        tuned = _tune(tmp_path, config=replace(CONFIG, variations=0))
        patch.setattr(tuning, "find_out", lambda *_, **__: replace(small, micro=16))
        whole = _tune(tmp_path / "whole", config=replace(CONFIG, variations=0))
    assert np.allclose(tuned.chosen.proba, whole.chosen.proba, atol=1e-2)


def test_a_bound_below_what_is_in_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"is less than the .* GB that are in use"):
        _tune(tmp_path, config=replace(CONFIG, memory=1000))
