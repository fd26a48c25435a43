"""Personal data in documents: found where it is, and not where it only looks so."""

from __future__ import annotations

import pytest

from headstart.documents import Document, QuestionAnswer, Section, find_personal_data
from headstart.documents.personal import is_card


def found(text: str) -> list[tuple[str, str]]:
    document = Document("a.pdf", "a", (Section((), text, page=3),), "", "pdf")
    return [(one.kind, one.text) for one in find_personal_data([document])]


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("Write to anna.berg+help@shop.co.uk, please.", "mail", "anna.berg+help@shop.co.uk"),
        ("<mailto:Ben@Werk-Köln.de>", "mail", "Ben@Werk-Köln.de"),
        ("Call +49 221 123 45 67 now", "phone", "+49 221 123 45 67"),
        ("0049 221 1234567", "phone", "0049 221 1234567"),
        ("Phone: 0221 / 123 4567", "phone", "0221 / 123 4567"),
        ("Ask (0221) 1234567", "phone", "(0221) 1234567"),
        ("Dial 212-555-0147 then", "phone", "212-555-0147"),
        ("Paid with 4111 1111 1111 1111.", "card", "…1111"),
        ("5500005555555559", "card", "…5559"),
        ("378282246310005", "card", "…0005"),
    ],
)
def test_it_is_found(text: str, kind: str, shown: str) -> None:
    assert found(text) == [(kind, shown)]


@pytest.mark.parametrize(
    "text",
    [
        "Write to you@example.com or noreply@shop.de or root@host.local",
        "@media print, a@b, user@host:path, foo@bar@baz.de",
        "On 2025-03-12 and 12.03.2025, from 10:00 to 12:30",
        "Version 10.15.7, 192.168.100.189, order 4111111111111112, ISBN 978-3-16-148410-0",
        "1 000 000 000 pieces, 0.123456789, 3.14159265358979",
        "id=156641360518804 and 0x7f4b6d7f4710 and 1234-5678-9012",
        "0000 0000 0000 0000",
    ],
)
def test_what_only_looks_so_is_not(text: str) -> None:
    assert found(text) == []


def test_the_place_is_told_once_for_each() -> None:
    section = Section(("Contact",), "anna@shop.de anna@shop.de", page=7)
    row = QuestionAnswer("Who helps?", "ben@shop.de", "faq.csv:4")
    data = find_personal_data([Document("a.pdf", "a", (section,), "", "pdf", pairs=(row,))])
    assert [one.to_dict() for one in data] == [
        {"kind": "mail", "text": "anna@shop.de", "place": "a.pdf, page 7"},
        {"kind": "mail", "text": "ben@shop.de", "place": "faq.csv:4"},
    ]


def test_check_digits() -> None:
    assert is_card("4111111111111111")
    assert not is_card("4111111111111112")
    assert not is_card("9111111111111111")
