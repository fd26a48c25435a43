"""Tuning on every fold for a comparison, and learning from scratch, on a small network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import SmallTunable, small_task

from headstart.finetune import rivals
from headstart.finetune.config import FinetuneConfig
from headstart.finetune.rivals import SCRATCH_EPOCHS, SCRATCH_RATES, from_scratch, tune_folds
from headstart.finetune.tuning import tune
from headstart.types import Modality

CONFIG = replace(
    FinetuneConfig(depth="all", epochs=3, rate=0.03, batch=16, variations=1).resolved(Modality.IMAGE, 120),
    precision="float32",
    folds=3,
)


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_THREADS", "1")


def test_the_answers_are_those_that_training_measures(tmp_path: Path) -> None:
    tunable = SmallTunable()
    found = tune_folds(tunable, small_task(tunable, 120), CONFIG)
    again = SmallTunable()
    trained = tune(again, small_task(again, 120), CONFIG, tmp_path, facts={"data": "d", "base": "b"})
    assert found.chosen.setting == trained.chosen.setting
    assert found.chosen.by_fold == trained.chosen.by_fold
    np.testing.assert_allclose(found.chosen.proba, trained.chosen.proba, atol=1e-5)
    assert found.epochs == 3
    assert found.seconds > 0
    assert found.cpu_seconds > 0


def test_without_gain_it_ends_early() -> None:
    tunable = SmallTunable()
    task = small_task(tunable, 120, noise=True)
    found = tune_folds(tunable, task, replace(CONFIG, epochs=12, patience=1, rate=0.2))
    assert found.epochs < 12


def scratch(seed: int = 1, noise: bool = False):
    task = small_task(SmallTunable(), 120, noise=noise)
    groups = np.arange(len(task.y))
    config = replace(CONFIG, epochs=4)
    found = from_scratch(
        lambda: SmallTunable(seed, fresh=True), task.inputs, task.y, groups, task.folds, config
    )
    return found, task


def test_from_scratch_learns_with_settings_of_its_own() -> None:
    found, task = scratch()
    assert (found.chosen.proba.argmax(1) == task.y).mean() > 0.55  # a third would be guessing
    assert found.config.rate in SCRATCH_RATES
    assert found.epochs == found.config.epochs == 4 * SCRATCH_EPOCHS
    assert (found.config.depth, found.config.decay, found.config.anchor) == ("all", 1.0, 0.0)
    again, _ = scratch()
    assert np.array_equal(found.chosen.proba, again.chosen.proba)


def test_from_scratch_on_noise_is_no_better_than_guessing() -> None:
    found, task = scratch(noise=True)
    assert (found.chosen.proba.argmax(1) == task.y).mean() < 0.5


def test_labels_of_a_fold_do_not_reach_the_run_that_answers_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    task = small_task(SmallTunable(), 120)
    own = task.folds == 0
    seen: list[np.ndarray] = []
    rotate = rivals.rotate

    def watch(scores, y, folds):
        seen.append(scores[(1, 1.0)].copy())
        return rotate(scores, y, folds)

    monkeypatch.setattr(rivals, "rotate", watch)
    for labels in (task.y, np.where(own, (task.y + 1) % 3, task.y)):
        tunable = SmallTunable()
        tune_folds(tunable, replace(task, y=labels), replace(CONFIG, epochs=1, weights=(1.0,)))
    assert np.array_equal(seen[0][own], seen[1][own])
    assert not np.array_equal(seen[0][~own], seen[1][~own])
