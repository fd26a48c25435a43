"""Feedback makes the next answer better, and never one worse that was right."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.assistant.answers import Status
from headstart.assistant.assistant import Assistant
from headstart.assistant.journal import FEEDBACK, UNANSWERED, Journal
from headstart.errors import CorruptBundleError, ParameterError, StorageError

pytestmark = pytest.mark.bases
ODD = "The thing screams like a jet plane"


def key_under(assistant: Assistant, heading: str) -> str:
    return next(p.key for p in assistant.content.passages if heading in p.headings)


def test_another_wording_finds_its_passage_from_then_on(assistant: Assistant) -> None:
    right = key_under(assistant, "Removing limescale")
    assert assistant.search(ODD)[0][0].key != right
    assert assistant.feedback(ODD, passage=right).applied
    answer = assistant.ask("The thing screams like a jet")
    assert answer.status is Status.ANSWER
    assert answer.quotes[0].passage == right


def test_a_wording_that_would_take_another_right_answer_away_is_not_followed(assistant: Assistant) -> None:
    first, limescale = assistant.search(ODD)[0][0].key, key_under(assistant, "Removing limescale")
    assert first != limescale
    assistant.feedback(ODD, right=True)
    taken = assistant.feedback(f"{ODD}!", passage=limescale)
    assert not taken.applied
    assert taken.broken == (ODD,)
    assert assistant.search(ODD)[0][0].key == first


def test_an_answer_that_a_person_wrote_is_returned_whole(assistant: Assistant) -> None:
    question = "Is there a kettle for camping?"
    written = "Yes, the K2 Travel.\nIt runs on 12 volts."
    assert assistant.feedback(question, answer=written).applied
    answer = assistant.ask("Do you have a kettle for camping?")
    assert (answer.text, answer.quotes[0].place) == (written, "feedback.jsonl:1")
    assistant.feedback(question, answer="No longer.")
    assert assistant.ask(question).text == "No longer."


def test_an_answer_for_a_group_is_seen_by_the_group(assistant: Assistant) -> None:
    assistant.feedback("What is the safe's number?", answer="It is 1234.", group="staff")
    assert "1234" not in str(assistant.ask("What is the safe's number?").to_dict())
    assert assistant.ask("What is the safe's number?", groups=["staff"]).text == "It is 1234."


def test_a_thumb_is_kept_and_changes_no_answer(assistant: Assistant) -> None:
    before = assistant.ask("How do I clean the filter?")
    assert not assistant.feedback("How do I clean the filter?", right=False).applied
    assert assistant.ask("How do I clean the filter?") == before
    assert [right for _, right in assistant.learned.judged] == [False]


def test_thumbs_keep_or_end_the_wording_of_a_passage(assistant: Assistant) -> None:
    right = key_under(assistant, "Removing limescale")
    assistant.feedback(ODD, passage=right)
    assistant.feedback(ODD, right=True, passage=right)
    assert [wording.passage for wording in assistant.learned.wordings] == [right]
    assistant.feedback(ODD, right=False, passage=right)
    assert assistant.learned.wordings == ()
    assert assistant.search(ODD)[0][0].key != right


def test_a_passage_takes_the_place_of_an_answer_that_was_written_before(assistant: Assistant) -> None:
    assistant.feedback(ODD, answer="It does not.")
    assert assistant.ask(ODD).text == "It does not."
    assistant.feedback(ODD, right=True)
    assert assistant.ask(ODD).text == "It does not."
    assistant.feedback(ODD, passage=key_under(assistant, "Removing limescale"))
    assert assistant.ask(ODD).quotes[0].document == "manual.pdf"


def test_a_thumb_down_for_a_later_passage_says_nothing_of_the_first(assistant: Assistant) -> None:
    assistant.feedback("How do I clean the filter?", right=False, passage=key_under(assistant, "Warranty"))
    assert assistant.learned.judged == ()


def test_unanswered_questions_wait_until_somebody_answers_them(assistant: Assistant) -> None:
    for _ in range(2):
        assistant.ask("What is the capital of Mongolia?")
    assistant.ask("Who won the cup in 1998?")
    assistant.ask("Who wrote Hamlet?", keep=False)
    waiting = [("What is the capital of Mongolia?", 2), ("Who won the cup in 1998?", 1)]
    assert assistant.unanswered() == waiting
    assistant.feedback("What is the capital of Mongolia?", answer="Ulaanbaatar.")
    assert assistant.unanswered() == waiting[1:]


def test_a_folder_that_may_only_be_read_still_answers(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise StorageError("unanswered.jsonl could not be written: Read-only file system.")

    monkeypatch.setattr(assistant.journal, "add", forbidden)
    assert assistant.ask("What is the capital of Mongolia?").status is Status.UNKNOWN


def test_unanswered_questions_do_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.assistant.journal._MOST_UNANSWERED", 100)
    journal = Journal(tmp_path)
    for number in range(50):
        journal.add(UNANSWERED, {"question": f"What is {number}?"})
        journal.add(FEEDBACK, {"question": f"What is {number}?", "right": True})
    assert len(journal.read(UNANSWERED)) < 10
    assert len(journal.read(FEEDBACK)) == 50


def test_feedback_that_judges_nothing_is_refused(assistant: Assistant) -> None:
    with pytest.raises(ParameterError, match="needs a judgement, and found none"):
        assistant.feedback("How?")
    with pytest.raises(ParameterError, match="There is no passage 'nonsense' in assistant"):
        assistant.feedback("How?", passage="nonsense")


def test_feedback_is_a_plain_file_that_can_be_read_again(built: Assistant, tmp_path: Path) -> None:
    first = Assistant(built.read, built.encoder, journal=Journal(tmp_path))
    first.feedback("Is there a kettle for camping?", answer="Grüße, nein.")
    first.ask("What is the capital of Mongolia?")
    assert "Grüße" in (tmp_path / FEEDBACK).read_text(encoding="utf-8")
    again = Assistant(built.read, built.encoder, journal=Journal(tmp_path))
    assert again.ask("Is there a kettle for camping?").text == "Grüße, nein."
    assert again.unanswered() == first.unanswered()


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    (tmp_path / UNANSWERED).write_text('{"question": "One?"}\n{"quest', encoding="utf-8")
    assert Journal(tmp_path).read(UNANSWERED) == [{"question": "One?"}]


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"answer": "x"}'])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / FEEDBACK).write_text('{"question": "One?"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(CorruptBundleError, match=r"feedback\.jsonl, line 2 must be a JSON object"):
        Journal(tmp_path).read(FEEDBACK)
