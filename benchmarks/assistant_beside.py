"""An assistant beside what a person would otherwise run: BM25, the base model alone, LlamaIndex.

Usage: python benchmarks/assistant_beside.py CORPORA [--others 300] [--framework FOLDER]

The framework is kept out of headstart's own environment: `pip install --target FOLDER llama-index-core`. It
splits as it does by default (`SentenceSplitter`, 1,024 tokens with 200 of overlap) and searches with the same
encoder as headstart. All get the same texts. Recall counts faq and paraphrases; milliseconds are those of one
core for a question that is embedded and searched for, the median of 40. Before that: pages of a PDF a second,
and how much sooner an unchanged folder is done the second time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from assistant import build, ranks, read_questions
from harness import RESULTS, machine

from headstart.assistant.assistant import Assistant
from headstart.assistant.building import assist
from headstart.assistant.index import Query
from headstart.assistant.passages import Passage
from headstart.assistant.questions import Question, is_right
from headstart.assistant.searching import Meanings, query_of
from headstart.assistant.words import content_stems
from headstart.documents import read_documents

Asked = Sequence[tuple[str, Question]]
Ask = Callable[[str], list[Passage]]


def texts_of(assistant: Assistant) -> dict[str, str]:
    """Return the text of each document as far as its passages go, with headings as a reader sees them."""
    texts: dict[str, list[str]] = {}
    for passage in assistant.content.passages:
        texts.setdefault(passage.document, []).extend([*passage.headings[-1:], passage.text])
    return {name: "\n\n".join(parts) for name, parts in texts.items()}


def framework(folder: Path, assistant: Assistant) -> Ask:
    """Return how LlamaIndex answers with its defaults and headstart's encoder."""
    sys.path.append(str(folder))
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding

    encoder: Any = assistant.encoder

    class Ours(BaseEmbedding):  # type: ignore[misc]
        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = encoder.encode(texts).vectors.tolist()
            return vectors

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    documents = [Document(text=text, metadata={"name": name}) for name, text in texts_of(assistant).items()]
    retriever = VectorStoreIndex.from_documents(documents, embed_model=Ours()).as_retriever(
        similarity_top_k=10
    )

    def ask(question: str) -> list[Passage]:
        found = [one.node for one in retriever.retrieve(question)]
        return [Passage("", node.metadata["name"], "", (), node.get_content()) for node in found]

    return ask


def show(name: str, places: np.ndarray, milliseconds: float) -> dict[str, Any]:
    """Print a row of the docs' table."""
    figures = {
        "recall_1": float((places < 1).mean()),
        "recall_3": float((places < 3).mean()),
        "mrr": float(np.where(places < 10, 1 / (places + 1.0), 0).mean()),
        "milliseconds": milliseconds,
    }
    shares = " | ".join(f"{figures[key]:.3f}" for key in ("recall_1", "recall_3", "mrr"))
    print(f"| {name} | {shares} | {milliseconds:.1f} |", flush=True)
    return figures


def median(ask: Callable[[str], Any], asked: Asked) -> float:
    """Return the milliseconds of one core that a question takes."""
    taken = []
    for _, question in asked[:40]:
        start = time.process_time()
        ask(question.question)
        taken.append(time.process_time() - start)
    return 1000 * float(np.median(taken))


def compare(folder: Path, others: int, framework_at: Path | None) -> dict[str, Any]:
    """Print recall and time of each way on one corpus."""
    asked = [pair for pair in read_questions(folder) if pair[0] in ("faq", "para")]
    assistant = build(folder / "docs", {question.file for _, question in asked}, others)
    index, encode = assistant.content.index, assistant.encoder.encode
    print(f"\n{folder.name}: {len(assistant):,} passages, {len(asked)} questions\n")
    print("| | recall at 1 | at 3 | MRR | ms a question |\n| --- | --- | --- | --- | --- |")

    def query(question: str) -> Query:
        return query_of(question, "", Meanings(assistant.encoder))  # a new one keeps no vectors from before

    ways: dict[str, Callable[[str], Any]] = {
        "BM25": lambda question: index.shares(content_stems(question)),
        "base model alone": lambda question: index.vectors.exact_whole @ encode([question]).vectors[0],
        "headstart": lambda question: index.search(query(question), twins=assistant.content.twins),
    }
    told = {
        name: show(name, places, median(ways[name], asked))
        for name, places in ranks(assistant, asked).items()
    }
    if framework_at is not None:
        ask, places = framework(framework_at, assistant), []
        for _, question in asked:
            right = [place for place, found in enumerate(ask(question.question)) if is_right(found, question)]
            places.append(right[0] if right else 99)
        told["LlamaIndex"] = show("LlamaIndex", np.array(places), median(ask, asked))
    return told


def show_building(corpora: Path) -> dict[str, float]:
    """Print pages of a PDF a second, what an unchanged folder takes the second time, and memory."""
    pdf = max(corpora.glob("*/docs/**/*.pdf"), key=lambda path: path.stat().st_size)
    start = time.perf_counter()
    pages = {section.page for document in read_documents(pdf).documents for section in document.sections}
    told = {"PDF pages a second": max(filter(None, pages)) / (time.perf_counter() - start)}
    os.environ["HEADSTART_NO_CACHE"] = "1"  # or an earlier run has embedded them
    small = corpora / "debdesk" / "docs" / "privoxy"
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        assistant = assist(small)
        assistant.save(Path(folder) / "one")
        first = time.perf_counter() - start
        start = time.perf_counter()
        assistant.sync()
        told["first, seconds"], told["unchanged, seconds"] = first, time.perf_counter() - start
    del os.environ["HEADSTART_NO_CACHE"]
    told["times sooner"] = told["first, seconds"] / told["unchanged, seconds"]
    told["most memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, value in told.items():
        print(f"  {name:24}{value:10.2f}")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--others", type=int, default=300)
    parser.add_argument("--framework", type=Path)
    given = parser.parse_args()
    told: dict[str, Any] = {"machine": machine(), "building": show_building(given.corpora)}
    for path in sorted(given.corpora.glob("*/questions.jsonl")):
        told[path.parent.name] = compare(path.parent, given.others, given.framework)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "assistant_beside.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
