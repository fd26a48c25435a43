"""What a number counts is read with it."""

from __future__ import annotations

import pytest

from headstart.assistant.parts_of_question import asked_apart
from headstart.assistant.quantities import quantities

DAY = 86400.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("within 14 days", [("time", 14 * DAY)]),
        ("a 14-day trial", [("time", 14 * DAY)]),
        ("two working days", [("time", 2 * DAY)]),
        ("innerhalb von 30 Tagen", [("time", 30 * DAY)]),
        ("innerhalb von dreißig Tagen", [("time", 30 * DAY)]),
        ("dans deux semaines", [("time", 14 * DAY)]),
        ("£12.50 or 6,50 €", [("pounds", 12.5), ("euros", 6.5)]),
        ("1,000 g is 1 kg", [("mass", 1000.0), ("mass", 1000.0)]),
        ("3,5 % of 90 °C", [("share", 3.5), ("temperature", 90.0)]),
        ("version 3.2, v2.0.1", [("version", (3, 2)), ("version", (2, 0, 1))]),
        ("needs Python 3.11", [("version of python", (3, 11))]),
        ("the port is 631", [("'port'", 631.0)]),
        ("up to 5 users", [("'user'", 5.0)]),
    ],
)
def test_amounts_are_read_with_their_units(text: str, expected: list[tuple[str, object]]) -> None:
    assert [(one.kind, one.value) for one in quantities(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "See section 4.2, step 3, page 12 and RFC 3986.",
        "foo_2, /dev/sda1, #123, 2024-05-01",
        "1. Press the button",
        "the address 127.0.0.1",
        "two things, one of them",
        "",
        "9" * 5000,
    ],
)
def test_places_names_and_addresses_are_no_amounts(text: str) -> None:
    assert quantities(text) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("30 days", "one month", True),
        ("24 hours", "1 day", True),
        ("52 weeks", "a period of one year", True),
        ("2 weeks", "15 days", False),
        ("port 8080", "port 8000", False),
        ("Python 3.1", "Python 3.10", False),
    ],
)
def test_the_same_amount_in_other_units_is_the_same(one: str, other: str, same: bool) -> None:
    (mine,), (theirs,) = quantities(one), quantities(other)
    assert mine.equals(theirs) is same


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("How do I copy and paste?", 1),
        ("What is the warranty and the price?", 1),
        ("Where is it and how do I open it?", 1),
        ("What is the price, and when does it ship?", 2),
        ("Is it waterproof? How deep may it go?", 2),
        ("Was kostet der Filter und wie oft wird er gewechselt?", 2),
        ("a? b? c? d? e?", 1),
        ("?" * 1000, 1),
        ("and how " * 400, 1),
    ],
)
def test_a_question_is_taken_apart_only_where_it_asks_several_things(question: str, parts: int) -> None:
    assert len(asked_apart(question)) == parts
