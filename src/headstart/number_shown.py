"""What to show of a model that predicts numbers, from the plain data of its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.targets.shown import Curve, Scatter, Shown, Suspect, Table
from headstart.wording import ENGLISH, Words

LEAST = 30
"""Examples from which on it is measured whether more would help."""
TOO_FEW = "too-few"


def show(report: Mapping[str, Any], words: Words = ENGLISH) -> Shown:
    """Return what a report of training or of a measurement says."""
    outputs: list[Mapping[str, Any]] = list(report.get("numbers") or [])
    names = [str(one["name"]) for one in outputs]
    first, several = (outputs[0] if outputs else {}), len(outputs) > 1
    learned = words.say("shown.number.learned", names=words.listed(names)) if names else None
    return Shown(
        learned=learned or words.say("shown.number.learned-none"),
        headline=" ".join(_headline(one, several, words) for one in outputs[:2]),
        figures=_figures(first, words),
        tables=tuple(_table(one, several, words) for one in outputs),
        scatters=tuple(_scatter(name, report, words) for name in names),
        metrics=_metrics(first),
        curves=tuple(
            _curve(str(name), growth, several, words) for name, growth in (report.get("growth") or {}).items()
        ),
        suspects=tuple(_suspect(one, several, words) for one in report.get("doubted") or []),
        suspects_title=words.say("shown.number.suspects"),
    )


def _headline(one: Mapping[str, Any], named: bool, words: Words) -> str:
    mae, over = one["mae"], one["over_median"]
    figures = {key: short(mae[key], words) for key in ("low", "high")}
    said = words.say(
        "shown.number.off-of" if named else "shown.number.off",
        name=one["name"],
        mae=short(mae["estimate"], words),
        median=short(one["median"], words),
        **figures,
    )
    if over["low"] is None or over["low"] <= 0:
        said += f" {words.say('shown.number.uncertain')}"
    return said


def _figures(one: Mapping[str, Any], words: Words) -> str:
    if not one:
        return ""
    parts = [
        words.say(f"shown.number.{key}", value=share(one[key]["estimate"], words))
        for key in ("r2", "spearman")
    ]
    if one.get("exact"):
        parts.append(words.say("shown.number.exact", share=one["exact"]["estimate"]))
        parts.append(words.say("shown.number.within", share=one["within_one"]["estimate"]))
    if one.get("floor") is not None:
        parts.append(words.say("shown.number.floor", floor=short(one["floor"], words)))
    return ", ".join(parts)


def _table(one: Mapping[str, Any], named: bool, words: Words) -> Table:
    rows = [
        _row("mae", one["mae"], short, words),
        _row("rmse", one["rmse"], short, words),
        _row("r2-row", one["r2"], share, words),
        _row("spearman-row", one["spearman"], share, words),
    ]
    if one.get("exact"):
        rows.append(_row("exact-row", one["exact"], share, words))
        rows.append(_row("within-row", one["within_one"], share, words))
    rows.append((words.say("shown.number.median-row"), short(one["median"], words), ""))
    if one.get("floor") is not None:
        rows.append((words.say("shown.number.floor-row"), short(one["floor"], words), ""))
    if one.get("width") is not None:
        width = words.say("shown.number.width-row", confidence=one["confidence"])
        rows.append((width, short(one["width"], words), ""))
    heads = tuple(words.say(f"shown.number.{head}") for head in ("measure", "value", "interval"))
    return Table(heads, tuple(rows), str(one["name"]) if named else "")


def _row(name: str, measure: Mapping[str, Any], say: Any, words: Words) -> tuple[str, str, str]:
    low, high = (say(measure[end], words) for end in ("low", "high"))
    between = words.say("shown.number.range", low=low, high=high)
    return words.say(f"shown.number.{name}"), say(measure["estimate"], words), between


def _scatter(name: str, report: Mapping[str, Any], words: Words) -> Scatter:
    points: Sequence[Sequence[Any]] = (report.get("points") or {}).get(name) or []
    return Scatter(
        words.say("shown.number.scatter", name=name),
        words.say("shown.number.across"),
        words.say("shown.number.up"),
        tuple((float(point[0]), float(point[1]), str(point[-1])) for point in points),
    )


def _curve(name: str, growth: Mapping[str, Any], named: bool, words: Words) -> Curve:
    if growth["verdict"] == TOO_FEW:
        said = words.say("shown.too-few", least=LEAST)
    else:
        figures = {key: short(growth[key], words) for key in ("low", "high", "now")}
        said = words.say(f"shown.number.{growth['verdict']}", twice=growth["twice"], **figures)
    return Curve(
        words.say("shown.number.curve-of" if named else "shown.number.curve", name=name),
        said,
        words.say("shown.curve-across"),
        words.say("shown.number.curve-up"),
        tuple((float(size), float(error)) for size, error in growth["points"]),
    )


def _suspect(one: Mapping[str, Any], named: bool, words: Words) -> Suspect:
    said = words.say(
        "shown.number.suspect-of" if named else "shown.number.suspect",
        name=one["name"],
        number=short(one["number"], words),
        expected=short(one["expected"], words),
    )
    return Suspect(str(one["source"]), said)


def _metrics(one: Mapping[str, Any]) -> tuple[tuple[str, float, str], ...]:
    named = (("mae", "mae", "mean absolute error"), ("r2", "r_squared", "R2"))
    return tuple(
        (hub, float(one[key]["estimate"]), f"{name} {short(one[key]['estimate'])}")
        for key, hub, name in named
        if one and one[key]["estimate"] is not None
    )


def short(number: float | None, words: Words = ENGLISH) -> str:
    """Return a number with three digits that count; a dash where it is not known."""
    if number is None:
        return "-"
    return words.number(number, ",.0f" if abs(number) >= 1000 else ".3g")


def share(number: float | None, words: Words = ENGLISH) -> str:
    """Return a share with two digits; a dash where it is not known."""
    return "-" if number is None else words.number(number, ".2f")
