"""Which questions go on from an earlier one; what is small talk."""

from __future__ import annotations

import pytest

from headstart.assistant.followups import earlier_question, goes_on
from headstart.assistant.smalltalk import language_of, reply_to_small_talk, small_talk
from headstart.errors import ParameterError

FIRST = "How do I reset the administrator password?"


@pytest.mark.parametrize(
    "question",
    [
        "and on Windows?",
        "What about the older model from 2019?",
        "How long does it take?",
        "Why?",
        "und auf dem Mac?",
    ],
)
def test_a_follow_up_is_seen(question: str) -> None:
    assert earlier_question(question, [FIRST]) == FIRST
    assert earlier_question(question, []) == ""


@pytest.mark.parametrize(
    "question",
    [
        "How do I change the language of the user interface?",
        "Which ports must the firewall leave open for replication?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not goes_on(question)
    assert earlier_question(question, [FIRST]) == ""


def test_a_second_follow_up_goes_on_from_the_question_before_both() -> None:
    assert earlier_question("and on Linux?", [FIRST, "and on Windows?"]) == FIRST


def test_messages_are_taken_and_small_talk_is_passed_over() -> None:
    history = [
        {"role": "user", "content": FIRST},
        {"role": "assistant", "content": "Press the button and hold it for ten long seconds."},
        {"role": "user", "content": "thanks!"},
    ]
    assert earlier_question("and then?", history) == FIRST


def test_a_history_that_is_none_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"must be a list.*found one text"):
        earlier_question("and?", "How?")
    with pytest.raises(ParameterError, match="'role' and 'content'; found 3"):
        earlier_question("and?", [3])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hi!", "greeting"),
        ("Hello, who are you?", "about"),
        ("Thanks, that helped", "thanks"),
        ("Great, thank you so much!", "thanks"),
        ("bye", "farewell"),
        ("Guten Tag", "greeting"),
        ("Vielen Dank!", "thanks"),
        ("Merci beaucoup", "thanks"),
        ("Hola", "greeting"),
        ("How do I thank a customer?", ""),
        ("help me reset the password", ""),
        ("Hi, my kettle is broken", ""),
    ],
)
def test_small_talk_is_told_from_questions(text: str, kind: str) -> None:
    assert small_talk(text) == kind


def test_the_reply_is_in_the_language_of_the_greeting_and_leads_back() -> None:
    assert reply_to_small_talk("Hallo", ["Kettle", "Shop"]) == "Hallo. Fragen Sie mich zu: Kettle, Shop."
    assert reply_to_small_talk("hey", [f"T{n}" for n in range(9)]).endswith("T0, T1, T2, T3, T4, ….")


def test_a_question_tells_its_language() -> None:
    assert language_of("Wie kann ich das Gerät zurücksetzen?") == "de"
    assert language_of("Reset?", "fr") == "fr"
