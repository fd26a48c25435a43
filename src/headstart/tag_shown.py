"""What to show of a model of tags, from its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.kinds import kind_of
from headstart.targets.shown import Shown, Table

_HEADS = ("tag", "examples", "% right", "% found", "average precision")
_NAMED = 3


def show(report: Mapping[str, Any]) -> Shown:
    """Return what to show of a report of training, or of a measurement, as plain data."""
    things = kind_of(report["modality"]).words.many
    per_tag = report["per_tag"]
    order = sorted(per_tag, key=lambda name: -per_tag[name]["n"])
    rows = tuple((name, *_cells(per_tag[name])) for name in order)
    f1 = report["micro_f1"]["estimate"]
    return Shown(
        learned=f"tells which of {len(per_tag)} tags {things} have",
        headline=_headline(report),
        figures=_figures(report),
        tables=(Table(_HEADS, rows),),
        metrics=() if f1 is None else (("f1", f1, f"{f1:.1%} of all tags together (micro F1)"),),
    )


def _headline(report: Mapping[str, Any]) -> str:
    precision, recall = report["precision"], report["recall"]
    if precision["estimate"] is None and recall["estimate"] is None:
        return "How well it tells tags cannot be measured: it takes two independent examples of a tag."
    if precision["estimate"] is None:
        return f"It says no tag at all; of 100 that are there, it misses {100 - _hundredths(recall)}."
    return (
        f"Of 100 tags that it says, about {_of_hundred(precision)} are right; "
        f"of 100 that are there, it says about {_of_hundred(recall)}."
    )


def _of_hundred(interval: Mapping[str, Any]) -> str:
    if interval["estimate"] is None:
        return "an unknown number"
    return f"{_hundredths(interval)} ({100 * interval['low']:.0f} to {100 * interval['high']:.0f})"


def _hundredths(interval: Mapping[str, Any]) -> int:
    estimate: float = interval["estimate"]
    return round(100 * estimate)


def _figures(report: Mapping[str, Any]) -> str:
    guessing = report["guessing"]
    said = []
    if report["micro_f1"]["estimate"] is not None:
        said.append(f"F1 {_percent(report['micro_f1'])}")
    if guessing["micro_f1"] is not None:
        names = guessing["says"]
        shown = ", ".join(names[:_NAMED]) + (
            f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        )
        said.append(f"always saying {shown}: {guessing['micro_f1']:.1%}")
    floor = report.get("floor")
    if floor and floor["estimate"] is not None:
        said.append(f"without a base {_percent(floor)}")
    if report["subset_accuracy"]["estimate"] is not None:
        said.append(f"all tags of an example right {_percent(report['subset_accuracy'])}")
    said.append(f"thresholds chosen for {report['measure']}")
    return "; ".join(said)


def _percent(interval: Mapping[str, Any]) -> str:
    return f"{interval['estimate']:.1%} ({interval['low']:.1%} to {interval['high']:.1%})"


def _cells(score: Mapping[str, Any]) -> tuple[str, ...]:
    shares = (score["precision"], score["recall"], score["average_precision"])
    return (str(score["n"]), *(_share(one) for one in shares))


def _share(interval: Mapping[str, Any]) -> str:
    if interval["estimate"] is None:
        return "-"
    return f"{_hundredths(interval)} ({100 * interval['low']:.0f}-{100 * interval['high']:.0f})"
