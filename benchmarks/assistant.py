"""An assistant on two corpora of real documentation, beside BM25 alone and the base model alone.

Usage: python benchmarks/assistant.py CORPORA [--corpus pystack] [--passages 1500] [--speed]

``CORPORA`` holds a folder for each corpus, with ``docs/`` and ``questions.jsonl`` (one object a line:
question, file, gold_text, kind; page and previous where they matter). Documents are read and embedded through
the usual cache, so the second run takes seconds. ``--passages`` keeps all passages of the documents with
answers and draws others up to that number: recall falls as documents are added, so figures are comparable at
equal size alone.
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
from headstart.assistant.building import assist
from headstart.assistant.content import Content
from headstart.assistant.index import PART, WHOLE, WORDS, Index, Query, Vectors
from headstart.assistant.postings import count_words
from headstart.assistant.questions import Question, is_right
from headstart.assistant.searching import query_of
from headstart.evaluation.intervals import accuracy_interval

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
Scores = dict[str, np.ndarray]


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


def fewer(assistant: Assistant, files: set[str], most: int) -> Assistant:
    """Return an assistant of the documents with answers, and as many other passages as there is room for."""
    passages = assistant.read.passages
    needed = [row for row, passage in enumerate(passages) if passage.document in files]
    others = [row for row, passage in enumerate(passages) if passage.document not in files]
    room = max(min(most - len(needed), len(others)), 0)
    drawn = np.random.default_rng(0).choice(others, room, replace=False).tolist()
    rows = np.array(sorted([*needed, *drawn]))
    chosen = [passages[row] for row in rows.tolist()]
    vectors = assistant.read.index.vectors.take(rows)
    index = Index(vectors, count_words([passage.worded for passage in chosen]))
    return Assistant(Content(assistant.documents, chosen, index), assistant.encoder, facts=assistant.facts)


def scores_of(assistant: Assistant, query: Query) -> Scores:
    """Return the scores of each method for all passages."""
    index = assistant.content.index
    words = index.postings.scores(query.words)
    whole = index.vectors.exact_whole @ query.vector
    parts = np.maximum.reduceat(index.vectors.exact_parts @ query.vector, index.vectors.starts[:-1])
    ours = WHOLE * whole + PART * parts + WORDS * words / max(float(words.max()), 1e-9)
    return {"BM25": words, "base model alone": whole, "headstart": ours}


def ranks(assistant: Assistant, asked: Sequence[tuple[str, Question]]) -> dict[str, np.ndarray]:
    """Return where the right passage stands for each method, 99 beyond the tenth."""
    passages = assistant.content.passages
    found: dict[str, list[int]] = {}
    for _, question in asked:
        query = query_of(question.question, question.previous, assistant._meanings)
        for method, scores in scores_of(assistant, query).items():
            best = np.argsort(-scores, kind="stable")[:10].tolist()
            right = [place for place, row in enumerate(best) if is_right(passages[row], question)]
            found.setdefault(method, []).append(right[0] if right else 99)
    return {method: np.array(places) for method, places in found.items()}


def show_recall(assistant: Assistant, asked: Sequence[tuple[str, Question]]) -> dict[str, Any]:
    """Print recall by method and kind of question."""
    kinds = np.array([kind for kind, _ in asked])
    files = np.array([question.file for _, question in asked])
    told: dict[str, Any] = {}
    for method, places in ranks(assistant, asked).items():
        for name, chosen in {
            "faq+para": ("faq", "para"),
            **{kind: (kind,) for kind in sorted(set(kinds))},
        }.items():
            here = np.isin(kinds, chosen)
            first, three = places[here] < 1, places[here] < 3
            mrr = float(np.where(places[here] < 10, 1 / (places[here] + 1.0), 0).mean())
            interval = accuracy_interval(three, files[here])
            told[f"{method}, {name}"] = [float(first.mean()), float(three.mean()), mrr]
            print(
                f"  {method:18}{name:10}{here.sum():5}  R@1 {first.mean():.3f}  R@3 {three.mean():.3f} "
                f"({interval.low:.3f} to {interval.high:.3f})  MRR {mrr:.3f}"
            )
    return told


def show_outcomes(
    assistant: Assistant, asked: Sequence[tuple[str, Question]], others: Sequence[tuple[str, Question]]
) -> dict[str, Any]:
    """Print what is answered and right; what is answered of other products' questions and of small talk."""
    own = [question for kind, question in asked if kind in ("faq", "para")]
    foreign = [replace(question, file="", passage="") for kind, question in others if kind in ("faq", "para")]
    report = assistant.evaluate([*own, *foreign])
    print(f"  {report.sentence}")
    small = [assistant.ask(text, keep=False).status is Status.ANSWER for text in SMALL_TALK]
    print(f"  small talk answered: {np.mean(small):.2f}")
    return report.to_dict()


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
    parser.add_argument("--passages", type=int, default=0)
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_args()
    folders = sorted(path.parent for path in given.corpora.glob("*/questions.jsonl"))
    asked = {folder.name: read_questions(folder) for folder in folders}
    told: dict[str, Any] = {"machine": machine()}
    for folder in folders:
        if given.corpus and folder.name not in given.corpus:
            continue
        assistant = assist(folder / "docs")
        own = [(kind, question) for kind, question in asked[folder.name] if kind != "pdf"]
        if given.passages:
            assistant = fewer(assistant, {question.file for _, question in own}, given.passages)
        others = [pair for name, pairs in asked.items() if name != folder.name for pair in pairs]
        print(f"{folder.name}: {len(assistant.documents)} documents, {len(assistant):,} passages")
        result = {"recall": show_recall(assistant, own), "outcomes": show_outcomes(assistant, own, others)}
        told[folder.name] = {**result, "speed": show_speed(assistant, own) if given.speed else {}}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "assistant.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
