"""The report of a model of another target than classes: what its target has to show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.report import findings, wording
from headstart.wording import Words

if TYPE_CHECKING:
    from headstart.report.media import Shelf
    from headstart.report.media import Shown as Example
    from headstart.targets.shown import Curve, Scatter, Shown

SIDE = 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 12, 14, 46
_ROWS = 200
_OPENED = 400
"""Points that can be opened: each carries a picture."""
_SUSPECTS = 24
_POINTS = 2000
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis of a scatter plot."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """An example in a scatter plot; `shown` where it can be opened, by `anchor`."""

    x: float
    y: float
    text: str
    anchor: str
    shown: Example | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A curve laid out on `SIDE` x `SIDE`."""

    title: str
    said: str
    across: str
    up: str
    path: str
    dots: list[tuple[float, float, str]]
    x_ticks: list[Tick]
    y_ticks: list[Tick]


@dataclass(frozen=True, slots=True)
class Plot:
    """A scatter plot laid out on `SIDE` x `SIDE`; both axes have the same scale, the diagonal is right."""

    title: str
    across: str
    up: str
    dots: list[Dot]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    left_out: int

    @property
    def opens(self) -> bool:
        """Whether any point can be opened."""
        return any(dot.shown for dot in self.dots)


def view(report: Mapping[str, Any], shown: Shown, shelf: Shelf, words: Words) -> dict[str, Any]:
    """Return everything the template shows."""
    modality = str(report.get("modality") or "")
    problems, problems_more = findings.problems(dict(report), {}, words)
    notes = [*(report.get("notes") or [])]
    return {
        "used": words.things(modality, int(report.get("used") or 0)),
        "base": wording.clean(str(report.get("base") or ""), 60),
        "shown": shown,
        "most": _ROWS,
        "drawn": shelf.drawn,
        "suspects": [findings.Card(shelf.show(one.source), one.said) for one in shown.suspects[:_SUSPECTS]],
        "suspects_more": max(0, len(shown.suspects) - _SUSPECTS),
        "plots": [
            _plot(scatter, number, shelf, words)
            for number, scatter in enumerate(shown.scatters)
            if scatter.points
        ],
        "curves": [_curve(curve, words) for curve in shown.curves],
        "columns": findings.columns(report, words),
        "problems": problems,
        "problems_more": problems_more,
        "notes": list(dict.fromkeys(words.translate(str(note)) for note in notes))[:30],
    }


def _curve(curve: Curve, words: Words) -> Line:
    sizes, values = [size for size, _ in curve.points], [value for _, value in curve.points]
    if len(sizes) < 2:
        return Line(curve.title, curve.said, curve.across, curve.up, "", [], [], [])
    low, high = min(0.0, *values), max(values) or 1.0
    most = max(sizes)

    def x(size: float) -> float:
        return round(_LEFT + (SIDE - _LEFT - _RIGHT) * size / most, 1)

    def y(value: float) -> float:
        return round(SIDE - _BOTTOM - (SIDE - _TOP - _BOTTOM) * (value - low) / (high - low), 1)

    dots = [
        (x(size), y(value), f"{words.whole(size)}: {words.number(value, '.3g')}")
        for size, value in curve.points
    ]
    return Line(
        title=curve.title,
        said=curve.said,
        across=curve.across,
        up=curve.up,
        path=" ".join(f"{left},{top}" for left, top, _ in dots),
        dots=dots,
        x_ticks=[Tick(x(size), words.whole(size)) for size in _steps(0.0, most)],
        y_ticks=[Tick(y(value), words.number(value, "g")) for value in _steps(low, high)],
    )


def _opened(points: Sequence[tuple[float, float, str]]) -> set[int]:
    """Return which points can be opened: those farthest off, where there are very many."""
    far = sorted(range(len(points)), key=lambda place: -abs(points[place][0] - points[place][1]))
    return set(far[:_OPENED])


def _plot(scatter: Scatter, number: int, shelf: Shelf, words: Words) -> Plot:
    points = _thinned(scatter.points)
    opened = _opened(points) if shelf.knows else set()
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
            Dot(
                x(truth),
                y(said),
                words.say("report.plot-answered", name=name, truth=truth, said=said),
                f"point-{number}-{place}",
                shelf.show(name) if place in opened else None,
            )
            for place, (truth, said, name) in enumerate(points)
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
