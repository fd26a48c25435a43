"""What to show of a model of tags, from its report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.targets.shown import Curve, Shown, Suspect, Table
from headstart.wording import ENGLISH, Words

_HEADS = ("tag", "examples", "right", "found", "average", "threshold")
_NAMED = 3
_LEAST = 40
_TOO_FEW = "too-few"


def show(report: Mapping[str, Any], words: Words = ENGLISH) -> Shown:
    """Return what to show of a report of training, or of a measurement, as plain data."""
    per_tag = report["per_tag"]
    order = sorted(per_tag, key=lambda name: -per_tag[name]["n"])
    rows = tuple((name, *_cells(per_tag[name], words)) for name in order)
    growth = report.get("growth")
    return Shown(
        learned=words.say("shown.tags.learned", count=len(per_tag), kind=report["modality"]),
        headline=_headline(report, words),
        figures=_figures(report, words),
        tables=(Table(tuple(words.say(f"shown.tags.{head}") for head in _HEADS), rows),),
        metrics=_metrics(report["micro_f1"]["estimate"]),
        curves=(_curve(growth, words),) if growth else (),
        suspects=tuple(
            Suspect(
                str(one["source"]),
                words.say(f"shown.tags.{'missing' if one['missing'] else 'wrong'}", tag=repr(one["tag"])),
            )
            for one in report.get("doubted") or []
        ),
        suspects_title=words.say("shown.tags.suspects"),
    )


def _metrics(f1: float | None) -> tuple[tuple[str, float, str], ...]:
    return () if f1 is None else (("f1", f1, ENGLISH.say("shown.tags.metric", share=f1)),)


def _headline(report: Mapping[str, Any], words: Words) -> str:
    precision, recall = report["precision"], report["recall"]
    if precision["estimate"] is None and recall["estimate"] is None:
        return words.say("shown.tags.unmeasured")
    if precision["estimate"] is None:
        return words.say("shown.tags.silent", missed=100 - _hundredths(recall))
    right, found = _of_hundred(precision, words), _of_hundred(recall, words)
    return words.say("shown.tags.headline", right=right, found=found)


def _of_hundred(interval: Mapping[str, Any], words: Words) -> str:
    if interval["estimate"] is None:
        return words.say("shown.unknown-number")
    low, high = (f"{100 * interval[end]:.0f}" for end in ("low", "high"))
    return words.say("shown.interval", at=str(_hundredths(interval)), low=low, high=high)


def _hundredths(interval: Mapping[str, Any]) -> int:
    estimate: float = interval["estimate"]
    return round(100 * estimate)


def _figures(report: Mapping[str, Any], words: Words) -> str:
    guessing = report["guessing"]
    said = []
    if report["micro_f1"]["estimate"] is not None:
        said.append(words.say("shown.tags.f1", value=_percent(report["micro_f1"], words)))
    if guessing["micro_f1"] is not None:
        names = guessing["says"]
        shown = ", ".join(names[:_NAMED])
        if len(names) > _NAMED:
            shown = words.say("shown.tags.more", names=shown, count=len(names) - _NAMED)
        said.append(words.say("shown.tags.guessing", names=shown, share=guessing["micro_f1"]))
    floor = report.get("floor")
    if floor and floor["estimate"] is not None:
        said.append(words.say("shown.tags.floor", value=_percent(floor, words)))
    if report["subset_accuracy"]["estimate"] is not None:
        said.append(words.say("shown.tags.subset", value=_percent(report["subset_accuracy"], words)))
    said.append(words.say("shown.tags.thresholds", measure=report["measure"]))
    return "; ".join(said)


def _percent(interval: Mapping[str, Any], words: Words) -> str:
    at, low, high = (words.number(interval[key], ".1%") for key in ("estimate", "low", "high"))
    return words.say("shown.interval", at=at, low=low, high=high)


def _cells(score: Mapping[str, Any], words: Words) -> tuple[str, ...]:
    shares = (score["precision"], score["recall"], score["average_precision"])
    threshold = score.get("threshold")
    said_from = "-" if threshold is None else words.number(threshold, ".2f")
    return (str(score["n"]), *(_share(one, words) for one in shares), said_from)


def _share(interval: Mapping[str, Any], words: Words) -> str:
    if interval["estimate"] is None:
        return "-"
    low, high = (f"{100 * interval[end]:.0f}" for end in ("low", "high"))
    return f"{_hundredths(interval)} ({words.say('shown.tags.range', low=low, high=high)})"


def _curve(growth: Mapping[str, Any], words: Words) -> Curve:
    if growth["verdict"] == _TOO_FEW:
        said = words.say("shown.too-few", least=_LEAST)
    else:
        figures = {key: growth[key] for key in ("twice", "low", "high", "now")}
        said = words.say(f"shown.tags.{growth['verdict']}", **figures)
    return Curve(
        words.say("shown.tags.curve"),
        said,
        words.say("shown.curve-across"),
        words.say("shown.tags.curve-up"),
        tuple((float(size), float(value)) for size, value in growth["points"]),
    )
