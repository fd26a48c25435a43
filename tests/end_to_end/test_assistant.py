"""An assistant from the command line: asked, told what is right, measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import run

import headstart as hs
from kettle import documents

pytestmark = pytest.mark.bases
UNKNOWN = "What is the capital of Mongolia?"


@pytest.fixture
def support(bases_cache: Path, tmp_path: Path) -> Path:
    return hs.assist(documents(), restricted=["staff"]).save(tmp_path / "support")


def test_a_question_is_answered_with_its_place(support: Path) -> None:
    said = run("ask", support, "How do I get rid of limescale?").stdout
    assert "Fill it with 500 ml of water and 50 ml of vinegar." in said
    assert "manual.pdf, Care > Removing limescale, page 3" in said
    assert "% sure)" in said
    answer = json.loads(run("ask", support, "How do I get rid of limescale?", "--json").stdout)
    assert answer["status"] == "answer"
    assert answer["quotes"][0]["document"] == "manual.pdf"


def test_what_is_not_known_is_said_and_listed(support: Path) -> None:
    assert "I found nothing about this in the documents." in run("ask", support, UNKNOWN).stdout
    assert f"1  {UNKNOWN}" in run("assist", "unanswered", support).stdout
    run("assist", "feedback", support, UNKNOWN, "--answer", "Ulaanbaatar.")
    assert "Ulaanbaatar." in run("ask", support, UNKNOWN).stdout
    assert "Nothing is waiting for an answer." in run("assist", "unanswered", support).stdout


def test_restricted_documents_need_their_group(support: Path) -> None:
    question = "What is the code of the warehouse door?"
    assert "4711" not in run("ask", support, question).stdout
    assert "4711" in run("ask", support, question, "--group", "staff").stdout


def test_a_conversation_goes_on_and_can_be_told_to_start_afresh(support: Path) -> None:
    lines = "How long does delivery within England take?\nand to Scotland?\n/alone\n"
    said = [json.loads(line) for line in run("ask", support, "--json", stdin=lines).stdout.splitlines()]
    assert [answer["understood"] for answer in said] == ["", said[0]["question"], ""]
    shown = run("ask", support, stdin=lines).stdout
    assert "understood as going on from: How long does delivery within England take?" in shown


def test_it_is_measured_on_questions(support: Path, tmp_path: Path) -> None:
    table = tmp_path / "questions.csv"
    table.write_text(
        "question,file\nHow do I get rid of limescale?,manual.pdf\nCan I send it back?,shop.md\n"
        f"{UNKNOWN},\n",
        encoding="utf-8",
    )
    said = run("evaluate", support, table).stdout
    assert "2 questions whose answers are in 2 documents, 1 that have none" in said
    assert "It answers " in said
    report = json.loads(run("evaluate", support, table, "--json").stdout)
    assert report["recall_3"]["estimate"] == 1
    assert report["wrongly_answered"]["estimate"] == 0


def test_other_commands_say_that_it_is_no_model(support: Path) -> None:
    said = run("predict", support, "limescale", code=2).stderr
    assert "is an assistant, not a model" in said
    assert "headstart ask" in said


def test_a_folder_that_is_no_assistant_is_refused(tmp_path: Path) -> None:
    said = run("ask", tmp_path, "How?", code=2).stderr
    assert "There is no assistant at" in said
    assert "headstart assist build -o" in said
