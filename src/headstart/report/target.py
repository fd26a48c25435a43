"""The report of a model of another target than classes: what its target has to show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.report import findings, wording
from headstart.wording import Words

if TYPE_CHECKING:
    from headstart.targets.shown import Scatter, Shown

SIDE = 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 12, 14, 46
_ROWS = 200
_POINTS = 2000
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis of a scatter plot."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A scatter plot laid out on `SIDE` x `SIDE`; both axes have the same scale, the diagonal is right."""

    title: str
    across: str
    up: str
    dots: list[tuple[float, float, str]]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    left_out: int


def view(report: Mapping[str, Any], shown: Shown, words: Words) -> dict[str, Any]:
    """Return everything the template shows."""
    modality = str(report.get("modality") or "")
    problems, problems_more = findings.problems(dict(report), {}, words)
    notes = [*(report.get("notes") or [])]
    return {
        "used": words.things(modality, int(report.get("used") or 0)),
        "base": wording.clean(str(report.get("base") or ""), 60),
        "shown": shown,
        "most": _ROWS,
        "plots": [_plot(scatter, words) for scatter in shown.scatters if scatter.points],
        "columns": findings.columns(report, words),
        "problems": problems,
        "problems_more": problems_more,
        "notes": list(dict.fromkeys(words.translate(str(note)) for note in notes))[:30],
    }


def _plot(scatter: Scatter, words: Words) -> Plot:
    points = _thinned(scatter.points)
    values = [value for point in points for value in point[:2] if math.isfinite(value)]
    low, high = min(values), max(values)
    if high <= low:
        low, high = low - 1, high + 1
    room = SIDE - _LEFT - _RIGHT
    tall = SIDE - _TOP - _BOTTOM

    def x(value: float) -> float:
        return round(_LEFT + room * (value - low) / (high - low), 1)

    def y(value: float) -> float:
        return round(SIDE - _BOTTOM - tall * (value - low) / (high - low), 1)

    marks = [(value, words.number(value, "g")) for value in _steps(low, high)]
    return Plot(
        title=scatter.title,
        across=scatter.across,
        up=scatter.up,
        dots=[
            (x(truth), y(said), words.say("report.answered", name=name, truth=truth, said=said))
            for truth, said, name in points
        ],
        x_ticks=[Tick(x(value), text) for value, text in marks],
        y_ticks=[Tick(y(value), text) for value, text in marks],
        left_out=len(scatter.points) - len(points),
    )


def _thinned(points: Sequence[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Return evenly spaced ones of very many, so that the page stays small."""
    every = -(-len(points) // _POINTS)
    return list(points[::every])


def _steps(low: float, high: float) -> list[float]:
    """Return round numbers between two values."""
    rough = (high - low) / _STEPS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(step * number, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]
