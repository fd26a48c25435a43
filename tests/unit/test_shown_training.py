"""What a terminal shows of training: every table says how its figures were measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from headstart.cli.reporting import print_training
from headstart.cli.show_check import print_advice
from headstart.cli.summary import print_summary
from headstart.group_report import SuspectedGroups
from headstart.reports import ClassScore, GentleReport
from headstart.types import Problem
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


def test_a_summary_fits_one_screen_with_everything_there_is_to_say(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    report = replace(training(), suspected_groups=(KITS,), model="kits")
    print_summary(report, advice(), None)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert max(len(line.rstrip()) for line in lines) <= 80
    shown = " ".join(" ".join(lines).split())
    assert "which do you expect?" in shown
    assert "Of 100 new photos like these, expect" in shown
    assert "Baselines: commonest class" in shown
    assert "Next: " in shown
    assert "Next: Train" not in shown
    assert lines[-1].startswith("Try it:  headstart predict kits ")


def test_a_summary_names_the_weakest_classes_and_what_they_are_taken_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    scores = {
        name: ClassScore(recall, 0.1, 0.9, 20)
        for name, recall in zip("abcd", (1.0, 0.5, 0.9, 0.7), strict=True)
    }
    confusion = ((20, 0, 0, 0), (1, 10, 3, 6), (2, 0, 18, 0), (0, 6, 0, 14))
    report = training()
    print_summary(
        replace(report, evaluation=replace(report.evaluation, per_class=scores, confusion=confusion))
    )
    shown = capsys.readouterr().out
    rows = [line.split() for line in shown.splitlines() if line[:2] in ("a ", "b ", "c ", "d ")]
    assert rows == [
        ["b", "20", "50%", "10%", "to", "90%", "d", "(6)"],
        ["d", "20", "70%", "10%", "to", "90%", "b", "(6)"],
        ["c", "20", "90%", "10%", "to", "90%", "a", "(2)"],
    ]


def test_a_summary_lists_what_was_not_used_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    broken = [Problem(f"a/{n}.jpg", "the file ends in the middle", "truncated") for n in range(5)]
    print_summary(replace(training(), problems=broken))
    shown = capsys.readouterr().out
    assert "Not used: 5" in shown
    assert "a/0.jpg: the file ends in the middle" in shown
    assert "and 2 more" in shown


def test_a_summary_says_in_one_sentence_what_became_of_the_gentle_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_summary(replace(training(), method="gentle", gentle=GENTLE))
    assert "Gentle fine-tuning was kept: it won.\n" in capsys.readouterr().out


@pytest.mark.parametrize("show", [print_summary, print_training])
def test_classes_that_may_be_one_are_noted_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, show: Callable[..., None]
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    alike = Problem("Yes", "The classes 'Yes' and 'yes' differ only in capitals.", "similar_classes")
    report = replace(
        training(), notes=("one", "two", "three"), problems=(Problem("a", "It is empty.", "x"), alike)
    )
    show(report)
    shown = capsys.readouterr().out
    assert shown.index("Note: The classes 'Yes' and 'yes'") < shown.index("Note: one")
    assert shown.count("differ only in capitals") == 1
    assert "Not used: 1" in shown
