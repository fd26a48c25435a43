"""Every form of table and input that the page about Python lists is taken, and read as the page says."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from PIL import Image

from headstart import Model
from headstart.workflows import load
from tiny import tiny_model

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
ROWS = {
    head: re.findall(
        r"^\| (.+?) \| ", re.split(rf"^\| {head} \| .*\n.*\n", PAGE, flags=re.M)[1].split("\n\n")[0], re.M
    )
    for head in ("table", "input")
}
TEXT = {"text": ["good film", "bad food"] * 2, "label": ["yes", "no"] * 2}


class AnyTable:
    """An object that iterates over the names of its columns."""

    def __getitem__(self, name: str) -> list[str]:
        return TEXT[name]

    def __iter__(self) -> Any:
        return iter(TEXT)


TABLES: dict[str, Callable[[], Any]] = {
    "pandas `DataFrame`": lambda: pd.DataFrame(TEXT),
    "polars `DataFrame`": lambda: pl.DataFrame(TEXT),
    "polars `LazyFrame`": lambda: pl.LazyFrame(TEXT),
    "Hugging Face `Dataset`": lambda: datasets.Dataset.from_dict(TEXT),
    "Hugging Face `DatasetDict`": lambda: datasets.DatasetDict(train=datasets.Dataset.from_dict(TEXT)),
    "PyArrow `Table`": lambda: pa.table(TEXT),
    "dict of columns": lambda: TEXT,
    "list of rows": lambda: pd.DataFrame(TEXT).to_dict("records"),
    "NumPy structured array": lambda: pd.DataFrame(TEXT).astype(object).to_records(index=False),
    "any object with columns": AnyTable,
}
PIXELS = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
SAMPLES = np.random.default_rng(0).normal(size=1600).astype(np.float32)


def saved(folder: Path) -> Path:
    Image.fromarray(PIXELS).save(folder / "a.png")
    return folder / "a.png"


INPUTS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "`str`": ("image", lambda folder: str(saved(folder))),
    "`pathlib.Path`": ("image", saved),
    "`bytes`": ("image", lambda folder: saved(folder).read_bytes()),
    "open file, `BytesIO`": ("image", lambda folder: io.BytesIO(saved(folder).read_bytes())),
    "`StringIO`": ("text", lambda folder: io.StringIO("good film")),
    "Pillow image": ("image", lambda folder: Image.fromarray(PIXELS)),
    "NumPy array": ("image", lambda folder: PIXELS),
    "PyTorch tensor": ("image", lambda folder: torch.from_numpy(PIXELS).permute(2, 0, 1)),
    "`(samples, rate)`": ("audio", lambda folder: (SAMPLES, 16000)),
    '`{"array", "sampling_rate"}`': ("audio", lambda folder: {"array": SAMPLES, "sampling_rate": 16000}),
    '`{"bytes", "path"}`': ("image", lambda folder: {"bytes": None, "path": str(saved(folder))}),
}
WANTED = {"image": lambda: PIXELS, "text": lambda: "good film", "audio": lambda: SAMPLES}
MISSING = "`None`, NaN, `pd.NA`, `NaT`, an empty name"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    return {kind: tiny_model(tmp_path_factory.mktemp(kind), kind) for kind in WANTED}


def test_every_row_of_the_page_is_tried_here() -> None:
    assert ROWS["table"] == list(TABLES)
    assert ROWS["input"] == [*INPUTS, MISSING]


@pytest.mark.parametrize("kind", TABLES)
def test_tables(kind: str, models: dict[str, Model]) -> None:
    data = load(TABLES[kind]())
    assert (data.sources, data.labels) == (TEXT["text"], TEXT["label"])
    assert [p.error for p in models["text"].predict(TABLES[kind]())] == [None] * 4


@pytest.mark.parametrize("kind", INPUTS)
def test_inputs(kind: str, models: dict[str, Model], tmp_path: Path) -> None:
    modality, make = INPUTS[kind]
    (want,) = models[modality].predict(WANTED[modality]())
    for given in (make(tmp_path), [make(tmp_path)]):
        (found,) = models[modality].predict(given)
        assert found.probability == pytest.approx(want.probability, abs=1e-6)
    data = load([make(tmp_path)] * 2, labels=["a", "b"], modality=modality)
    assert (data.modality, len(data)) == (modality, 2)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, ""])
def test_missing_inputs(missing: Any, models: dict[str, Model], tmp_path: Path) -> None:
    path = saved(tmp_path)
    data = load([missing, path, path], labels=["a", "a", "b"], modality="image")
    assert (len(data), len(data.problems)) == (2, 1)
    assert [p.error is None for p in models["image"].predict([path, missing])] == [True, False]
