"""The verdict, and what to do next. Their sentences stand in `headstart.wording`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from headstart.advice.amount import COLLECT
from headstart.advice_types import Amount, DataFinding, Offer, RankedBase, Similarity
from headstart.data.inspected import inspected_counts
from headstart.reasons import Reason
from headstart.reports import Evaluation, Interval
from headstart.types import Modality
from headstart.verdicts import by_class
from headstart.wording import reason

GOOD = 0.95
"""Accuracy from which a base that never saw the like is not spoken of as a problem."""
_PLAIN_YES = frozenset({"yes", "yes-without-base"})
FEWEST = 10
"""With fewer in the smallest class that may be why nothing can be learned."""


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
    kind = str(data.modality)
    if learnable == "no":
        smallest = min(data.counts.values(), default=0)
        why = reason("conclusion", "why-nothing", kind=kind, smallest=smallest, few=smallest < FEWEST)
        return [reason("conclusion", "nothing"), why]
    accuracy = evaluation.accuracy
    if accuracy.estimate is None:
        why_not = accuracy.reason or reason("unmeasured", "too-little")
        text = accuracy.how or why_not.text
        return [reason("conclusion", "unmeasured", found=why_not.code, why=text)]
    if learnable == "unknown":
        figures = {"used": data.used, "groups": data.groups.count, "given": data.groups.given}
        bring = reason("conclusion", "bring", each=COLLECT, given=data.groups.given)
        return [reason("conclusion", "too-few", kind=kind, **figures), bring]
    reasons = [*_by_class(evaluation), *_which_base(kind, ranking, similarity)]
    if reasons and reasons[0].code == "missed":  # then it is no plain yes
        reasons = [finding for finding in reasons if finding.code not in _PLAIN_YES]
    expect = {"low": accuracy.low, "high": accuracy.high, "baseline": evaluation.guessing}
    reasons.append(reason("conclusion", "expect", kind=kind, **expect))
    reasons += _worth(floor, worth)
    if amount.reason is not None:
        said, figures = amount.reason, dict(amount.reason.figures)
        reasons.append(reason("conclusion", "amount", verdict=amount.verdict, found=said.code, **figures))
    return reasons


def _which_base(kind: str, ranking: Sequence[RankedBase], similarity: Sequence[Similarity]) -> list[Reason]:
    chosen = next((ranked for ranked in ranking if ranked.chosen), None)
    if chosen is not None:
        verdict = next((likeness.verdict for likeness in similarity if likeness.base == chosen.base), None)
        base = reason("conclusion", "base", kind=kind, base=chosen.base, similarity=verdict)
        return [reason("conclusion", "yes"), base]
    return [] if ranking else [reason("conclusion", "yes-without-base", kind=kind)]


def _by_class(evaluation: Evaluation) -> list[Reason]:
    rare = by_class(evaluation.to_dict())
    if rare is None:
        return []
    return [reason("conclusion", "missed" if rare["missed"] else "by-class", **rare)]


def _worth(floor: Interval | None, worth: Interval | None) -> list[Reason]:
    if floor is None or floor.estimate is None or worth is None or worth.estimate is None:
        return []
    code = "worth" if worth.low > 0 else "no-worth"
    return [reason("conclusion", code, baseline=floor.estimate, gain=worth.estimate)]


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
    kind = str(data.modality)
    inspected = inspected_counts(data.counts) if data.modality == Modality.IMAGE else None
    counts = {"conflicts": len(data.conflicts), "labels": doubted, "outliers": len(data.outliers)}
    alike = data.groups.leaks and not data.groups.given
    steps = [
        None if inspected is None else reason("step", "defects", counts=dict(data.counts), **inspected),
        reason("step", "apart", kind=kind) if learnable == "no" else None,
        *(reason("step", code, kind=kind, count=count) for code, count in counts.items() if count),
        reason("step", "near", kind=kind) if alike else None,
        _about_bases(ranking, similarity, availability),
        _about_amount(data, learnable, amount),
        reason("step", "train", data=origin) if learnable != "no" else None,
    ]
    return [step for step in steps if step is not None]


def _about_bases(
    ranking: Sequence[RankedBase], similarity: Sequence[Similarity], availability: Sequence[Offer]
) -> Reason | None:
    measured = {ranked.base for ranked in ranking}
    foreign = bool(similarity) and similarity[0].verdict == "foreign"
    good = bool(ranking) and (ranking[0].accuracy.estimate or 0.0) >= GOOD
    others = [offer for offer in availability if offer.name not in measured and offer.suits is not False]
    local = [offer for offer in others if not offer.hub]
    if foreign and others and not good:
        best = (local or others)[0]
        return reason("step", "try-base", base=best.name, trained_on=best.trained_on)
    if len(measured) < 2 and local:
        return reason("step", "compare-base", base=local[0].name)
    return None


def _about_amount(data: DataFinding, learnable: str, amount: Amount) -> Reason | None:
    target = amount.for_target
    if target is not None and target.reason is not None and target.reachable in ("yes", "uncertain"):
        figures = {key: value for key, value in target.to_dict().items() if key != "reason"}
        return reason("step", "target", found=target.reason.code, **figures, **target.reason.figures)
    if not amount.curve and data.used and amount.reason is not None:
        figures = {"each": COLLECT, **amount.reason.figures}
        return reason("step", "more", found=amount.reason.code, **figures)
    if learnable == "no" or amount.verdict == "hardly":
        return None
    worst = [gain.label for gain in amount.classes[:2] if gain.share >= 0.5 / max(len(amount.classes), 1)]
    return reason("step", "begin", kind=str(data.modality), classes=worst) if worst else None


def say_disagreement(ranking: Sequence[RankedBase], n: int) -> list[str]:
    """Say where the second opinions clearly prefer another base, and what that means.

    Parameters
    ----------
    n
        Examples measured: two shares of them differ by chance.
    """
    if len(ranking) < 2:
        return []
    chosen = next((ranked for ranked in ranking if ranked.chosen), ranking[0])
    tied = {ranked.base for ranked in ranking if ranked.tied}
    said = []
    for opinion in _OPINIONS:
        values = {ranked.base: getattr(ranked.second_opinions, opinion.field) for ranked in ranking}
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
