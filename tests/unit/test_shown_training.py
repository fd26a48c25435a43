"""What a terminal shows of training: every table says how its figures were measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.cli.reporting import print_training
from headstart.cli.show_check import print_advice
from headstart.group_report import SuspectedGroups
from headstart.reports import GentleReport
from report_samples import advice, training


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


KITS = SuspectedGroups("name-prefix", 8, 120, 0.602, 0.94, lower=True, names=("kit[1]", "kit2", "kit3"))


def test_groups_that_matter_are_asked_about_before_any_figure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    print_training(replace(training(), suspected_groups=(KITS,)))
    shown = capsys.readouterr().out
    asked = (
        "94 of 100 if new photos come from the same 8 groups as these; 60 of 100 if they come from new ones"
    )
    assert shown.index(asked) < shown.index("Of 100 new photos like these")
    assert "(kit[1], kit2, kit3, …)" in shown
    assert "add --groups name-prefix:" in shown
    assert "add --groups none," in shown


def test_groups_that_do_not_matter_are_told_among_the_findings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    print_training(replace(training(), suspected_groups=(replace(KITS, accuracy=0.935, lower=False),)))
    shown = capsys.readouterr().out
    assert "which do you expect?" not in shown
    assert (
        "there are 8 (kit[1], kit2, kit3, …), and 94 of 100 are right when a whole group is left out."
        in shown
    )


def test_a_check_leads_with_the_question_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    found = replace(advice(), suspected_groups=(KITS,))
    print_advice(found)
    shown = capsys.readouterr().out
    assert shown.index("which do you expect?") < shown.index(found.verdict[:40])
    assert found.to_dict()["suspected_groups"] == [KITS.to_dict()]
