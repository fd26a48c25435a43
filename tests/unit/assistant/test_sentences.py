"""Where sentences end, and where they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.assistant.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Use a tool, e.g. Borg. Then wait.", ["Use a tool, e.g. Borg.", "Then wait."]),
        ("See Fig. 3 for it.", ["See Fig. 3 for it."]),
        ("Version 1.2.3 is out.", ["Version 1.2.3 is out."]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("Press it\nHold it\nWait", ["Press it", "Hold it", "Wait"]),
        ("ボタンを押す。待つ。", ["ボタンを押す。", "待つ。"]),
        ("  \n ", []),
    ],
)
def test_sentences_are_found(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_lines_that_a_program_broke_belong_together() -> None:
    line = "The kettle stays off while it is empty, because a switch at\n"
    text = 3 * line + "its bottom feels the heat. Fill it.\n- an item of a list that has a line\n"
    assert cut(text)[1:] == ["Fill it.", "- an item of a list that has a line"]


@given(st.text(max_size=300))
def test_nothing_but_white_space_is_left_out(text: str) -> None:
    spans = sentences(text)
    assert [span for pair in spans for span in pair] == sorted(span for pair in spans for span in pair)
    left, place = "", 0
    for start, end in spans:
        left, place = left + text[place:start], end
    assert not (left + text[place:]).strip()
