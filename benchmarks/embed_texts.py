"""Embedding texts: ours beside a plain torch loop with the same tokenizer and the original weights.

Usage: python benchmarks/embed_texts.py
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Sequence

import numpy as np
import tokenizers
import torch
from harness import Row, seconds_of, show
from torch_reference import MiniLM, load_minilm
from weights import DATA, original, prepared

from headstart.encoders.open import open_encoder
from headstart.encoders.raw import open_raw

ROUNDS = 3
BATCH = 32
CORES = len(os.sched_getaffinity(0))


def read(name: str) -> list[str]:
    with (DATA / "text" / name).open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def sentences() -> list[str]:
    """Return sentences of about 20 words out of real articles."""
    parts = (part for text in read("news_topic.csv") for part in re.split(r"(?<=[.!?])\s+", text))
    return [part for part in parts if 15 <= len(part.split()) <= 25][:400]


def torch_loop(model: MiniLM, tokenizer: tokenizers.Tokenizer, texts: Sequence[str]) -> np.ndarray:
    """Do what a tutorial does: batches in the order given, padded to the longest."""
    found = []
    with torch.inference_mode():
        for first in range(0, len(texts), BATCH):
            encoded = tokenizer.encode_batch(list(texts[first : first + BATCH]))
            ids = torch.tensor([each.ids for each in encoded])
            mask = torch.tensor([each.attention_mask for each in encoded])
            found.append(model(ids, mask).numpy())
    return np.concatenate(found)


def main() -> None:
    torch.set_num_threads(CORES)
    spec = prepared("minilm_l6")
    with original("minilm_l6") as files:
        model = load_minilm(files["weights"])
    tokenizer = tokenizers.Tokenizer.from_file(str(spec.files["tokenizer"]))
    tokenizer.enable_truncation(int(spec.recipe["max_tokens"]))
    tokenizer.enable_padding()
    encoder, words = open_encoder(spec, threads=CORES), open_encoder(prepared("wordllama_256"), threads=CORES)
    counts = open_raw("text")
    rows, facts = [], {}
    for name, texts in (("20 words", sentences()), ("an article", read("news_topic.csv")[:40])):
        works: dict[str, Callable[[], object]] = {
            "ours": lambda texts=texts: encoder.encode(texts),
            "torch": lambda texts=texts: torch_loop(model, tokenizer, texts),
            "wordllama_256": lambda texts=texts: words.encode(texts),
            "counts": lambda texts=texts: counts.encode(texts),
        }
        encoder.encode(texts[:4])
        rounds = [{key: seconds_of(work) / len(texts) for key, work in works.items()} for _ in range(ROUNDS)]
        best = {key: min(each[key] for each in rounds) for key in works}
        cosine = (encoder.encode(texts).vectors * torch_loop(model, tokenizer, texts)).sum(axis=1)
        facts[name] = {
            "parts": best,
            "cosine": {"mean": float(cosine.mean()), "least": float(cosine.min())},
        }
        print(name, facts[name])
        rows += [
            Row(f"{name}, minilm_l6", best["ours"], "torch eager float32", best["torch"]),
            Row(f"{name}, wordllama_256", best["wordllama_256"], "torch eager minilm_l6", best["torch"]),
            Row(f"{name}, word counts", best["counts"], "torch eager minilm_l6", best["torch"]),
        ]
    show("embed_texts", rows, ours_is="faster", extra=facts)


if __name__ == "__main__":
    main()
