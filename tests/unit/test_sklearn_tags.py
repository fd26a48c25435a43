"""`TransferClassifier` with tags: matrices in and out, from texts and from tables of numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import f1_score

from headstart import TransferClassifier
from headstart.errors import ParameterError
from headstart.types import Modality
from tiny import add_tiny_base


@pytest.fixture
def text_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "cache"))
    return add_tiny_base(monkeypatch, tmp_path / "bases", Modality.TEXT)


def numbers(n: int = 120, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 8))
    return rows, (rows[:, :3] > [0, 0.5, 1.0]).astype(int)


def test_a_table_of_numbers_with_a_matrix() -> None:
    rows, y = numbers()
    found = TransferClassifier(target="tags").fit(rows, y)
    new, truth = numbers(seed=1)
    said = found.predict(new)
    assert said.dtype == np.int64
    assert f1_score(truth, said, average="micro") > 0.85
    np.testing.assert_array_equal(said, found.predict_proba(new) >= found.head_.thresholds)
    assert found.classes_.tolist() == ["tag 0", "tag 1", "tag 2"]
    named = TransferClassifier(target="tags").fit(rows, pd.DataFrame(y, columns=["a", "b", "c"]))
    assert named.classes_.tolist() == ["a", "b", "c"]
    lists = [[name for name, one in zip("abc", row, strict=True) if one] for row in y]
    np.testing.assert_array_equal(TransferClassifier(target="tags").fit(rows, lists).predict(new), said)


def test_unknown_cells_and_another_measure() -> None:
    rows, y = numbers()
    unknown = np.where(np.random.default_rng(2).random(y.shape) < 0.2, np.nan, y)
    found = clone(TransferClassifier(target="tags", measure="recall>=0.95")).fit(rows, unknown)
    new, truth = numbers(400, seed=1)
    assert (found.predict(new)[truth == 1]).mean() > 0.93


def test_texts_with_a_matrix_keep_every_column(text_base: str) -> None:
    rng = np.random.default_rng(3)
    y = (rng.random((60, 3)) < 0.5).astype(float)
    y[:, 2] = 0  # nobody has it
    texts = [
        " ".join(["good"] * int(a) + ["film"] * int(b) + ["the", str(rng.integers(1e4, 1e5))])
        for a, b, _ in y
    ]
    with pytest.warns(UserWarning, match="tag 2: no usable example has the tag"):
        found = TransferClassifier(text_base, target="tags", use_cache=False).fit(texts, y)
    assert found.predict(["good film", "the"]).shape == (2, 3)
    assert found.predict_proba(["good film"])[0, 2] == 0
    assert f1_score(y[:, :2], found.predict(texts)[:, :2], average="micro") > 0.9
    assert found.report_.evaluation.micro_f1.estimate > 0.8


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros((5, 2)), "Tags must be a matrix with 120 rows"),
        (np.full((120, 2), 2), r"1 \(has it\), 0 \(has it not\) or NaN \(not known\), got 2"),
        (["a"] * 120, "or a list of tags for each of 120 inputs"),
    ],
)
def test_what_is_no_table_of_tags_is_refused(y: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        TransferClassifier(target="tags").fit(numbers()[0], y)


def test_one_label_each_is_what_it_was() -> None:
    rows, y = numbers()
    assert TransferClassifier().fit(rows, y[:, 0]).predict(rows).shape == (120,)
