"""What stands at the top: the verdict, what to expect of a hundred new examples, and what that beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart import verdicts
from headstart.report.charts import hundred
from headstart.wording import Words
from headstart.wording.gentle import same_folds
from headstart.wording.groups import question

_DRAWN = ("expect", "worth", "amount")
"""Conclusions that the page draws, or tells under the third question."""
_TONES = {"good": "good", "unknown": "unknown"}
"""How the page shows what `headstart.verdicts.tone` says, where that is not ``careful``."""
_TERMS = {"gentle": "fine-tuning", "frozen": "frozen", "floor": "baseline"}
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
    words: Words,
) -> Headline:
    """Put the most important findings of training, of a check, or of both, into words."""
    accuracy = evaluation.get("accuracy") or {}
    known = accuracy.get("estimate") is not None
    low, high = float(accuracy.get("low", 0.0)), float(accuracy.get("high", 1.0))
    asked = question(report.get("suspected_groups") or advice.get("suspected_groups") or [], modality, words)
    found = verdicts.tone(str(advice.get("learnable") or ""), evaluation, asked=bool(asked))
    tone, badge = _TONES.get(found, "careful"), words.say(f"tone.{found}")
    short = words.of_hundred(low, high)
    expect = words.say("expect", kind=modality, range=short)
    before, _, after = words.say("expect", kind=modality, range="\0").partition("\0")
    concluded = [one for one in advice.get("conclusions") or [] if one["code"] not in _DRAWN]
    said = [words.tell("conclusion", one) for one in concluded]
    lead, rest = _led(said or _verdict(report, evaluation, modality, words, known=known))
    return Headline(
        tone=tone,
        badge=badge,
        lead=lead,
        rest=rest,
        expect=expect if known else "",
        expect_before=before,
        expect_short=short,
        expect_after=after,
        cells=hundred(low, high) if known else [],
        ranges=_ranges(report, advice, evaluation, base, words) if known else [],
        worth=_worth(advice.get("worth"), report.get("gentle") or {}, words),
        how=words.tell("unmeasured", accuracy.get("reason"), str(accuracy.get("how") or "")),
        question=asked,
    )


def _led(said: Sequence[str]) -> tuple[str, str]:
    """Return the sentences that are set large, two at most, and the rest."""
    large = 2 if len(" ".join(said[:2])) <= LEAD_LIMIT else 1
    return " ".join(said[:large]), " ".join(said[large:])


def _verdict(
    report: Mapping[str, Any], evaluation: Mapping[str, Any], modality: str, words: Words, *, known: bool
) -> list[str]:
    used = words.things(modality, int(report.get("used") or 0))
    said = words.say("report.tells", classes=len(report.get("classes") or {}), used=used)
    if not known:
        return [said, words.say("report.tells-unknown")]
    found = verdicts.by_class(evaluation)
    if found is not None:
        return [words.say(f"conclusion.{'missed' if found['missed'] else 'by-class'}", **found), said]
    recalls = {name: score.get("recall") for name, score in (evaluation.get("per_class") or {}).items()}
    weak = verdicts.weak_classes(recalls)
    if not weak:
        return [said, words.say("report.tells-alike")]
    recall = words.percent(recalls[weak[0]])
    return [said, words.say("report.tells-weakest", name=weak[0], recall=recall)]


def _ranges(
    report: Mapping[str, Any],
    advice: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    base: str,
    words: Words,
) -> list[Range]:
    accuracy = evaluation["accuracy"]
    gentle = report.get("gentle") or {}
    ways = same_folds(gentle, words) if gentle.get("kept") else []
    if ways:  # what it is compared with is measured as it was
        found = [_range(way.name, way.accuracy, _TERMS[way.kind], words, ours=way.kept) for way in ways]
    else:
        name = words.say("report.range-ours", base=base) if base else words.say("report.range-this")
        found = [_range(name, accuracy, "base model", words, ours=True)]
        floor = report.get("floor") or advice.get("floor")
        if floor and floor.get("estimate") is not None:
            found.append(_range(words.say("report.range-floor"), floor, "baseline", words))
    guessing = evaluation.get("guessing")
    if guessing is not None:
        text = words.say("report.of-hundred", range=f"{100 * guessing:.0f}")
        what = words.say("report.range-guess")
        found.append(Range(what, guessing, guessing, guessing, text, "baseline"))
    return found


def _range(what: str, interval: Mapping[str, Any], term: str, words: Words, *, ours: bool = False) -> Range:
    low, high = float(interval["low"]), float(interval["high"])
    text = words.say("report.of-hundred", range=words.of_hundred(low, high))
    return Range(what, low, high, float(interval["estimate"]), text, term, ours)


def _worth(worth: Mapping[str, Any] | None, gentle: Mapping[str, Any], words: Words) -> str:
    if gentle.get("kept"):
        folds = [words.say("report.same-folds", folds=gentle.get("folds"))] if same_folds(gentle) else []
        return " ".join([*folds, words.say("report.of-the-frozen")])
    found = verdicts.worth(worth)
    if not found or not worth:
        return ""
    low, high = float(worth["low"]), float(worth["high"])
    figures = {"range": words.of_hundred(low, high), "points": words.points(low, high)}
    return words.say(f"report.worth-{found}", **figures)
