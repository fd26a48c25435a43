from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.report import wording
from headstart.wording import ENGLISH


@given(st.text(max_size=2000), st.integers(min_value=12, max_value=120))
def test_a_cleaned_name_is_one_short_line_that_can_be_written(name: str, limit: int):
    cleaned = wording.clean(name, limit)
    assert 1 <= len(cleaned) <= limit
    assert len(cleaned.splitlines()) == 1
    assert not set(cleaned) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\0\x1b")
    cleaned.encode("utf-8")


def test_a_long_name_keeps_both_ends():
    cleaned = wording.clean("start" + "x" * 10_000 + "end.jpg")
    assert cleaned.startswith("start")
    assert cleaned.endswith("end.jpg")


def test_a_turned_name_shows_that_it_was_turned():
    assert wording.clean("photo\u202egpj.exe") == "photo\ufffdgpj.exe"


def test_joined_letters_and_other_scripts_stay_as_they_are():
    for name in ("می‌خواهم.jpg", "👩‍🍳/ブレッド.png", "naïve café", "עוגה"):
        assert wording.clean(name) == name


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0"), (0.003, "<1"), (0.005, "0"), (0.42, "42"), (0.994, "99"), (0.996, ">99"), (1.0, "100")],
)
def test_percent_never_rounds_a_doubt_away(share: float, said: str):
    assert ENGLISH.percent(share) == f"{said}\u202f%"


def test_of_hundred_says_about_where_both_ends_are_the_same():
    assert ENGLISH.of_hundred(0.91, 0.956) == "91 to 96"
    assert ENGLISH.of_hundred(0.9996, 1.0) == "about 100"


def test_a_difference_of_one_point_is_one_point():
    assert ENGLISH.points(0.01, 0.01) == "+1 point"
    assert ENGLISH.points(-0.03, 0.02) == "−3 to +2 points"


def test_one_is_not_many():
    assert ENGLISH.things("image", 1) == "1 photo"
    assert ENGLISH.things("audio", 1200) == "1,200 recordings"
    assert ENGLISH.things("smell") == "examples"
