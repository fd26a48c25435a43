"""What is measured, in figures and in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.assistant.assistant import Assistant
from headstart.assistant.indexing import index_documents
from headstart.assistant.passages import Passage
from headstart.assistant.questions import Question, is_right, read_questions
from headstart.errors import LayoutError, NotEnoughDataError, ParameterError
from headstart.execution import silent
from kettle import documents

ASKED = [
    Question("How do I get rid of limescale?", "manual.pdf", page=3),
    Question("How do I descale it?", "manual.pdf", "Fill it with 500 ml of water and 50 ml of vinegar."),
    Question("How many days do I have to send something back?", "shop.md"),
    Question("Is coffee allowed in it?", "answers.csv", "No. Use it for water only."),
    Question("Who won the world cup in 1998?"),
    Question("What is the capital of Mongolia?"),
]


@pytest.mark.bases
def test_an_assistant_is_measured(assistant: Assistant) -> None:
    report = assistant.evaluate(ASKED)
    assert (report.n, report.n_documents, report.unanswerable) == (4, 3, 2)
    assert report.recall_3.estimate == 1
    assert report.wrongly_answered.estimate == 0
    assert 0.3 < report.recall_3.low < 1
    assert report.sentence.startswith("It answers ")
    assert "It answers 0 (0 to 66) of 100 questions that it should not." in report.sentence
    assert report.caution.startswith("The questions name files, not passages")
    assert report.by_coverage[0] == (1.0, report.recall_1.estimate)
    assert assistant.unanswered() == []


@pytest.mark.bases
def test_the_questions_of_an_only_document_count_one_by_one(built: Assistant) -> None:
    content, _ = index_documents(documents()[:1], (), None, built.encoder, frozenset(), silent)
    alone = Assistant(content, built.encoder)
    asked = [
        Question("How do I get rid of limescale?", "manual.pdf", page=3),
        Question("How do I clean the filter?", "manual.pdf", page=4),
        Question("What do I do first with a new kettle?", "manual.pdf", page=2),
        Question("Why does it not switch on?", "manual.pdf", page=5),
    ]
    report = alone.evaluate(asked)
    assert report.n_documents == 1
    for interval in (report.recall_1, report.recall_3, report.mrr):
        assert interval.high - interval.low > 0.1
        assert "in 1 group" not in interval.how
    assert report.recall_3.estimate == 1
    assert report.recall_3.low > 0.4  # four questions, not one
    two = built.evaluate(asked)  # of several documents: nothing is known of the others
    assert two.mrr.high - two.mrr.low > 0.5


@pytest.mark.bases
def test_questions_made_from_the_documents_are_said_to_be_easy(assistant: Assistant) -> None:
    report = assistant.evaluate([Question("Do you sell spare lids?", "answers.csv"), *ASKED[:2]])
    assert report.made_from_documents == 1
    assert "1 of 3 questions stand in the documents word for word" in report.caution
    assert "easier than people's" in report.caution


@pytest.mark.bases
def test_a_file_that_is_not_among_the_documents_is_refused(assistant: Assistant) -> None:
    with pytest.raises(
        ParameterError, match=r"'manual\.docx', the file of the question 'How\?', is not among"
    ):
        assistant.evaluate([Question("How?", "manual.docx")])
    with pytest.raises(NotEnoughDataError, match="No question says where its answer is"):
        assistant.evaluate([Question("How?")])


def test_a_table_of_questions_is_read(tmp_path: Path) -> None:
    table = tmp_path / "questions.csv"
    table.write_text(
        '\ufeffQuestion;File;Page;Passage\nHow?;docs\\manual.pdf;3;\n;;;\n"Why, then?";;;\n', encoding="utf-8"
    )
    assert read_questions(table) == [Question("How?", "docs/manual.pdf", page=3), Question("Why, then?")]


def test_lines_of_json_are_read(tmp_path: Path) -> None:
    table = tmp_path / "questions.jsonl"
    table.write_text('{"question": "How?", "file": "a.md", "gold_text": "So."}\n\n', encoding="utf-8")
    assert read_questions(table) == [Question("How?", "a.md", "So.")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,file\nHow?,a.md\n", r"needs columns 'question' and 'file'.*found 'text', 'file'"),
        ("question,note\nHow?,x\n", r"needs columns 'question' and 'file'.*\n.*Name a column 'file'"),
        ("question,file,page\nHow?,a.md,three\n", r"row 2: page must be a whole number, found 'three'"),
    ],
)
def test_a_table_that_is_not_understood_is_refused(tmp_path: Path, content: str, message: str) -> None:
    table = tmp_path / "questions.csv"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(LayoutError, match=message):
        read_questions(table)


def test_a_table_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="There is no file"):
        read_questions(tmp_path / "none.csv")
    (tmp_path / "q.csv").write_text("question,file\n,\n")
    with pytest.raises(NotEnoughDataError, match="holds no question"):
        read_questions(tmp_path / "q.csv")


TEXT = "Fill the kettle with water and vinegar, let it stand for an hour, then boil it once."


@pytest.mark.parametrize(
    ("question", "right"),
    [
        (Question("?", "a.md", TEXT), True),
        (Question("?", "b.md", TEXT), False),
        (Question("?", "", "let it stand for an hour"), True),
        (Question("?", "", "let it stand for two hours"), False),
        (Question("?", "a.md", page=4), True),
        (Question("?", "a.md", page=7), False),
        (Question("?", "a.md"), True),
        (Question("?", "a.md", "vinegar"), True),
    ],
)
def test_which_passage_is_right(question: Question, right: bool) -> None:
    assert is_right(Passage("k", "a.md", "A", (), TEXT, page=3), question) is right
