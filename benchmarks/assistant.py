"""An assistant on two corpora of real documentation, beside BM25 alone and the base model alone.

Usage: python benchmarks/assistant.py CORPORA [--corpus pystack] [--others 1000] [--speed]

``CORPORA`` holds a folder for each corpus, with ``docs/`` and ``questions.jsonl`` (one object a line:
question, file, gold_text, kind; page and previous where they matter). What is printed are the tables of
docs/assistant.md. All passages of the documents with answers are taken and ``--others`` more (-1 for all):
recall falls as documents are added, so figures are comparable at equal size alone. Passages are embedded
through the usual cache, so the second run takes seconds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from harness import RESULTS, machine

from headstart.assistant.answers import Status
from headstart.assistant.assistant import Assistant
from headstart.assistant.content import Content, known_of
from headstart.assistant.index import Index, Query, Vectors
from headstart.assistant.indexing import index_passages
from headstart.assistant.passages import Passage, cut
from headstart.assistant.postings import count_words
from headstart.assistant.questions import Question, is_right
from headstart.assistant.searching import query_of, signals_of
from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import prepare
from headstart.documents import read_documents
from headstart.encoders.open import open_encoder
from headstart.evaluation.intervals import accuracy_interval
from headstart.execution import silent
from headstart.types import Modality

SMALL_TALK = (
    "hi",
    "hello there",
    "thanks!",
    "who are you?",
    "ok great",
    "bye",
    "how are you",
    "what can you do?",
)
METHODS = ("BM25", "base model alone", "headstart")


def read_questions(folder: Path) -> list[tuple[str, Question]]:
    """Return questions with their kinds; a page takes the place of the text of a PDF."""
    rows = [
        json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    return [
        (
            row["kind"],
            Question(
                row["question"],
                row["file"],
                "" if row["kind"] == "pdf" else row["gold_text"],
                row.get("page"),
                row.get("previous", ""),
            ),
        )
        for row in rows
    ]


def build(folder: Path, files: set[str], others: int, base: str | None = None) -> Assistant:
    """Return an assistant of the documents with answers, and of other passages drawn at random."""
    catalogue = load_catalogue()
    card = catalogue.get(base) if base else catalogue.default(Modality.TEXT)
    encoder: Any = open_encoder(prepare(card))
    documents = read_documents(folder).documents
    passages = chosen(cut(documents, encoder.lengths), files, others)
    content = Content(tuple(map(known_of, documents)), passages, index_passages(passages, encoder, silent))
    return Assistant(content, encoder)


def chosen(passages: Sequence[Passage], files: set[str], others: int) -> list[Passage]:
    """Return the passages of some documents, and as many of the others."""
    needed = [row for row, passage in enumerate(passages) if passage.document in files]
    rest = [row for row, passage in enumerate(passages) if passage.document not in files]
    if 0 <= others < len(rest):
        rest = np.random.default_rng(0).choice(rest, others, replace=False).tolist()
    return [passages[row] for row in sorted([*needed, *rest])]


def ranks(assistant: Assistant, asked: Sequence[tuple[str, Question]]) -> dict[str, np.ndarray]:
    """Return where the right passage stands for each method, 99 beyond the tenth."""
    content = assistant.content
    found: dict[str, list[int]] = {method: [] for method in METHODS}
    for _, question in asked:
        query = query_of(question.question, question.previous, assistant._meanings)
        scores = (content.index.shares(query.words), content.index.vectors.exact_whole @ query.vector)
        best = [np.argsort(-values, kind="stable")[:10].tolist() for values in scores]
        ours = content.index.search(query, twins=content.twins, most=10).rows.tolist()
        for method, rows in zip(METHODS, (*best, ours), strict=True):
            right = [place for place, row in enumerate(rows) if holds(content, row, question)]
            found[method].append(right[0] if right else 99)
    return {method: np.array(places) for method, places in found.items()}


def holds(content: Content, row: int, question: Question) -> bool:
    """Return whether a passage, or one that says the same, is the place of the answer."""
    return any(is_right(passage, question) for passage in content.same_as(content.passages[row]))


def show_recall(name: str, assistant: Assistant, asked: Sequence[tuple[str, Question]]) -> dict[str, Any]:
    """Print recall by method and kind of question, and the row of the docs' table."""
    kinds = np.array([kind for kind, _ in asked])
    files = np.array([question.file for _, question in asked])
    told: dict[str, Any] = {}
    for method, places in ranks(assistant, asked).items():
        groups = {"faq+para": ("faq", "para"), **{kind: (kind,) for kind in sorted(set(kinds))}}
        for group, members in groups.items():
            here = np.isin(kinds, members)
            three = accuracy_interval(places[here] < 3, files[here])
            figures = {
                "questions": int(here.sum()),
                "recall_1": float((places[here] < 1).mean()),
                "recall_3": [float((places[here] < 3).mean()), three.low, three.high],
                "mrr": float(np.where(places[here] < 10, 1 / (places[here] + 1.0), 0).mean()),
            }
            told[f"{method}, {group}"] = figures
            print(f"  {method:18}{group:10}{_figures(figures)}")
    words, base, ours = (told[f"{method}, faq+para"] for method in METHODS)
    recall, low, high = ours["recall_3"]
    print(
        f"| `{name}` {len(assistant):,}, {ours['questions']} | {_short(words['recall_3'][0])} "
        f"| {_short(base['recall_3'][0])} | {_short(ours['recall_1'])} "
        f"| **{_short(recall)}** ({_short(low)} to {_short(high)}) | {_short(ours['mrr'])} |"
    )
    return told


def _figures(figures: dict[str, Any]) -> str:
    recall, low, high = figures["recall_3"]
    return (
        f"{figures['questions']:5}  R@1 {figures['recall_1']:.3f}  R@3 {recall:.3f} ({low:.3f} to {high:.3f})"
        f"  MRR {figures['mrr']:.3f}"
    )


def _short(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")


def show_outcomes(
    name: str,
    assistant: Assistant,
    asked: Sequence[tuple[str, Question]],
    others: Sequence[tuple[str, Question]],
) -> dict[str, Any]:
    """Print what is answered and right; what is answered of other products' questions and of small talk."""
    own = [question for kind, question in asked if kind in ("faq", "para")]
    foreign = [replace(question, file="", passage="") for kind, question in others if kind in ("faq", "para")]
    report = assistant.evaluate([*own, *foreign])
    shares = (report.answered, report.right, report.right_3, report.wrongly_answered)
    cells = [f"{100 * i.estimate:.0f} ({100 * i.low:.0f} to {100 * i.high:.0f})" for i in shares]  # type: ignore[operator]
    print(f"| `{name}` {len(assistant):,} | {' | '.join(cells)} |")
    small = [assistant.ask(text, keep=False).status is Status.ANSWER for text in SMALL_TALK]
    print(f"  small talk answered: {np.mean(small):.2f}")
    hidden = [answered_without(assistant, question) for question in own]
    print(f"  answered with the section hidden: {np.mean(hidden):.2f}")
    disagreeing = show_conflicts(assistant, own)
    return {
        **report.to_dict(),
        "answered_with_section_hidden": float(np.mean(hidden)),
        "conflicts_shown": disagreeing,
    }


def show_conflicts(assistant: Assistant, own: Sequence[Question]) -> int:
    """Print the conflicts that are shown, for a person to judge, and return of how many questions."""
    answers = [assistant.ask(question.question, keep=False) for question in own]
    shown = [answer for answer in answers if answer.conflicts]
    print(f"  questions with a conflict shown: {len(shown)} of {len(own)}")
    for answer in shown:
        for conflict in answer.conflicts:
            print(f"    {answer.question!r}: {conflict.numbers}")
            for quote in (conflict.first, conflict.other):
                print(f"      {quote.document}: {' '.join(quote.text.split())[:160]}")
    return len(shown)


def answered_without(assistant: Assistant, question: Question) -> bool:
    """Return whether a question is answered where every passage that holds its answer is hidden."""
    content = assistant.content
    query = query_of(question.question, "", assistant._meanings)
    visible = np.array([not is_right(passage, question) for passage in content.passages])
    ranked = content.index.search(query, visible=visible, twins=content.twins)
    signals = signals_of(ranked, query, content.passages, content.index.postings)
    return assistant.outcomes.decide(signals) is Status.ANSWER


def milliseconds(work: Callable[[Query], Any], queries: Sequence[Query], rounds: int = 3) -> float:
    """Return the median of what one query takes of one core, whatever else the machine does."""
    taken = []
    for _ in range(rounds):
        for query in queries:
            start = time.process_time()
            work(query)
            taken.append(time.process_time() - start)
    return 1000 * float(np.median(taken))


def show_speed(assistant: Assistant, asked: Sequence[tuple[str, Question]]) -> dict[str, float]:
    """Print what a question takes at 1,000, 10,000 and 100,000 passages: rows of the corpus, repeated."""
    content, told = assistant.content, {}
    questions = [question.question for _, question in asked[:40]]
    queries = [query_of(question, "", assistant._meanings) for question in questions]
    for size in (1_000, 10_000, 100_000):
        rows = np.resize(np.arange(len(content.passages)), size)
        vectors: Vectors = content.index.vectors.take(rows)
        texts = [content.passages[row].worded for row in rows.tolist()]
        index = Index(vectors, count_words(texts))
        index.search(queries[0])
        told[f"search, {size:,} passages"] = milliseconds(index.search, queries)
    encode = assistant.encoder.encode
    told["embedding a question"] = milliseconds(lambda query: encode([" ".join(query.words)]), queries, 1)
    new = Assistant(assistant.read, assistant.encoder)
    start = time.process_time()
    for question in questions:
        new.ask(question, keep=False)
    told[f"whole answer, {len(content.passages):,} passages"] = 1000 * (time.process_time() - start) / 40
    for name, taken in told.items():
        print(f"  {name:36}{taken:8.1f} ms")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--corpus", action="append")
    parser.add_argument("--others", type=int, default=1000)
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_args()
    folders = sorted(path.parent for path in given.corpora.glob("*/questions.jsonl"))
    asked = {folder.name: read_questions(folder) for folder in folders}
    told: dict[str, Any] = {"machine": machine()}
    for folder in folders:
        if given.corpus and folder.name not in given.corpus:
            continue
        own = [(kind, question) for kind, question in asked[folder.name] if kind != "pdf"]
        assistant = build(folder / "docs", {question.file for _, question in own}, given.others)
        others = [pair for name, pairs in asked.items() if name != folder.name for pair in pairs]
        print(f"{folder.name}: {len(assistant.documents)} documents, {len(assistant):,} passages")
        result = {
            "recall": show_recall(folder.name, assistant, own),
            "outcomes": show_outcomes(folder.name, assistant, own, others),
        }
        told[folder.name] = {**result, "speed": show_speed(assistant, own) if given.speed else {}}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "assistant.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
