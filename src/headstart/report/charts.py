"""Where everything stands in the drawings. The templates draw; they do not compute."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.wording import ENGLISH, Words

WIDTH, HEIGHT = 440, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 14, 34, 46
SQUARE = 300
_HEADROOM = 34


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick or a dot: where it is and what it says."""

    x: float
    y: float
    text: str = ""
    r: float = 4.0


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Accuracy over examples per class: a measured band with its line, and a forecast band."""

    band: str
    line: str
    ahead: str
    dots: Sequence[Mark]
    x_ticks: Sequence[Mark]
    y_ticks: Sequence[Mark]
    target_y: float | None
    target: str
    now_x: float
    rows: Sequence[Mapping[str, str]]
    summary: str


@dataclass(frozen=True, slots=True)
class CalibrationChart:
    """Stated sureness against what was right; dots grow with the number of answers."""

    dots: Sequence[Mark]
    x_ticks: Sequence[Mark]
    y_ticks: Sequence[Mark]
    diagonal: tuple[float, float, float, float]
    rows: Sequence[Mapping[str, str]]


def curve_chart(amount: Mapping[str, Any], words: Words = ENGLISH) -> CurveChart | None:
    """Lay out the learning curve; None where fewer than two points were measured."""
    measured = [p for p in amount.get("curve") or [] if p.get("accuracy") is not None]
    if len(measured) < 2:
        return None
    ahead = list(amount.get("forecast") or [])
    target = (amount.get("for_target") or {}).get("target")
    both = [*measured, *ahead]
    bottom = min([p["low"] for p in both] + ([target] if target else []))
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2) if s == 0.2 or (1 - bottom) / s <= 5)
    bottom = max(0.0, math.floor(bottom / step - 1e-9) * step)
    least, most = measured[0]["n_per_class"], max(p["n_per_class"] for p in both)

    def x(n: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * math.log(n / least) / math.log(most / least), 1)

    def y(share: float) -> float:
        return float(round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - share) / (1 - bottom), 1))

    def band(points: Sequence[Mapping[str, Any]]) -> str:
        edge = [(p["n_per_class"], p["high"]) for p in points]
        edge += [(p["n_per_class"], p["low"]) for p in reversed(points)]
        return _joined((x(n), y(share)) for n, share in edge)

    last = measured[-1]
    return CurveChart(
        band=band(measured),
        line=_joined((x(p["n_per_class"]), y(p["accuracy"])) for p in measured),
        ahead=band([last, *ahead]) if ahead else "",
        dots=[Mark(x(p["n_per_class"]), y(p["accuracy"])) for p in measured],
        x_ticks=[Mark(x(n), HEIGHT - _BOTTOM, words.whole(n)) for n in _round_numbers(least, most)],
        y_ticks=[Mark(_LEFT, y(share), words.percent(share)) for share in _steps(bottom, step)],
        target_y=y(target) if target else None,
        target=words.percent(target) if target else "",
        now_x=x(last["n_per_class"]),
        rows=_curve_rows(measured, ahead, words),
        summary=_in_words(measured, ahead, words),
    )


def calibration_chart(bins: Sequence[Mapping[str, Any]], words: Words = ENGLISH) -> CalibrationChart | None:
    """Lay out stated sureness against what was right; None where there is nothing to show."""
    filled = [b for b in bins if b.get("count")]
    if not filled:
        return None
    low = math.floor(min(min(b["stated"], b["right"]) for b in filled) * 5 - 1e-9) / 5
    low = min(max(low, 0.0), 0.8)
    room = SQUARE - _LEFT - 2 * _RIGHT
    lower = SQUARE - _BOTTOM
    tall = lower - _HEADROOM

    def x(share: float) -> float:
        return float(round(_LEFT + room * (share - low) / (1 - low), 1))

    def y(share: float) -> float:
        return float(round(lower - tall * (share - low) / (1 - low), 1))

    largest = max(b["count"] for b in filled)
    ticks = _steps(low, 0.1 if low >= 0.6 else 0.2)
    return CalibrationChart(
        dots=[
            Mark(
                x(b["stated"]),
                y(b["right"]),
                _bin_words(b, words),
                round(3.5 + 8 * math.sqrt(b["count"] / largest), 1),
            )
            for b in filled
        ],
        x_ticks=[Mark(x(share), lower, words.percent(share)) for share in ticks],
        y_ticks=[Mark(_LEFT, y(share), words.percent(share)) for share in ticks],
        diagonal=(x(low), y(low), x(1), y(1)),
        rows=[
            {
                "stated": words.percent(b["stated"]),
                "right": words.percent(b["right"]),
                "count": words.whole(b["count"]),
            }
            for b in filled
        ],
    )


def hundred(low: float, high: float) -> list[str]:
    """Return what each of a hundred new examples is: ``sure`` right, ``open``, or ``wrong``."""
    right, maybe = round(100 * low), round(100 * high)
    return ["sure"] * right + ["open"] * (maybe - right) + ["wrong"] * (100 - maybe)


def _joined(points: Any) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _steps(bottom: float, step: float) -> list[float]:
    return [round(bottom + i * step, 4) for i in range(round((1 - bottom) / step) + 1)]


def _round_numbers(least: float, most: float) -> list[float]:
    """Return round numbers of examples; the ends where there are too few between them."""
    for digits in ((1, 2, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)):
        powers = range(int(math.log10(max(least, 1))), int(math.log10(most)) + 1)
        found = [digit * 10.0**power for power in powers for digit in digits]
        kept = [n for n in found if least <= n <= most and n.is_integer()]
        if len(kept) >= 3:
            return kept[:: -(-len(kept) // 7)]
    return [least, most]


def _curve_rows(
    measured: Sequence[Mapping[str, Any]], ahead: Sequence[Mapping[str, Any]], words: Words
) -> list[dict[str, str]]:
    rows = []
    for p in [*measured, *ahead]:
        known = p.get("accuracy") is not None
        rows.append(
            {
                "n": words.whole(p["n_per_class"]),
                "kind": words.say("report.measured" if known else "report.forecast"),
                "accuracy": words.percent(p["accuracy"], 1) if known else "",
                "range": words.between(words.percent(p["low"]), words.percent(p["high"])),
            }
        )
    return rows


def _in_words(measured: Sequence[Mapping[str, Any]], ahead: Sequence[Mapping[str, Any]], words: Words) -> str:
    first, last = measured[0], measured[-1]
    figures = {
        "first": words.whole(first["n_per_class"]),
        "start": words.percent(first["accuracy"]),
        "last": words.whole(last["n_per_class"]),
        "end": words.percent(last["accuracy"]),
    }
    if not ahead:
        return words.say("report.curve-summary", **figures)
    end = ahead[-1]
    return words.say(
        "report.curve-summary-ahead",
        ahead=words.whole(end["n_per_class"]),
        low=words.percent(end["low"]),
        high=words.percent(end["high"]),
        **figures,
    )


def _bin_words(b: Mapping[str, Any], words: Words) -> str:
    return words.say(
        "report.calibration-dot",
        stated=words.percent(b["stated"]),
        right=words.percent(b["right"]),
        n=words.whole(b["count"]),
    )
