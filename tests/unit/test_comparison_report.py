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
    (line,) = replace(comparison(), pairs=[pair]).verdict
    assert said in line


def test_plain_data_holds_everything() -> None:
    plain = comparison().to_dict()
    assert [way["name"] for way in plain["ways"]] == list(WAYS)
    assert plain["ways"][0]["title"] == TITLES["floor"]
    assert plain["pairs"][0]["evident"] is True
    assert plain["verdict"] == comparison().verdict
    assert comparison().way("nothing") is None
