"""What to expect of a detector, in words: of plain data, so that a saved model's card and page can say it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from headstart.targets.shown import Shown, Table
from headstart.wording import Words

_SUSPECTS = 10


def show(report: Mapping[str, Any], words: Words | None = None) -> Shown:
    """Return what to show of a report; in English, whatever `words` speak."""
    alarms = report.get("false_alarms") or {}
    return Shown(
        learned="tells defective photos from good ones",
        headline=" ".join(
            filter(None, [_alarms(report, alarms), _caught(report), _learned(report), _named(report)])
        ),
        figures=_figures(report, alarms),
        tables=tuple(filter(None, [_kinds(report), _suspects(report)])),
        metrics=_metrics(report, alarms),
    )


def _alarms(report: Mapping[str, Any], alarms: Mapping[str, Any]) -> str:
    if report.get("fresh"):
        if not alarms.get("n"):
            return "No good photos were brought, so nothing is said of false alarms."
        return (
            f"{alarms['found']} of {alarms['n']} good photos were called defective "
            f"({_range(alarms)} of 100, 95% interval)."
        )
    if alarms.get("expected") is None:
        return (
            f"With {report.get('good')} good photos nothing can be promised of false alarms: that takes 20 "
            "or more."
        )
    return (
        f"Of 100 good parts about {_count(alarms['expected'])} will be called defective ({_range(alarms)})."
    )


def _caught(report: Mapping[str, Any]) -> str:
    caught = report.get("caught")
    if not caught:
        return "How many defects it catches cannot be said without defective examples."
    return (
        f"{caught['found']} of {caught['n']} known defects are caught (95% interval: {_per_cent(caught)}); "
        "other kinds may be missed."
    )


def _learned(report: Mapping[str, Any]) -> str:
    learned = report.get("learned_from_defects")
    if not learned:
        return ""
    return (
        f"Known defects were learned from: the AUROC is {learned[1]:.3f} in place of {learned[0]:.3f}, "
        "left out."
    )


def _named(report: Mapping[str, Any]) -> str:
    named = report.get("named")
    if not named:
        return ""
    return f"Of {named['n']} known defects {named['found']} are given the right kind ({_per_cent(named)})."


def _count(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.015 else f"{100 * share:.1f}"


def _range(one: Mapping[str, Any]) -> str:
    """Return an interval of 100, whole numbers, rounded outwards so that it promises no more than it can."""
    return f"{math.floor(100 * one['low'] + 1e-9)} to {math.ceil(100 * one['high'] - 1e-9)}"


def _per_cent(one: Mapping[str, Any]) -> str:
    return f"{100 * one['low']:.0f} to {100 * one['high']:.0f}%"


def _figures(report: Mapping[str, Any], alarms: Mapping[str, Any]) -> str:
    if report.get("fresh") or alarms.get("expected") is None:
        return f"Called defective above a score of {report.get('threshold', 0):.2f}."
    few = alarms["independent"] < alarms["good"] - 0.5
    alike = f", which tell as much as {alarms['independent']:.0f} independent ones" if few else ""
    return (
        f"Called defective above a score of {report.get('threshold', 0):.2f}; {alarms['good']} good photos "
        f"were left out in turn{alike}. So many cannot promise less than {100 * alarms['smallest']:.1f}% "
        "false alarms."
    )


def _kinds(report: Mapping[str, Any]) -> Table | None:
    known = report.get("known_defects") or {}
    if not known:
        return None
    rows = [(name, str(one["n"]), str(one["found"]), _per_cent(one)) for name, one in known.items()]
    return Table(("kind of defect", "photos", "caught", "95% interval"), tuple(rows), "Known defects")


def _suspects(report: Mapping[str, Any]) -> Table | None:
    suspects = report.get("suspects") or []
    if not suspects:
        return None
    rows = tuple((str(name), f"{score:.1f}") for name, score in suspects[:_SUSPECTS])
    return Table(("photo", "score"), rows, "Good photos that look least like the others: defects among them?")


def _metrics(report: Mapping[str, Any], alarms: Mapping[str, Any]) -> tuple[tuple[str, float, str], ...]:
    caught = report.get("caught")
    if not caught or not caught["n"]:
        return ()
    share = caught["found"] / caught["n"]
    return (("recall", share, f"share of known defects that are caught, {caught['n']} photos"),)
