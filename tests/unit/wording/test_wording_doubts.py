"""What a person is told of a model's doubts."""

from __future__ import annotations

from headstart.doubt_report import DoubtReport, NoveltyReport, Promise
from headstart.wording import ENGLISH
from headstart.wording.doubts import doubt_lines
from report_samples import doubt


def test_it_is_said_in_hundreds():
    promised, strange = doubt_lines(doubt().to_dict(), ENGLISH)
    assert "one name to 97 of 100 and says 'unsure' about 3" in promised
    assert "right 97 times in 100" in promised
    assert "count on 85 to 94 of 100" in promised
    assert "40 are noticed" in strange
    assert "AUROC 0.82, worst for scone: 0.70" in strange


def test_who_is_never_unsure_is_said_to_be():
    [said] = doubt_lines(
        DoubtReport([Promise(0.9, 0.8, 0.95, 1.0, 1.0, 1.0, 0)], 40, 0.97).to_dict(), ENGLISH
    )
    assert "one name to every one" in said


def test_nothing_is_said_where_nothing_is_known():
    assert doubt_lines(None, ENGLISH) == []
    assert doubt_lines(DoubtReport(notes=["Too few."]).to_dict(), ENGLISH) == ["Too few."]
    few = NoveltyReport(0.9, 0.2, 0.0, 0.0, 0.05, 12, {})
    assert doubt_lines(DoubtReport(novelty=few).to_dict(), ENGLISH) == []
