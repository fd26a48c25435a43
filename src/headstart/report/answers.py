"""The three questions of transfer learning, each with a short answer and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.report.wording import counted, percent, points, things

NOT_MEASURED = "Not measured here"
_GROWTH = {
    "hardly": ("More would hardly help", "full"),
    "may": ("More may help", "half"),
    "would": ("More would help", "half"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the three.

    Attributes
    ----------
    short
        One to four words.
    sign
        ``full``, ``half``, ``empty`` or ``open``: a shape that says the same as `short`.
    more
        The id of the section with the figures; empty where the page has none.
    """

    question: str
    short: str
    sign: str
    text: str
    more: str = ""
    more_text: str = ""


def build_answers(
    report: Mapping[str, Any], advice: Mapping[str, Any], modality: str, base: str
) -> list[Answer]:
    """Answer all three, from a check where there is one and from training otherwise."""
    return [
        _base(report, advice, modality, base),
        _similar(advice, base),
        _amount(report, advice, modality),
    ]


def _base(report: Mapping[str, Any], advice: Mapping[str, Any], modality: str, base: str) -> Answer:
    question = "Is there a base model for this kind of data?"
    offers = advice.get("availability") or []
    measured = len(advice.get("ranking") or _bases_tried(report))
    if advice.get("columns"):
        return _bases_of_columns(question, advice.get("ranking") or [])
    if not base:
        if offers:
            text = f"There are {len(offers)}, but none on this machine could be measured."
            return Answer(question, "Yes, to be fetched", "half", text, "bases", "Which there are")
        return Answer(question, "None known", "empty", f"No base model for {things(modality)} is known here.")
    chosen: Mapping[str, Any] = next((o for o in offers if o.get("name") == base), {})
    did = f"does best of {measured} measured on your own examples" if measured > 1 else "is the one measured"
    text = f"{chosen.get('title') or base} {did}."
    if chosen.get("trained_on"):
        text += f" It learned from {chosen['trained_on']}."
    return Answer(question, "Yes", "full", text, "bases", "All that were measured")


def _bases_of_columns(question: str, ranking: Sequence[Mapping[str, Any]]) -> Answer:
    taken = [f"{one['base']} for the column {one['column']}" for one in ranking if one.get("chosen")]
    if not taken:
        return Answer(question, "None needed", "full", "The columns are numbers, categories and dates.")
    text = f"{', '.join(taken)}. Numbers, categories and dates need none."
    return Answer(question, "Yes", "full", text, "bases", "All that were measured")


def _bases_tried(report: Mapping[str, Any]) -> set[str]:
    tried = {str(c.get("base")) for c in report.get("candidates") or []}
    return {name for name in tried if name != "none" and "+" not in name}


def _similar(advice: Mapping[str, Any], base: str) -> Answer:
    question = "How similar is my task to what it learned?"
    ranking: Sequence[Mapping[str, Any]] = advice.get("similarity") or []
    found = next((s for s in ranking if s.get("base") == base), ranking[0] if ranking else None)
    if found is None:
        text = "Training alone does not ask this. The command headstart check answers it in seconds."
        return Answer(question, NOT_MEASURED, "open", text)
    verdict = found.get("verdict")
    short, sign = {
        "familiar": ("Familiar", "full"),
        "partly": ("Partly familiar", "half"),
        "foreign": ("Foreign to it", "empty"),
    }.get(str(verdict), ("Cannot be told", "open"))
    more = "similarity" if found.get("looks_like") or found.get("measures") else ""
    text = str(found.get("why") or "This base model gives nothing to judge by.")
    return Answer(question, short, sign, text, more, "What your classes look like to it")


def _amount(report: Mapping[str, Any], advice: Mapping[str, Any], modality: str) -> Answer:
    question = "How many examples do I have, and would more help?"
    counts = _counts(report, advice)
    have = things(modality, sum(counts.values()))
    per = ""
    if counts:
        least, most = min(counts.values()), max(counts.values())
        each = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        per = f" in {counted(len(counts), 'class', 'classes')}, {each} in each"
    amount = advice.get("amount") or {}
    if not amount.get("in_words"):
        text = f"You have {have}{per}. Whether more would help was not measured; headstart check does that."
        return Answer(question, have, "open", text, "classes", "Class by class")
    told = str(amount["in_words"])
    target = amount.get("for_target") or {}
    if target.get("in_words") and target["in_words"] not in told:
        told += f" {target['in_words']}"
    more = "amount" if amount.get("curve") else ""
    short, sign = _amount_short(amount)
    return Answer(question, short, sign, f"You have {have}{per}. {told}", more, "The learning curve")


def _amount_short(amount: Mapping[str, Any]) -> tuple[str, str]:
    """Say in a few words what the forecast says against what there is."""
    return _GROWTH.get(str(amount.get("verdict")), ("Cannot be told", "open"))


def _counts(report: Mapping[str, Any], advice: Mapping[str, Any]) -> dict[str, int]:
    data = advice.get("data") or {}
    return dict(report.get("classes") or data.get("counts") or {})


def _gain(gain: float | None) -> str:
    if gain is None:
        return ""
    if abs(100 * gain) < 0.5:
        return "no change at the last doubling"
    return f"{points(gain, gain)} at the last doubling"


def class_rows(
    report: Mapping[str, Any], advice: Mapping[str, Any], evaluation: Mapping[str, Any], modality: str
) -> list[dict[str, Any]]:
    """Return one row for each class: how many, its recall, what more would bring; weakest first."""
    per_class = evaluation.get("per_class") or {}
    gains = {g["label"]: g for g in (advice.get("amount") or {}).get("classes") or []}
    rows = []
    for name, count in _counts(report, advice).items():
        score = per_class.get(name) or {}
        gain = (gains.get(name) or {}).get("gain")
        rows.append(
            {
                "name": name,
                "count": count,
                "count_text": things(modality, count),
                "recall": score.get("recall"),
                "low": score.get("low", 0.0),
                "high": score.get("high", 1.0),
                "text": percent(score.get("recall")),
                "share": (gains.get(name) or {}).get("share"),
                "gain": gain,
                "gain_text": _gain(gain),
            }
        )
    return sorted(rows, key=lambda r: (r["recall"] is None, r["recall"] or 0.0, -r["count"]))
