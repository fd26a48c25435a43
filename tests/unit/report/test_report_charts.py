from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.report.charts import HEIGHT, WIDTH, calibration_chart, curve_chart, hundred
from report_samples import advice


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_hundred_are_a_hundred(a: float, b: float):
    cells = hundred(min(a, b), max(a, b))
    assert len(cells) == 100
    assert cells.count("sure") == round(100 * min(a, b))


def inside(points: str) -> bool:
    return all(
        0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT
        for x, y in (point.split(",") for point in points.split())
    )


shares = st.floats(0, 1)


@given(
    st.lists(
        st.tuples(st.floats(1, 5000), shares, shares, shares),
        min_size=2,
        max_size=9,
        unique_by=lambda p: p[0],
    ),
    st.none() | st.floats(0.01, 0.999),
)
def test_every_curve_stays_inside_its_drawing(points: list[tuple[float, ...]], target: float | None):
    amount = {
        "curve": [
            {"n_per_class": n, "accuracy": sorted(s)[1], "low": min(s), "high": max(s)}
            for n, *s in sorted(points)
        ],
        "forecast": [{"n_per_class": 3 * max(points)[0], "low": 0.2, "high": 1.0}],
        "for_target": {"target": target} if target else None,
    }
    chart = curve_chart(amount)
    assert chart is not None
    assert inside(chart.band)
    assert inside(chart.line)
    assert inside(chart.ahead)
    assert 2 <= len(chart.x_ticks) <= 8
    assert 2 <= len(chart.y_ticks) <= 7
    assert len(chart.rows) == len(points) + 1


def test_more_is_further_right_and_better_is_higher():
    chart = curve_chart(advice().to_dict()["amount"])
    assert [dot.x for dot in chart.dots] == sorted(dot.x for dot in chart.dots)
    assert [dot.y for dot in chart.dots] == sorted((dot.y for dot in chart.dots), reverse=True)
    assert "With 5 examples of each class 80\u202f% were right, with 40 it was 93\u202f%." in chart.summary


@pytest.mark.parametrize("amount", [{}, {"curve": []}, {"curve": [{"n_per_class": 5, "accuracy": 0.8}]}])
def test_no_curve_without_two_points(amount: dict):
    assert curve_chart(amount) is None


def test_a_well_calibrated_answer_lies_on_the_diagonal():
    chart = calibration_chart(
        [{"stated": 0.8, "right": 0.8, "count": 5}, {"stated": 1.0, "right": 1.0, "count": 9}]
    )
    x1, y1, x2, y2 = chart.diagonal
    for dot in chart.dots:
        assert dot.y == pytest.approx(y1 + (dot.x - x1) * (y2 - y1) / (x2 - x1), abs=0.2)
    assert chart.dots[1].r > chart.dots[0].r


def test_no_calibration_without_answers():
    assert calibration_chart([{"stated": 0.8, "right": 0.8, "count": 0}]) is None
