"""What is told of known defects, in both languages."""

from __future__ import annotations

from headstart.defects.shown import show
from headstart.wording.sentences import translated

REPORT = {
    "good": 60,
    "false_alarms": {
        "expected": 0.05,
        "low": 0.02,
        "high": 0.09,
        "good": 60,
        "independent": 60,
        "smallest": 0.02,
    },
    "caught": {"found": 12, "n": 15, "low": 0.55, "high": 0.93},
    "learned_from_defects": [0.905, 0.946],
}


def test_what_was_learned_from_known_defects_is_told() -> None:
    headline = show(REPORT).headline

    assert "Known defects were learned from: the AUROC is 0.946 in place of 0.905, left out." in headline
    assert "learned from" not in show({**REPORT, "learned_from_defects": None}).headline
    assert (
        "Aus bekannten Fehlern wurde gelernt: Zurückgehalten ist die AUROC 0.946 statt 0.905."
        in translated(headline, "de").replace("0,", "0.")
    )
