"""The verdict in a person's own words, and what to do next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headstart.advice_report import Advice
from headstart.advice_types import Amount, DataFinding, Offer, RankedBase, Similarity
from headstart.kinds import kind_of
from headstart.reports import Evaluation, Interval

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


def say_verdict(
    data: DataFinding,
    learnable: str,
    evaluation: Evaluation,
    ranking: Sequence[RankedBase],
    similarity: Sequence[Similarity],
    amount: Amount,
    floor: Interval | None,
    worth: Interval | None,
) -> str:
    """Return one paragraph: can it be learned, with which base, how well, and would more help."""
    things = kind_of(data.modality).words.many
    if learnable == "no":
        return f"{NOTHING} {_size(data, things)}"
    accuracy = evaluation.accuracy
    if accuracy.estimate is None:
        why = accuracy.how or "there is too little to test on"
        return f"How well this can be learned cannot be said yet: {why}."
    if learnable == "unknown":
        few = f"{data.used} {things}" + (f" in {data.groups.count} groups" if data.groups.given else "")
        mend = "Bring some from more sources." if data.groups.given else "Bring at least 20 of each class."
        return (
            f"Whether this can be learned cannot be said yet: {few} are too few to tell it from luck. {mend}"
        )
    chosen = next((one for one in ranking if one.chosen), None)
    parts = []
    if chosen is not None:
        verdict = next((one.verdict for one in similarity if one.base == chosen.base), None)
        alike = f", {_ALIKE[verdict].format(things=things)}" if verdict else ""
        parts.append(f"Yes, this can be learned. There is a base for it, {chosen.base}{alike}.")
    elif not ranking:
        parts.append(f"Yes, this can be learned, without any base model: there is none for {things}.")
    parts.append(
        f"Of 100 new {things} like these, expect {100 * accuracy.low:.0f} to {100 * accuracy.high:.0f} "
        f"to get the right name; always naming the commonest class would get {100 * evaluation.guessing:.0f}."
    )
    parts += _worth(floor, worth)
    parts.append(amount.in_words)
    return " ".join(part for part in parts if part)


def _size(data: DataFinding, things: str) -> str:
    smallest = min(data.counts.values(), default=0)
    if smallest < 10:
        return f"The smallest class has only {smallest}; that may be why."
    return f"Either the labels do not belong to the {things}, or the difference cannot be told from them."


def _worth(floor: Interval | None, worth: Interval | None) -> list[str]:
    if floor is None or floor.estimate is None or worth is None or worth.estimate is None:
        return []
    if worth.low > 0:
        return [f"Without any base model it would be {100 * floor.estimate:.0f}."]
    return [
        f"A simple method without any base model does about as well ({100 * floor.estimate:.0f}), so the "
        "base brings little here."
    ]


def say_next_steps(
    data: DataFinding,
    learnable: str,
    ranking: Sequence[RankedBase],
    similarity: Sequence[Similarity],
    amount: Amount,
    availability: Sequence[Offer],
    doubted: int,
    origin: str,
) -> list[str]:
    """Return what to do, the most useful first."""
    things = kind_of(data.modality).words.many
    steps: list[str] = []
    if learnable == "no":
        steps.append(
            f"Look at ten {things} of each class: could a person who knows nothing else tell them apart?"
        )
    if data.conflicts:
        steps.append(
            f"Decide on {len(data.conflicts)} {things} that stand under two labels; they were left out."
        )
    if doubted:
        few = "1 label" if doubted == 1 else f"{doubted} labels"
        steps.append(f"Look at {few} that may be wrong, listed under 'labels to check'.")
    if data.outliers:
        steps.append(f"Look at {len(data.outliers)} {things} unlike all others: do they belong here?")
    if data.groups.leaks and not data.groups.given:
        steps.append(f"Many {things} are near-duplicates; bring others, taken at other times and places.")
    steps += _about_bases(ranking, similarity, availability)
    steps += _about_amount(data, learnable, amount, things)
    if learnable != "no":
        steps.append(f"Train, with the same options: headstart train {origin} -o my-model")
    return steps


def _about_bases(
    ranking: Sequence[RankedBase], similarity: Sequence[Similarity], availability: Sequence[Offer]
) -> list[str]:
    measured = {one.base for one in ranking}
    foreign = bool(similarity) and similarity[0].verdict == "foreign"
    good = bool(ranking) and (ranking[0].accuracy.estimate or 0.0) >= GOOD
    others = [one for one in availability if one.name not in measured and one.suits is not False]
    local = [one for one in others if not one.hub]
    if foreign and others and not good:
        best = (local or others)[0]
        return [f"Try a base that learned other things: headstart bases get {best.name} ({best.trained_on})"]
    if len(measured) < 2 and local:
        return [f"Only one base was measured. To compare: headstart bases get {local[0].name}"]
    return []


def _about_amount(data: DataFinding, learnable: str, amount: Amount, things: str) -> list[str]:
    if amount.for_target is not None and amount.for_target.reachable in ("yes", "uncertain"):
        return [amount.for_target.in_words]
    if not amount.curve and data.used:
        return [amount.in_words]
    if learnable == "no" or amount.in_words.startswith("More of the same"):
        return []
    worst = [one.label for one in amount.classes[:2] if one.share >= 0.5 / max(len(amount.classes), 1)]
    if worst:
        return [
            f"If you collect more {things}, begin with {' and '.join(worst)}: most mistakes are left there."
        ]
    return []


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
