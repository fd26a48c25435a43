"""An assistant from the command line: asked, told what is right, measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import run

import headstart as hs
from kettle import document, documents

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


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "staff").mkdir(parents=True)
    manual = (
        "# Kettle K2\n\n## Care\n\n### Removing limescale\n\n"
        "Fill it with 500 ml of water and 50 ml of vinegar. Let it stand for one hour.\n\n"
        "### Cleaning the filter\n\nPull the filter upwards and wash it.\n"
    )
    (folder / "manual.md").write_text(manual, encoding="utf-8")
    (folder / "answers.csv").write_text(
        "question,answer\nCan I make coffee in it?,No. Use it for water only.\n"
        'Do you sell spare lids?,"Yes, for 4 pounds."\n',
        encoding="utf-8",
    )
    (folder / "staff" / "rules.txt").write_text("The code of the warehouse door is 4711.\n", encoding="utf-8")
    return folder


def test_a_folder_is_built_asked_and_synced(bases_cache: Path, docs: Path, tmp_path: Path) -> None:
    target = tmp_path / "support"
    built = run("assist", "build", docs, "-o", target, "--restricted", "staff").stdout
    assert "support: 3 documents, 5 passages." in built
    said = json.loads(run("ask", target, "How do I get rid of limescale?", "--json").stdout)
    assert said["quotes"][0]["headings"][-1] == "Removing limescale"
    assert said["quotes"][0]["text"].startswith("Fill it with 500 ml")
    assert "Use it for water only." in run("ask", target, "May I make coffee in it?").stdout
    unchanged = json.loads(run("assist", "sync", target, "--json").stdout)
    assert (unchanged["embedded"], unchanged["unchanged"]) == (0, 3)
    (docs / "answers.csv").unlink()
    (docs / "tea.txt").write_text("Tea is made with water of 100 degrees.\n", encoding="utf-8")
    changed = json.loads(run("assist", "sync", target, "--json").stdout)
    assert (changed["added"], changed["removed"], changed["embedded"]) == (["tea.txt"], ["answers.csv"], 1)
    assert "coffee" not in (target / "passages.jsonl").read_text(encoding="utf-8")
    assert "tea.txt" in run("ask", target, "How hot must the water for tea be?").stdout


def test_personal_data_are_listed_before_it_is_shared(bases_cache: Path, tmp_path: Path) -> None:
    text = "Ask Mrs Brown, brown@kettles.co.uk, or call +44 20 7946 0018."
    support = hs.assist([document("help.md", {("Help",): text})]).save(tmp_path / "support")
    said = run("assist", "personal", support).stdout
    assert "mail   brown@kettles.co.uk  help.md" in said
    assert "phone  +44 20 7946 0018  help.md" in said


def test_a_folder_without_documents_is_refused(bases_cache: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    said = run("assist", "build", tmp_path / "docs", "-o", tmp_path / "support", code=2).stderr
    assert "No document could be read in" in said
    assert not (tmp_path / "support").exists()
