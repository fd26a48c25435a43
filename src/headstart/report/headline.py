"""What stands at the top: the verdict, what to expect of a hundred new examples, and what that beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart import verdicts
from headstart.report.charts import hundred
from headstart.report.wording import counted, of_hundred, percent, points, things
from headstart.wording import ENGLISH
from headstart.wording.gentle import same_folds
from headstart.wording.groups import question

_DRAWN = ("expect", "worth", "amount")
"""Conclusions that the page draws, or tells under the third question."""
_TONES = {"good": "good", "unknown": "unknown"}
"""How the page shows what `headstart.verdicts.tone` says, where that is not ``careful``."""
_TERMS = {"gentle": "fine-tuning", "frozen": "frozen", "floor": "baseline"}
OF_THE_FROZEN = (
    "Mistakes, the chart of sureness, the learning curve and labels to check are those of the frozen model, "
    "from before tuning and by leave-one-out."
)
LEAD_LIMIT = 180
"""Characters of the verdict that are set large."""


@dataclass(frozen=True, slots=True)
class Range:
    """One line of the comparison: what would be right, with its interval."""

    what: str
    low: float
    high: float
    estimate: float | None
    text: str
    term: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """The first screen.

    Attributes
    ----------
    tone
        ``good``, ``careful`` or ``unknown``; said in `badge` too, never by colour alone.
    lead, rest
        The verdict: what is set large, and what follows it.
    expect
        ``91 to 96``; empty where nothing could be measured.
    question
        Asked first: what new examples will be like, where groups that nobody named make a difference.
    cells
        What each of a hundred new examples is; empty where nothing could be measured.
    """

    tone: str
    badge: str
    lead: str
    rest: str
    expect: str
    expect_before: str
    expect_short: str
    expect_after: str
    cells: Sequence[str]
    ranges: Sequence[Range]
    worth: str
    how: str
    question: Sequence[str] = ()


def build_headline(
    report: Mapping[str, Any],
    advice: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    modality: str,
    base: str,
) -> Headline:
    """Put the most important findings of training, of a check, or of both, into words."""
    accuracy = evaluation.get("accuracy") or {}
    known = accuracy.get("estimate") is not None
    low, high = float(accuracy.get("low", 0.0)), float(accuracy.get("high", 1.0))
    asked = question(
        report.get("suspected_groups") or advice.get("suspected_groups") or [], modality, ENGLISH
    )
    found = verdicts.tone(str(advice.get("learnable") or ""), evaluation, asked=bool(asked))
    tone, badge = _TONES.get(found, "careful"), ENGLISH.say(f"tone.{found}")
    before, after = f"Of 100 new {things(modality)} like these, expect", "to get the right name."
    said = [str(one["text"]) for one in advice.get("conclusions") or [] if one["code"] not in _DRAWN]
    lead, rest = _led(said or _verdict(report, evaluation, modality, known))
    return Headline(
        tone=tone,
        badge=badge,
        lead=lead,
        rest=rest,
        expect=f"{before} {of_hundred(low, high)} {after}" if known else "",
        expect_before=before,
        expect_short=of_hundred(low, high),
        expect_after=after,
        cells=hundred(low, high) if known else [],
        ranges=_ranges(report, advice, evaluation, base) if known else [],
        worth=_worth(advice.get("worth"), report.get("gentle") or {}),
        how=str(accuracy.get("how") or ""),
        question=asked,
    )


def _led(said: Sequence[str]) -> tuple[str, str]:
    """Return the sentences that are set large, two at most, and the rest."""
    large = 2 if len(" ".join(said[:2])) <= LEAD_LIMIT else 1
    return " ".join(said[:large]), " ".join(said[large:])


def _verdict(
    report: Mapping[str, Any], evaluation: Mapping[str, Any], modality: str, known: bool
) -> list[str]:
    used = things(modality, int(report.get("used") or 0))
    classes = counted(len(report.get("classes") or {}), "class", "classes")
    said = f"The model tells {classes} apart, from {used}."
    if not known:
        return [said, "How good it is cannot be said yet."]
    weakest = [
        (score["recall"], name)
        for name, score in (evaluation.get("per_class") or {}).items()
        if score.get("recall") is not None
    ]
    if not weakest or min(weakest)[0] >= 0.97:
        return [said, "Its recall is about the same in every class."]
    recall, name = min(weakest)
    return [said, f"It is weakest at {name}, with a recall of {percent(recall)}."]


def _ranges(
    report: Mapping[str, Any], advice: Mapping[str, Any], evaluation: Mapping[str, Any], base: str
) -> list[Range]:
    accuracy = evaluation["accuracy"]
    gentle = report.get("gentle") or {}
    ways = same_folds(gentle) if gentle.get("kept") else []
    if ways:  # what it is compared with is measured as it was
        found = [_range(way.name, way.accuracy, _TERMS[way.kind], ours=way.kept) for way in ways]
    else:
        name = f"Starting from {base}" if base else "This model"
        found = [_range(name, accuracy, "base model", ours=True)]
        floor = report.get("floor") or advice.get("floor")
        if floor and floor.get("estimate") is not None:
            found.append(_range("A simple method, no base model", floor, "baseline"))
    guessing = evaluation.get("guessing")
    if guessing is not None:
        text = f"{100 * guessing:.0f} of 100"
        found.append(Range("Always the commonest class", guessing, guessing, guessing, text, "baseline"))
    return found


def _range(what: str, interval: Mapping[str, Any], term: str, *, ours: bool = False) -> Range:
    low, high = float(interval["low"]), float(interval["high"])
    return Range(what, low, high, float(interval["estimate"]), f"{of_hundred(low, high)} of 100", term, ours)


def _worth(worth: Mapping[str, Any] | None, gentle: Mapping[str, Any]) -> str:
    if gentle.get("kept"):
        folds = f"These were measured in the same way, on the same {gentle.get('folds')} folds. "
        return (folds if same_folds(gentle) else "") + OF_THE_FROZEN
    if not worth or worth.get("estimate") is None:
        return ""
    low, high = float(worth["low"]), float(worth["high"])
    if low > 0:
        return f"Starting from the base model is worth {of_hundred(low, high)} points on these examples."
    if high < 0:
        return f"On these examples the base model does worse than a simple method: {points(low, high)}."
    return (
        f"Whether the base model helps on these examples is not clear yet: {points(low, high)} against a"
        " simple method without one."
    )
