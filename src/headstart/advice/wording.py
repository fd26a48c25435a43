"""The verdict in a person's own words, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headstart.advice_report import Advice
from headstart.advice_types import Amount, DataFinding, Offer, RankedBase, Similarity
from headstart.data.inspected import suggestion
from headstart.kinds import kind_of
from headstart.reasons import Reason
from headstart.reports import Evaluation, Interval
from headstart.types import Modality

_ALIKE = {
    "familiar": "and your {things} are of a kind that it knows",
    "partly": "though your {things} are only partly of a kind that it knows",
    "foreign": "though your {things} are unlike what it learned from",
}
GOOD = 0.95
"""Accuracy from which a base that never saw the like is not spoken of as a problem."""
NOTHING = (
    "Nothing can be learned from these examples: held out, they are named no better than if their labels had "
    "been handed out at random."
)


def conclusions(
    data: DataFinding,
    learnable: str,
    evaluation: Evaluation,
    ranking: Sequence[RankedBase],
    similarity: Sequence[Similarity],
    amount: Amount,
    floor: Interval | None,
    worth: Interval | None,
) -> list[Reason]:
    """Return the verdict: can it be learned, with which base, how well, and would more help."""
    things = kind_of(data.modality).words.many
    if learnable == "no":
        return [Reason("nothing", {}, NOTHING), Reason("why-nothing", {}, _size(data, things))]
    accuracy = evaluation.accuracy
    if accuracy.estimate is None:
        why = accuracy.how or "there is too little to test on"
        return [Reason("unmeasured", {}, f"How well this can be learned cannot be said yet: {why}.")]
    if learnable == "unknown":
        return _too_few(data, things)
    found = []
    chosen = next((one for one in ranking if one.chosen), None)
    if chosen is not None:
        verdict = next((one.verdict for one in similarity if one.base == chosen.base), None)
        alike = f", {_ALIKE[verdict].format(things=things)}" if verdict else ""
        found.append(Reason("yes", {}, "Yes, this can be learned."))
        found.append(
            Reason(
                "base",
                {"base": chosen.base, "similarity": verdict},
                f"There is a base for it, {chosen.base}{alike}.",
            )
        )
    elif not ranking:
        alone = f"Yes, this can be learned, without any base model: there is none for {things}."
        found.append(Reason("yes-without-base", {}, alone))
    found.append(
        Reason(
            "expect",
            {"low": accuracy.low, "high": accuracy.high, "baseline": evaluation.guessing},
            f"Of 100 new {things} like these, expect {100 * accuracy.low:.0f} to {100 * accuracy.high:.0f} "
            f"to get the right name; always naming the commonest class would get "
            f"{100 * evaluation.guessing:.0f}.",
        )
    )
    found += _worth(floor, worth)
    if amount.in_words:
        found.append(Reason("amount", {"verdict": amount.verdict}, amount.in_words))
    return found


def _too_few(data: DataFinding, things: str) -> list[Reason]:
    few = f"{data.used} {things}" + (f" in {data.groups.count} groups" if data.groups.given else "")
    mend = "Bring some from more sources." if data.groups.given else "Bring at least 20 of each class."
    return [
        Reason(
            "too-few",
            {"used": data.used, "groups": data.groups.count},
            f"Whether this can be learned cannot be said yet: {few} are too few to tell it from luck.",
        ),
        Reason("bring", {"each": 20}, mend),
    ]


def _size(data: DataFinding, things: str) -> str:
    smallest = min(data.counts.values(), default=0)
    if smallest < 10:
        return f"The smallest class has only {smallest}; that may be why."
    return f"Either the labels do not belong to the {things}, or the difference cannot be told from them."


def _worth(floor: Interval | None, worth: Interval | None) -> list[Reason]:
    if floor is None or floor.estimate is None or worth is None or worth.estimate is None:
        return []
    figures = {"baseline": floor.estimate, "gain": worth.estimate}
    reached = f"{100 * floor.estimate:.0f}"
    if worth.low > 0:
        return [Reason("worth", figures, f"Without any base model it would be {reached}.")]
    words = f"A simple method without any base model does about as well ({reached}), so the base brings "
    return [Reason("no-worth", figures, f"{words}little here.")]


def next_steps(
    data: DataFinding,
    learnable: str,
    ranking: Sequence[RankedBase],
    similarity: Sequence[Similarity],
    amount: Amount,
    availability: Sequence[Offer],
    doubted: int,
    origin: str,
) -> list[Reason]:
    """Return what to do, the most useful first."""
    things = kind_of(data.modality).words.many
    conflicts, outliers = len(data.conflicts), len(data.outliers)
    labels = "1 label" if doubted == 1 else f"{doubted} labels"
    inspected = suggestion(data.counts) if data.modality == Modality.IMAGE else ""
    steps = [
        Reason("defects", {"counts": dict(data.counts)}, inspected) if inspected else None,
        Reason(
            "apart",
            {},
            f"Look at ten {things} of each class: could a person who knows nothing else tell them apart?",
        )
        if learnable == "no"
        else None,
        Reason(
            "conflicts",
            {"count": conflicts},
            f"Decide on {conflicts} {things} that stand under two labels; they were left out.",
        )
        if conflicts
        else None,
        Reason(
            "labels",
            {"count": doubted},
            f"Look at {labels} that may be wrong, listed under 'labels to check'.",
        )
        if doubted
        else None,
        Reason(
            "outliers",
            {"count": outliers},
            f"Look at {outliers} {things} unlike all others: do they belong here?",
        )
        if outliers
        else None,
        Reason(
            "near", {}, f"Many {things} are near-duplicates; bring others, taken at other times and places."
        )
        if data.groups.leaks and not data.groups.given
        else None,
        _about_bases(ranking, similarity, availability),
        _about_amount(data, learnable, amount, things),
        Reason(
            "train", {"data": origin}, f"Train, with the same options: headstart train {origin} -o my-model"
        )
        if learnable != "no"
        else None,
    ]
    return [step for step in steps if step is not None]


def _about_bases(
    ranking: Sequence[RankedBase], similarity: Sequence[Similarity], availability: Sequence[Offer]
) -> Reason | None:
    measured = {one.base for one in ranking}
    foreign = bool(similarity) and similarity[0].verdict == "foreign"
    good = bool(ranking) and (ranking[0].accuracy.estimate or 0.0) >= GOOD
    others = [one for one in availability if one.name not in measured and one.suits is not False]
    local = [one for one in others if not one.hub]
    if foreign and others and not good:
        best = (local or others)[0]
        return Reason(
            "try-base",
            {"base": best.name},
            f"Try a base that learned other things: headstart bases get {best.name} ({best.trained_on})",
        )
    if len(measured) < 2 and local:
        name = local[0].name
        return Reason(
            "compare-base",
            {"base": name},
            f"Only one base was measured. To compare: headstart bases get {name}",
        )
    return None


def _about_amount(data: DataFinding, learnable: str, amount: Amount, things: str) -> Reason | None:
    if amount.for_target is not None and amount.for_target.reachable in ("yes", "uncertain"):
        return Reason("target", amount.for_target.to_dict(), amount.for_target.in_words)
    if not amount.curve and data.used:
        return Reason("more", {"each": 20}, amount.in_words)
    if learnable == "no" or amount.verdict == "hardly":
        return None
    worst = [one.label for one in amount.classes[:2] if one.share >= 0.5 / max(len(amount.classes), 1)]
    if not worst:
        return None
    return Reason(
        "begin",
        {"classes": worst},
        f"If you collect more {things}, begin with {' and '.join(worst)}: most mistakes are left there.",
    )


def say_disagreement(ranking: Sequence[RankedBase], n: int) -> list[str]:
    """Say where the second opinions clearly prefer another base, and what that means.

    Parameters
    ----------
    n
        Examples measured: two shares of them differ by chance.
    """
    if len(ranking) < 2:
        return []
    chosen = next((one for one in ranking if one.chosen), ranking[0])
    tied = {one.base for one in ranking if one.tied}
    said = []
    for opinion in _OPINIONS:
        values = {one.base: getattr(one.second_opinions, opinion.field) for one in ranking}
        known = {base: float(value) for base, value in values.items() if value is not None}
        if len(known) < 2 or chosen.base not in known:
            continue
        best = max(known, key=lambda base: known[base])
        if best in tied or known[best] - known[chosen.base] <= opinion.clear(known[best], n):
            continue
        said.append(f"{opinion.name} would prefer {best} to {chosen.base}: {opinion.meaning}")
    return said


@dataclass(frozen=True)
class _Opinion:
    """A second opinion: how it is called, when it is clear, and what it means where it stands alone."""

    field: str
    name: str
    clear: Callable[[float, int], float]
    meaning: str


_OPINIONS = (
    _Opinion(
        "knn",
        "Looking at the nearest neighbour",
        lambda best, n: 2 * math.sqrt(max(best * (1 - best), 0.25 / max(n, 1)) / max(n, 1)),
        "its examples lie closer together, but a line separates them worse. Held-out answers decide.",
    ),
    _Opinion(
        "logme",
        "LogME",
        lambda best, n: 0.02,
        "that is a guess about gentle fine-tuning; for the frozen base held-out answers decide.",
    ),
    _Opinion(
        "hscore",
        "The H-score",
        lambda best, n: 0.02 * best,
        "its class means lie further apart, but held-out answers say that this does not help here.",
    ),
)


def brief(advice: Advice) -> list[str]:
    """Return the findings in a few lines, for the end of training."""
    lines = [f"Similar to what it learned: {one.why}" for one in advice.similarity[:1] if one.verdict]
    lines.append(f"More examples: {advice.amount.in_words}")
    if advice.labels_to_check:
        first = advice.labels_to_check[0]
        lines.append(
            f"Labels that may be wrong: {len(advice.labels_to_check)}, first {first.source}: labelled "
            f"{first.label}, looks like {first.suggested}."
        )
    if advice.data.outliers:
        lines.append(
            f"Unlike all others: {len(advice.data.outliers)}, first {advice.data.outliers[0].source}."
        )
    return lines
