"""Whether to answer: fitted on one corpus and asked of the other, and what the shipped coefficients do.

Usage: python benchmarks/assistant_outcomes.py CORPORA [--base multilingual_e5_small] [--others 1000]

``CORPORA`` is that of `benchmarks/assistant.py`; all passages are taken unless ``--others`` says how many
beside those of the documents with answers. What is printed are the figures of docs/assistant.md, and those
that ``outcomes.json`` names. A question's own section is hidden to see whether it is still answered.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from assistant import SMALL_TALK, build, holds, read_questions
from harness import RESULTS, machine
from sklearn.linear_model import LogisticRegression

from headstart.assistant.answers import Signals, Status
from headstart.assistant.assistant import Assistant
from headstart.assistant.outcomes import Outcomes, shipped
from headstart.assistant.questions import Question, is_right
from headstart.assistant.searching import query_of, signals_of

WEAKNESS_OF_PRIOR = 100


@dataclass(frozen=True)
class Measured:
    """The signals of questions: a corpus' own, the same with their sections hidden, and other corpora's."""

    own: list[Signals]
    places: np.ndarray
    hidden: list[Signals]
    foreign: list[Signals]


def measured(assistant: Assistant, own: Sequence[Question], others: Sequence[Question]) -> Measured:
    """Ask an assistant its own and other questions, without deciding anything."""
    content = assistant.content

    def ask(question: str, visible: np.ndarray | None = None) -> tuple[Signals, list[int]]:
        query = query_of(question, "", assistant._meanings)
        ranked = content.index.search(query, visible=visible, twins=content.twins, most=11)
        return signals_of(ranked, query, content.passages, content.index.postings), ranked.rows.tolist()

    signals, places, hidden = [], [], []
    for question in own:
        seen, rows = ask(question.question)
        signals.append(seen)
        right = [place for place, row in enumerate(rows[:10]) if holds(content, row, question)]
        places.append(right[0] if right else 99)
        elsewhere = np.array([not is_right(passage, question) for passage in content.passages])
        hidden.append(ask(question.question, elsewhere)[0])
    foreign = [ask(question.question)[0] for question in others]
    return Measured(signals, np.array(places), hidden, foreign)


def fitted(several: Sequence[Measured]) -> Outcomes:
    """Return the coefficients that tell best whether the first passage is the right one."""
    rows = [astuple(signals) for one in several for signals in (*one.own, *one.foreign)]
    right = np.concatenate([[*(one.places < 1), *([False] * len(one.foreign))] for one in several])
    model = LogisticRegression(C=WEAKNESS_OF_PRIOR, max_iter=1000).fit(rows, right)
    return replace(
        shipped(), weights=tuple(model.coef_[0].round(2)), bias=float(model.intercept_[0].round(2))
    )


def figures(one: Measured, outcomes: Outcomes) -> dict[str, float]:
    """Return what coefficients do with the questions of a corpus."""

    def answered(several: Sequence[Signals]) -> np.ndarray:
        return np.array([outcomes.decide(signals) is Status.ANSWER for signals in several])

    given = answered(one.own)
    return {
        "answered": float(given.mean()),
        "right first": float((one.places[given] < 1).mean()),
        "right among three": float((one.places[given] < 3).mean()),
        "other corpus answered": float(answered(one.foreign).mean()),
        "own section hidden, answered": float(answered(one.hidden).mean()),
    }


def show(name: str, told: dict[str, float]) -> dict[str, float]:
    print(f"  {name:44}" + ", ".join(f"{what} {share:.3f}" for what, share in told.items()))
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--base")
    parser.add_argument("--others", type=int, default=-1)
    given = parser.parse_args()
    asked = {
        path.parent.name: [pair[1] for pair in read_questions(path.parent) if pair[0] in ("faq", "para")]
        for path in sorted(given.corpora.glob("*/questions.jsonl"))
    }
    told: dict[str, Any] = {"machine": machine(), "base": given.base}
    found: dict[str, Measured] = {}
    for name, own in asked.items():
        files = {question.file for question in own}
        assistant = build(given.corpora / name / "docs", files, given.others, given.base)
        others = [question for other, several in asked.items() if other != name for question in several]
        found[name] = measured(assistant, own, others)
        print(
            f"{name}: {len(assistant.documents)} documents, {len(assistant):,} passages, {len(own)} questions"
        )
        told[name] = show("as shipped", figures(found[name], assistant.outcomes))
        small = [assistant.ask(text, keep=False).status is Status.ANSWER for text in SMALL_TALK]
        told[f"{name}, small talk"] = sum(small)
    for name, one in found.items():
        rest = [other for key, other in found.items() if key != name]
        if rest:
            told[f"{name}, crossed"] = show(f"fitted elsewhere, asked of {name}", figures(one, fitted(rest)))
    both = fitted(list(found.values()))
    print(f"  fitted on all: weights {both.weights}, bias {both.bias}")
    for name, one in found.items():
        told[f"{name}, fitted on all"] = show(f"fitted on all, asked of {name}", figures(one, both))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "assistant_outcomes.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
