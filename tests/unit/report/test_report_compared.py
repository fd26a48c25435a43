from __future__ import annotations

import html
import itertools
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from headstart.report import render_comparison
from headstart.report.compared import HEIGHT, WIDTH, cost_chart, duration
from report_samples import comparison

HOSTILE = '"><script>alert(1)</script>'


def test_the_page_says_what_it_means_and_shows_all_figures() -> None:
    page = render_comparison(comparison(), title="Pastries")
    for said in (
        "Pastries",
        "is worth +20.0 of 100",
        "Side by side",
        "from scratch",
        "beyond doubt",
        "10 min",
    ):
        assert said in page
    assert page.count('class="dot') == 4
    assert page == render_comparison(comparison().to_dict(), title="Pastries")
    assert "http://" not in page
    assert "https://" not in page


def test_names_cannot_become_markup() -> None:
    found = replace(comparison(), base=HOSTILE, notes=[HOSTILE], left_out={"floor": HOSTILE})
    page = render_comparison(found, title=HOSTILE)
    assert "<script>alert(1)" not in page
    assert page.count("<script") == 1


def test_one_way_is_a_page_without_a_drawing() -> None:
    found = replace(comparison(), ways=comparison().ways[:1], pairs=[])
    page = render_comparison(found)
    assert '<desc id="cost-desc">' not in page
    assert "no base" in page


def test_dearer_is_further_right_and_better_is_higher() -> None:
    chart = cost_chart(comparison().to_dict()["ways"])
    assert chart is not None
    spots = {dot.name: (dot.x, dot.y) for dot in chart.dots}
    assert spots["no base"][0] < spots["frozen"][0] < spots["gentle"][0] < spots["from scratch"][0]
    assert spots["gentle"][1] < spots["frozen"][1] < spots["no base"][1] < spots["from scratch"][1]
    assert [dot.name for dot in chart.dots if dot.best] == ["gentle"]
    assert "frozen: 90" in chart.summary


shares = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)


@given(st.lists(st.tuples(shares, st.floats(0, 1e5)), min_size=2, max_size=4))
def test_everything_stays_inside_the_drawing(ways: list[tuple[list[float], float]]) -> None:
    names = ("floor", "scratch", "frozen", "gentle")
    chart = cost_chart(
        [
            {"name": name, "low": low, "accuracy": middle, "high": high, "seconds": seconds}
            for name, ((low, middle, high), seconds) in zip(names, ways, strict=False)
        ]
    )
    assert chart is not None
    for dot in chart.dots:
        assert 0 <= dot.x <= WIDTH
        assert 0 <= dot.top <= dot.y <= dot.bottom <= HEIGHT
        assert dot.name_x <= WIDTH - 70 or dot.anchor == "end" or dot.name_x + 66 <= WIDTH
    for one, other in itertools.combinations(chart.dots, 2):
        assert abs(one.name_y - other.name_y) >= 14.9 or abs(one.name_x - other.name_x) >= 90
    assert 2 <= len(chart.x_ticks) <= 9
    assert 2 <= len(chart.y_ticks) <= 7


def test_times_are_said_as_a_person_would() -> None:
    said = [duration(seconds) for seconds in (0.04, 0.5, 3.2, 95, 600, 9000)]
    assert said == ["0.04 s", "0.5 s", "3 s", "95 s", "10 min", "2 h"]


def text_of(page: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", page))


def test_a_comparison_in_german() -> None:
    found = comparison()
    page = render_comparison(found, language="de")
    assert '<html lang="de">' in page
    for said in (
        "Das Basismodell efficientnet_lite0 bringt +20,0 von 100, zu 95 % zwischen +14,0 und +26,0.",
        "Aus dem Nichts gelernt, benennt dasselbe Netz 35,0 von 100 weniger richtig",
        "mit der Methode auto behält das Training das angepasste.",
        "von Grund auf",
        "kein Zufall",
    ):
        assert said in text_of(page), said
    saved = {**found.to_dict(), "conclusions": None}
    told = text_of(render_comparison(saved, language="de"))
    assert "The base model efficientnet_lite0 is worth +20.0 of 100" in told
