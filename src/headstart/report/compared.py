"""The page of a comparison: what it means, accuracy against seconds, and all figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.report import wording
from headstart.report.charts import Mark
from headstart.report.pages import page, template
from headstart.report.phrases import phrases
from headstart.report.terms import Terms
from headstart.wording import ENGLISH, Words
from headstart.wording.compared import way_title
from headstart.wording.gentle import duration as wording_duration

WIDTH, HEIGHT = 440, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 74, 34, 46
_NEAR, _WIDE = 15, 90  # names this close, down and across, are moved apart
_TERMS = {"floor": "baseline", "frozen": "frozen", "gentle": "fine-tuning"}


@dataclass(frozen=True, slots=True)
class CostDot:
    """One way in the drawing: where, its interval, and where its name stands."""

    x: float
    y: float
    top: float
    bottom: float
    name: str
    name_x: float
    name_y: float
    anchor: str
    best: bool


@dataclass(frozen=True, slots=True)
class CostChart:
    """Accuracy over seconds, on a scale on which each step is ten times as long."""

    dots: Sequence[CostDot]
    x_ticks: Sequence[Mark]
    y_ticks: Sequence[Mark]
    summary: str


def cost_chart(ways: Sequence[Mapping[str, Any]], words: Words = ENGLISH) -> CostChart | None:
    """Lay out accuracy against seconds; None where there is nothing to compare."""
    if len(ways) < 2:
        return None
    times = [max(float(way["seconds"]), 0.01) for way in ways]
    first = math.floor(math.log10(min(times)))
    last = max(math.ceil(math.log10(max(times)) + 1e-9), first + 1)
    least = min(float(way["low"]) for way in ways)
    step = next(s for s in (0.02, 0.05, 0.1, 0.2) if s == 0.2 or (1 - least) / s <= 5)
    bottom = max(0.0, math.floor(least / step - 1e-9) * step)

    def x(seconds: float) -> float:
        place = (math.log10(max(seconds, 0.01)) - first) / (last - first)
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * place, 1)

    def y(share: float) -> float:
        return float(round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - share) / (1 - bottom), 1))

    best = max(float(way["accuracy"]) for way in ways)
    dots = [_dot(way, x(float(way["seconds"])), y, best, words) for way in ways]
    steps = [bottom + step * number for number in range(math.floor((1 - bottom) / step + 1e-9) + 1)]
    return CostChart(
        dots=_apart(dots),
        x_ticks=[
            Mark(x(10.0**power), HEIGHT - _BOTTOM, duration(10.0**power, words))
            for power in range(first, last + 1)
        ],
        y_ticks=[Mark(_LEFT, y(share), words.percent(share)) for share in steps],
        summary=" ".join(
            words.say(
                "report.cost-dot",
                way=_short(way["name"], words),
                right=words.percent(way["accuracy"]),
                time=duration(way["seconds"], words),
            )
            for way in ways
        ),
    )


def _dot(way: Mapping[str, Any], x: float, y: Any, best: float, words: Words) -> CostDot:
    at, right = y(float(way["accuracy"])), x < WIDTH - _RIGHT - 40
    return CostDot(
        x=x,
        y=at,
        top=y(float(way["high"])),
        bottom=y(float(way["low"])),
        name=_short(way["name"], words),
        name_x=round(x + (9 if right else -9), 1),
        name_y=round(at + 4, 1),
        anchor="start" if right else "end",
        best=float(way["accuracy"]) == best,
    )


def _apart(dots: Sequence[CostDot]) -> list[CostDot]:
    """Move names that would stand on each other."""
    placed: list[CostDot] = []
    for dot in sorted(dots, key=lambda one: one.name_y):
        name_y = dot.name_y
        beside = [other.name_y for other in placed if abs(other.name_x - dot.name_x) < _WIDE]
        while in_the_way := [other for other in beside if abs(name_y - other) < _NEAR - 0.1]:
            name_y = max(in_the_way) + _NEAR
        placed.append(
            CostDot(dot.x, dot.y, dot.top, dot.bottom, dot.name, dot.name_x, name_y, dot.anchor, dot.best)
        )
    return placed


def _short(way: Any, words: Words) -> str:
    """Return what a way is called in drawings and tables."""
    return words.say(f"comparison.{way}")


def duration(seconds: float, words: Words = ENGLISH) -> str:
    """Return a time as a person would say it."""
    value = float(seconds)
    if value < 1:
        return f"{words.number(value, '.1g')} s"
    if value < 7200:
        return wording_duration(value, words)
    return words.say("report.hours", n=value / 3600)


def render_comparison(comparison: Any, *, title: str | None = None, language: str = "en") -> str:
    """Render what comparing ways to a model gave.

    Parameters
    ----------
    comparison
        A `headstart.comparison_report.Comparison`, or its plain data.
    title
        What the page is about.
    language
        ``en`` or ``de``.

    Returns
    -------
    str
        As from `render_training`.
    """
    plain = wording.plain(comparison)
    ways = list(plain.get("ways") or [])
    words = Words(language)
    terms = Terms(words)
    shown = wording.clean(title or words.say("report.your-comparison"), 60)
    content = template("comparison.html.j2").render(
        phrases(words, terms),
        title=shown,
        used=words.things(str(plain.get("modality")), int(plain.get("used") or 0)),
        base=wording.clean(str(plain.get("base") or ""), 60),
        folds=plain.get("folds"),
        groups=plain.get("groups"),
        classes=len(plain.get("classes") or {}),
        verdict=_verdict(plain, words),
        ways=[_row(way, plain.get("auto"), words) for way in ways],
        pairs=[_pair(pair, words) for pair in plain.get("pairs") or []],
        chart=cost_chart(ways, words),
        left_out=[f"{_short(name, words)}: {why}" for name, why in (plain.get("left_out") or {}).items()],
        notes=[str(note) for note in plain.get("notes") or []][:30],
    )
    return page(content, shown, words, terms, examples=False)


def _verdict(plain: Mapping[str, Any], words: Words) -> list[str]:
    """Return what it means; as it was saved where a comparison has no codes."""
    found = plain.get("conclusions")
    saved = [str(line) for line in plain.get("verdict") or []]
    return saved if found is None else [words.tell("compared", one) for one in found]


def _row(way: Mapping[str, Any], auto: Any, words: Words) -> dict[str, Any]:
    name = str(way["name"])
    low, high = float(way["low"]), float(way["high"])
    return {
        "name": _short(name, words),
        "term": _TERMS.get(name, ""),
        "title": way_title(name, str(way.get("title") or ""), words),
        "accuracy": float(way["accuracy"]),
        "low": low,
        "high": high,
        "text": words.percent(way["accuracy"]),
        "range": words.between(words.percent(low), words.percent(high)),
        "seconds": duration(way["seconds"], words),
        "cpu": duration(way["cpu_seconds"], words),
        "kept": name == auto,
        "folds": ", ".join(words.percent(share) for share in way.get("by_fold") or []),
    }


def _pair(pair: Mapping[str, Any], words: Words) -> dict[str, str]:
    open_ended = pair.get("low") is None or pair.get("high") is None
    ends = [] if open_ended else [words.number(100 * pair[end], "+.1f") for end in ("low", "high")]
    return {
        "which": f"{_short(pair['first'], words)} – {_short(pair['second'], words)}",
        "difference": words.number(100 * float(pair["difference"]), "+.1f"),
        "between": words.between(*ends) if ends else words.say("number.unknown"),
        "p": words.number(float(pair["p_value"]), ".2g"),
        "means": words.say("comparison.evident" if pair.get("evident") else "comparison.chance"),
    }
