"""Choosing settings by the folds that are not judged."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.finetune.rotation import START, rotate, since_gain
from headstart.heads.folds import stratified_group_folds


def _scores(y: np.ndarray, strength: np.ndarray | float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    right = np.eye(3)[y] * np.broadcast_to(strength, len(y))[:, None]
    return right + rng.normal(size=(len(y), 3))


def test_the_better_setting_is_taken_in_every_fold() -> None:
    y = np.arange(150) % 3
    folds = stratified_group_folds(y, None, 3)
    scores = {START: _scores(y, 1.0, 0), (1, 1.0): _scores(y, 3.0, 1), (2, 1.0): _scores(y, 1.5, 2)}
    chosen = rotate(scores, y, folds)
    assert chosen.setting == (1, 1.0)
    assert chosen.by_fold == ((1, 1.0),) * 3
    assert (chosen.proba.argmax(1) == y).mean() == chosen.accuracies[(1, 1.0)]
    assert np.allclose(chosen.proba.sum(1), 1)
    assert since_gain(scores, y) == 1


def test_a_fold_is_never_judged_by_what_it_chose_itself() -> None:
    """A setting that is good in one fold alone is taken by the others, not by that fold."""
    y = np.arange(150) % 3
    folds = stratified_group_folds(y, None, 3)
    here = _scores(y, np.where(folds == 0, 20.0, 0.0), 1)
    chosen = rotate({START: _scores(y, 2.0, 0), (1, 1.0): here}, y, folds)
    assert chosen.by_fold[0] == START


def test_without_a_gain_the_start_is_taken() -> None:
    y = np.arange(90) % 3
    scores = _scores(y, 1.0, 0)
    chosen = rotate({(1, 0.5): scores, START: scores}, y, stratified_group_folds(y, None, 3))
    assert chosen.setting == START
    assert since_gain({(1, 0.5): scores, START: scores}, y) == 1


def test_answers_that_are_no_numbers_are_never_chosen() -> None:
    y = np.arange(90) % 3
    folds = stratified_group_folds(y, None, 3)
    astray = _scores(y, 9.0, 1)
    astray[folds == 1] = np.nan
    scores = {START: _scores(y, 1.0, 0), (1, 1.0): astray, (2, 1.0): np.full((90, 3), np.nan)}
    chosen = rotate(scores, y, folds)
    assert chosen.setting == START
    assert chosen.by_fold[0] == chosen.by_fold[2] == START
    assert since_gain(scores, y) == 2


def test_choosing_among_guesses_gives_no_better_than_guessing() -> None:
    rng = np.random.default_rng(0)
    shares = []
    for trial in range(60):
        y = rng.integers(0, 2, 60)
        folds = stratified_group_folds(y, None, 3, trial)
        scores = {(epoch, 1.0): rng.normal(size=(60, 2)) for epoch in range(20)}
        chosen = rotate(scores, y, folds)
        shares.append(float((chosen.proba.argmax(1) == y).mean()))
        assert max(chosen.accuracies.values()) > 0.5
    assert np.mean(shares) == pytest.approx(0.5, abs=0.03)
