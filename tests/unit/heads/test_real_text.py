"""Blending word counts with a base model's embeddings, on real texts."""

from __future__ import annotations

import csv
import re
import zlib

import numpy as np
import pytest

from headstart.heads.calibration import log_loss_rows
from headstart.heads.select import fit_head
from headstart.heads.sparse import Sparse

COLUMNS = 1 << 16


def ngram_counts(texts):
    """Hash words and their pieces of 3 to 5 letters: a plain stand-in for the encoders' features."""
    data, indices, indptr = [], [], [0]
    for text in texts:
        words = [f" {word} " for word in re.findall(r"\w\w+", text.lower())]
        grams = [word[i : i + k] for word in words for k in (3, 4, 5) for i in range(len(word) - k + 1)]
        hashed = np.array([zlib.crc32(gram.encode()) % COLUMNS for gram in words + grams])
        columns, counts = np.unique(hashed, return_counts=True)
        data.append(counts)
        indices.append(columns)
        indptr.append(indptr[-1] + len(columns))
    flat = np.concatenate(data).astype(np.float32), np.concatenate(indices).astype(np.int32)
    return Sparse(*flat, np.array(indptr), (len(texts), COLUMNS))


@pytest.fixture
def packages(data_root):
    with (data_root / "text" / "package_section.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    order = np.random.default_rng(0).permutation(len(rows))[:600]
    texts = [rows[i]["text"] for i in order]
    return texts, np.unique([rows[i]["label"] for i in order], return_inverse=True)[1]


def loss(head, blocks, y):
    return float(log_loss_rows(head.predict_proba(blocks), y).mean())


@pytest.mark.realdata
def test_rarity_over_all_rows_hardly_leaks(packages):
    """Held-out log-loss with one IDF for all folds, against refitting the IDF in each fold."""
    texts, y = packages
    counts, folds = ngram_counts(texts), np.arange(len(y)) % 10
    ours = log_loss_rows(fit_head({"text": counts}, y, folds, head="ridge").loo_proba_, y)
    honest = np.empty(len(y))
    for fold in range(10):
        held = folds == fold
        part = fit_head({"text": counts.take(~held)}, y[~held], head="ridge")
        honest[held] = log_loss_rows(part.predict_proba({"text": counts.take(held)}), y[held])
    assert abs(honest.mean() - ours.mean()) < 0.5 * honest.std() / np.sqrt(len(y))


@pytest.mark.realdata
@pytest.mark.bases
def test_blend_beats_both_parts_or_equals_the_better(packages, bases_cache):
    ort = pytest.importorskip("onnxruntime")
    tokenizers = pytest.importorskip("tokenizers")
    folder = next((bases_cache / "bases").glob("minilm_l6-*"))
    texts, y = packages
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(128)
    tokenizer.enable_padding()
    session = ort.InferenceSession(str(folder / "encoder.onnx"))
    rows = []
    for start in range(0, len(texts), 30):
        batch = tokenizer.encode_batch(texts[start : start + 30])
        feed = {
            "input_ids": np.array([item.ids for item in batch]),
            "attention_mask": np.array([item.attention_mask for item in batch]),
        }
        rows.append(session.run(["embedding"], feed)[0])
    vectors, counts = np.concatenate(rows), ngram_counts(texts)
    gains = []
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(y))
        train, test = order[:300], order[300:]
        parts = {"embedding": vectors[test], "text": counts.take(test)}
        alone = [
            loss(fit_head({"embedding": vectors[train]}, y[train]), parts, y[test]),
            loss(fit_head({"text": counts.take(train)}, y[train]), parts, y[test]),
        ]
        both = fit_head({"embedding": vectors[train], "text": counts.take(train)}, y[train])
        gains.append(min(alone) - loss(both, parts, y[test]))
    assert np.mean(gains) > 0
    assert min(gains) > -0.03
