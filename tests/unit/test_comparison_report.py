from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.comparison_report import TITLES, WAYS, Pair
from report_samples import comparison


def test_the_verdict_says_what_each_step_is_worth() -> None:
    base, tuning, scratch = comparison().verdict
    assert base == "The base model efficientnet_lite0 is worth +20.0 of 100, at 95% between +14.0 and +26.0."
    assert tuning.startswith("Tuning it gently is better beyond doubt (+3.0 of 100")
    assert tuning.endswith("with method auto, training keeps the gentle one.")
    assert scratch.endswith("names 35.0 of 100 fewer right and takes 200 times the processor time.")


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (Pair("frozen", "floor", 0.01, -0.02, 0.04, 0.5), "makes no difference that these examples can show"),
        (
            Pair("frozen", "floor", -0.1, -0.2, -0.04, 0.01),
            "Simple features do better than efficientnet_lite0",
        ),
        (Pair("gentle", "frozen", -0.1, -0.2, -0.04, 0.01), "gently is worse beyond doubt"),
        (
            Pair("gentle", "frozen", 0.1, None, None, 1.0),
            "no difference that these examples can show (+10.0 of",
        ),
        (Pair("scratch", "frozen", 0.1, 0.05, 0.2, 0.01), "names 10.0 of 100 more right"),
    ],
)
def test_every_outcome_has_its_words(pair: Pair, said: str) -> None:
    line, *_ = replace(comparison(), pairs=[pair]).verdict
    assert said in line


@pytest.mark.parametrize(
    ("pair", "frozen", "why"),
    [
        (
            (0.01, -0.01, 0.03),
            0.8,
            "20 independent groups of examples show only a difference of about 2.0 of",
        ),
        ((0.01, -0.01, 0.03), 0.98, "or more, and the frozen model leaves 4 of 200 to win."),
        ((0.0, 0.0, 0.0), 0.8, "both name the same examples right"),
        ((0.1, None, None), 0.8, "one group cannot show what is chance"),
    ],
)
def test_a_difference_that_cannot_be_seen_has_its_reason(
    pair: tuple[float, float | None, float | None], frozen: float, why: str
) -> None:
    whole = comparison()
    ways = [replace(way, accuracy=frozen) if way.name == "frozen" else way for way in whole.ways]
    tuning = Pair("gentle", "frozen", *pair, 0.5)
    said, reason = replace(whole, ways=ways, used=200, groups=20, pairs=[tuning]).verdict
    assert "no difference" in said
    assert reason.startswith("Why: ")
    assert why in reason


def test_what_is_evident_needs_no_reason() -> None:
    assert not any(line.startswith("Why") for line in comparison().verdict)


def test_plain_data_holds_everything() -> None:
    plain = comparison().to_dict()
    assert [way["name"] for way in plain["ways"]] == list(WAYS)
    assert plain["ways"][0]["title"] == TITLES["floor"]
    assert plain["pairs"][0]["evident"] is True
    assert plain["verdict"] == comparison().verdict
    assert comparison().way("nothing") is None
