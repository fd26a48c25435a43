"""What to show of a model that predicts numbers, from the plain data of its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.targets.shown import Scatter, Shown, Table


def show(report: Mapping[str, Any]) -> Shown:
    """Return what a report of training or of a measurement says."""
    outputs: list[Mapping[str, Any]] = list(report.get("numbers") or [])
    names = [str(one["name"]) for one in outputs]
    first = outputs[0] if outputs else {}
    return Shown(
        learned=f"predicts {_listed(names)}",
        headline=" ".join(_headline(one, len(outputs) > 1) for one in outputs[:2]),
        figures=_figures(first),
        tables=tuple(_table(one, len(outputs) > 1) for one in outputs),
        scatters=tuple(_scatter(name, report) for name in names),
        metrics=_metrics(first),
    )


def _headline(one: Mapping[str, Any], named: bool) -> str:
    mae, over = one["mae"], one["over_median"]
    which = f" of {one['name']}" if named else ""
    said = (
        f"Answers{which} are {short(mae['estimate'])} off on average ({short(mae['low'])} to "
        f"{short(mae['high'])}); always saying the median would be {short(one['median'])} off."
    )
    if over["low"] is None or over["low"] <= 0:
        said += " That it is better than the median is not certain."
    return said


def _figures(one: Mapping[str, Any]) -> str:
    if not one:
        return ""
    parts = [f"R2 {share(one['r2']['estimate'])}", f"rank correlation {share(one['spearman']['estimate'])}"]
    if one.get("exact"):
        parts.append(f"right level {one['exact']['estimate']:.0%}")
        parts.append(f"at most one level off {one['within_one']['estimate']:.0%}")
    if one.get("floor") is not None:
        parts.append(f"without a base {short(one['floor'])} off")
    return ", ".join(parts)


def _table(one: Mapping[str, Any], named: bool) -> Table:
    rows = [
        _row("mean absolute error", one["mae"], short),
        _row("root mean squared error", one["rmse"], short),
        _row("R2, share of the variance explained", one["r2"], share),
        _row("rank correlation", one["spearman"], share),
    ]
    if one.get("exact"):
        rows.append(_row("the right level", one["exact"], share))
        rows.append(_row("at most one level off", one["within_one"], share))
    rows.append(("always the median: mean absolute error", short(one["median"]), ""))
    if one.get("floor") is not None:
        rows.append(("without a base: mean absolute error", short(one["floor"]), ""))
    if one.get("width") is not None:
        rows.append((f"mean width of {one['confidence']:.0%} intervals", short(one["width"]), ""))
    return Table(("measure", "value", "95% interval"), tuple(rows), str(one["name"]) if named else "")


def _row(name: str, measure: Mapping[str, Any], say: Any) -> tuple[str, str, str]:
    return name, say(measure["estimate"]), f"{say(measure['low'])} to {say(measure['high'])}"


def _scatter(name: str, report: Mapping[str, Any]) -> Scatter:
    points: Sequence[Sequence[Any]] = (report.get("points") or {}).get(name) or []
    return Scatter(
        f"Answers to examples that were left out: {name}",
        "right number",
        "answer",
        tuple((float(point[0]), float(point[1]), str(point[-1])) for point in points),
    )


def _metrics(one: Mapping[str, Any]) -> tuple[tuple[str, float, str], ...]:
    named = (("mae", "mae", "mean absolute error"), ("r2", "r_squared", "R2"))
    return tuple(
        (hub, float(one[key]["estimate"]), f"{words} {short(one[key]['estimate'])}")
        for key, hub, words in named
        if one and one[key]["estimate"] is not None
    )


def short(number: float | None) -> str:
    """Return a number with three digits that count; a dash where it is not known."""
    if number is None:
        return "-"
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def share(number: float | None) -> str:
    """Return a share with two digits; a dash where it is not known."""
    return "-" if number is None else f"{number:.2f}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "numbers"
