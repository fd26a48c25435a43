"""What a terminal shows of training: every table says how its figures were measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.cli.reporting import print_training
from headstart.reports import GentleReport
from report_samples import training


def interval(at: float) -> dict[str, float]:
    return {"estimate": at, "low": at - 0.02, "high": at + 0.02}


GENTLE = GentleReport(
    tried=True, kept=True, why="it won", base="small_base", frozen_accuracy=0.91, gentle_accuracy=0.96,
    frozen_alone=0.933, difference={"estimate": 0.05, "low": 0.01, "high": 0.09}, folds=3,
    gentle=interval(0.96), frozen=interval(0.91), floor=interval(0.66), seconds=60, cpu_seconds=60,
)  # fmt: skip


def test_a_tuned_model_stands_beside_the_frozen_one_on_the_same_folds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    print_training(replace(training(), method="gentle", base="small_base-tuned", gentle=GENTLE))
    shown = " ".join(capsys.readouterr().out.split())
    assert "Measured in the same way, on the same 3 folds" in shown
    assert "small_base, gently tuned <- kept 96.0% 94.0% to 98.0%" in shown
    assert "The frozen model 91.0% 89.0% to 93.0%" in shown
    assert "A simple method, no base model 66.0%" in shown
    assert "What was measured before tuning, by leave-one-out" in shown
    assert "small_base <- tuned" in shown
    assert "the frozen one gets 93.3 of 100 right and not 91.0" in shown


def test_without_tuning_nothing_is_said_of_folds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    print_training(training())
    shown = capsys.readouterr().out
    assert "the same" not in shown
    assert "What was measured" in shown
    assert "before tuning" not in shown
    assert "small_base  <- taken" in shown
