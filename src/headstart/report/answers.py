"""The three questions of transfer learning, each with a short answer and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.wording import Words

_SIGNS = {"familiar": "full", "partly": "half", "foreign": "empty"}
_GROWTH = {"hardly": "full", "may": "half", "would": "half"}


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
    report: Mapping[str, Any], advice: Mapping[str, Any], modality: str, base: str, words: Words
) -> list[Answer]:
    """Answer all three, from a check where there is one and from training otherwise."""
    return [
        about_base(report, advice, modality, base, words),
        about_similarity(advice, base, words),
        about_amount(report, advice, modality, words),
    ]


def about_base(
    report: Mapping[str, Any], advice: Mapping[str, Any], modality: str, base: str, words: Words
) -> Answer:
    """Answer whether there is a base model for this kind of data."""
    say, asked = words.say, words.say("question.base")
    offers = advice.get("availability") or []
    measured = len(advice.get("ranking") or _bases_tried(report))
    if advice.get("columns"):
        return _bases_of_columns(asked, advice.get("ranking") or [], words)
    if not base and offers:
        short, why = say("answer.base-fetch"), say("answer.base-fetch-why", n=len(offers))
        return Answer(asked, short, "half", why, "bases", say("answer.base-offers"))
    if not base:
        why = say("answer.base-none-why", kind=modality)
        return Answer(asked, say("answer.base-none"), "empty", why)
    chosen: Mapping[str, Any] = next((o for o in offers if o.get("name") == base), {})
    title = chosen.get("title") or base
    code = "best" if measured > 1 else "one"
    text = say(f"answer.base-{code}", base=title, n=measured)
    if chosen.get("trained_on"):
        text += f" {say('answer.base-learned', learned=chosen['trained_on'])}"
    return Answer(asked, say("answer.base-yes"), "full", text, "bases", say("answer.base-more"))


def _bases_of_columns(asked: str, ranking: Sequence[Mapping[str, Any]], words: Words) -> Answer:
    say = words.say
    taken = [
        say("terminal.of-column", base=one["base"], column=one["column"])
        for one in ranking
        if one.get("chosen")
    ]
    if not taken:
        return Answer(asked, say("answer.base-no-need"), "full", say("answer.base-no-need-why"))
    text = say("answer.base-of-columns", bases=", ".join(taken))
    return Answer(asked, say("answer.base-yes"), "full", text, "bases", say("answer.base-more"))


def _bases_tried(report: Mapping[str, Any]) -> set[str]:
    tried = {str(c.get("base")) for c in report.get("candidates") or []}
    return {name for name in tried if name != "none" and "+" not in name}


def about_similarity(advice: Mapping[str, Any], base: str, words: Words) -> Answer:
    """Answer how similar the examples are to what the base learned."""
    say, asked = words.say, words.say("question.similar")
    ranking: Sequence[Mapping[str, Any]] = advice.get("similarity") or []
    found = next((s for s in ranking if s.get("base") == base), ranking[0] if ranking else None)
    if found is None:
        why = say("answer.similar-not-measured-why")
        return Answer(asked, say("answer.similar-not-measured"), "open", why)
    verdict = str(found.get("verdict"))
    sign = _SIGNS.get(verdict, "open")
    short = say(f"answer.similar-{verdict}") if verdict in _SIGNS else say("answer.untold")
    more = "similarity" if found.get("looks_like") or found.get("measures") else ""
    text = words.tell("similarity", found.get("reason"), str(found.get("why") or ""))
    return Answer(
        asked, short, sign, text or say("answer.similar-untold-why"), more, say("report.similarity")
    )


def about_amount(report: Mapping[str, Any], advice: Mapping[str, Any], modality: str, words: Words) -> Answer:
    """Answer how many examples there are, and whether more would help."""
    say, asked = words.say, words.say("question.amount")
    counts = _counts(report, advice)
    have = words.things(modality, sum(counts.values()))
    told = _have(counts, have, words)
    amount = advice.get("amount") or {}
    if not amount.get("in_words"):
        text = say("answer.amount-not-measured", have=told)
        return Answer(asked, have, "open", text, "classes", say("report.classes"))
    said = words.tell("amount", amount.get("reason"), str(amount["in_words"]))
    target = words.tell("target", *_reason_of(amount.get("for_target")))
    if target and target not in said:
        said += f" {target}"
    verdict = str(amount.get("verdict"))
    short = say(f"answer.amount-{verdict}") if verdict in _GROWTH else say("answer.untold")
    more = "amount" if amount.get("curve") else ""
    sign = _GROWTH.get(verdict, "open")
    return Answer(asked, short, sign, f"{told} {said}", more, say("answer.amount-more"))


def _reason_of(target: Mapping[str, Any] | None) -> tuple[Mapping[str, Any] | None, str]:
    found = target or {}
    return found.get("reason"), str(found.get("in_words") or "")


def amount_texts(amount: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Return what is said beside the learning curve."""
    return {
        "said": words.tell("amount", amount.get("reason"), str(amount.get("in_words") or "")),
        "target": words.tell("target", *_reason_of(amount.get("for_target"))),
    }


def _have(counts: Mapping[str, int], have: str, words: Words) -> str:
    if not counts:
        return words.say("answer.amount-have", have=have)
    least, most = words.whole(min(counts.values())), words.whole(max(counts.values()))
    each = least if least == most else words.between(least, most)
    return words.say("answer.amount-have-each", have=have, classes=len(counts), each=each)


def _counts(report: Mapping[str, Any], advice: Mapping[str, Any]) -> dict[str, int]:
    data = advice.get("data") or {}
    return dict(report.get("classes") or data.get("counts") or {})


def _gain(gain: float | None, words: Words) -> str:
    if gain is None:
        return ""
    if abs(100 * gain) < 0.5:
        return words.say("report.gain-none")
    return words.say("report.gain", points=words.points(gain, gain))


def class_rows(
    report: Mapping[str, Any],
    advice: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    modality: str,
    words: Words,
) -> list[dict[str, Any]]:
    """Return one row for each class: how many, its recall, what more would bring; weakest first."""
    per_class = evaluation.get("per_class") or {}
    gains = {g["label"]: g for g in (advice.get("amount") or {}).get("classes") or []}
    rows = []
    for name, count in _counts(report, advice).items():
        score = per_class.get(name) or {}
        gain = (gains.get(name) or {}).get("gain")
        low, high = score.get("low", 0.0), score.get("high", 1.0)
        rows.append(
            {
                "name": name,
                "count": count,
                "count_text": words.things(modality, count),
                "recall": score.get("recall"),
                "low": low,
                "high": high,
                "text": words.percent(score.get("recall")),
                "range": words.between(words.percent(low), words.percent(high)),
                "share": (gains.get(name) or {}).get("share"),
                "gain": gain,
                "gain_text": _gain(gain, words),
            }
        )
    return sorted(rows, key=lambda r: (r["recall"] is None, r["recall"] or 0.0, -r["count"]))
