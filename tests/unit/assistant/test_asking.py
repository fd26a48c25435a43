"""Answers are quotes of the documents, with their places; or there is none."""

from __future__ import annotations

import pytest

from headstart.assistant.answers import Answer, Status
from headstart.assistant.assistant import Assistant
from headstart.errors import ParameterError
from kettle import documents

pytestmark = pytest.mark.bases
OTHERS = [
    "Who won the world cup in 1998?",
    "How do I write a list comprehension in Python?",
    "What is the capital of Mongolia?",
]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("How do I get rid of limescale?", "manual.pdf, Care > Removing limescale, page 3"),
        ("My kettle does not turn on", "manual.pdf, Trouble > The kettle does not switch on, page 5"),
        ("How many days do I have to send something back?", "shop.md, Returns"),
        ("Can I brew coffee in the kettle?", "answers.csv:2"),
    ],
)
def test_a_question_is_answered_by_a_quote_with_its_place(
    assistant: Assistant, question: str, place: str
) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWER
    assert {quote.place for quote in answer.quotes} == {place}
    assert 0.5 < answer.score <= 1
    assert 1 <= len(answer.also) <= 2


def texts() -> dict[str, str]:
    """Return the whole text of each document, as its sections count it."""
    return {d.name: "\n".join(section.text for section in d.sections) for d in documents()}


@pytest.mark.parametrize(
    "question", ["limescale", "delivery to Scotland", "warranty for two years", "clean the filter"]
)
def test_every_quote_is_an_exact_part_of_its_document(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    quotes = (*answer.quotes, *answer.also)
    assert quotes
    for quote in quotes:
        assert quote.context[quote.at : quote.at + len(quote.text)] == quote.text
        if quote.document != "answers.csv":
            assert texts()[quote.document][quote.start : quote.start + len(quote.text)] == quote.text
            assert quote.version == next(d.content for d in documents() if d.name == quote.document)


def test_a_stored_answer_is_returned_whole(assistant: Assistant) -> None:
    assert assistant.ask("May I make coffee in it?").text == "No. Use it for water only.\nCoffee burns on."


@pytest.mark.parametrize("question", OTHERS)
def test_what_is_not_in_the_documents_is_not_answered(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status is not Status.ANSWER
    assert answer.quotes == ()
    assert answer.message


def test_an_unknown_matter_gets_a_way_back_and_no_passage(assistant: Assistant) -> None:
    answer = assistant.ask("What is the capital of Mongolia?")
    assert answer.status is Status.UNKNOWN
    assert answer.also == ()
    assert answer.message == (
        "I found nothing about this in the documents. They are about: Kettle K2, The shop, answers.csv."
    )


def test_small_talk_is_answered_politely(assistant: Assistant) -> None:
    answer = assistant.ask("hello")
    assert (answer.status, answer.quotes) == (Status.CHAT, ())
    assert answer.message.startswith("Hello. Ask me about: Kettle K2")


def test_a_follow_up_is_understood_and_said(assistant: Assistant) -> None:
    first = "How long does delivery within England take?"
    answer = assistant.ask("and to Scotland?", [first])
    assert answer.understood == first
    assert answer.quotes[0].document == "shop.md"
    assert assistant.ask("and to Scotland?").understood == ""


def test_restricted_documents_are_seen_by_those_who_name_the_group(assistant: Assistant) -> None:
    question = "What is the code of the warehouse door?"
    hidden = assistant.ask(question)
    assert "4711" not in str(hidden.to_dict())
    assert "staff" not in str(hidden.to_dict())
    assert assistant.ask(question, groups=["staff"]).quotes[0].document == "staff/rules.md"


@pytest.mark.parametrize("question", ["", "  \n", "x" * 4001])
def test_a_question_that_is_none_is_refused(assistant: Assistant, question: str) -> None:
    with pytest.raises(ParameterError, match=r"must be a text with words|4,000 characters, found 4,001"):
        assistant.ask(question)


def test_the_same_question_gets_the_same_answer(assistant: Assistant) -> None:
    answers: list[Answer] = [assistant.ask("How do I get rid of limescale?") for _ in range(2)]
    assert answers[0] == answers[1]
