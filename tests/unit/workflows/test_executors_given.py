"""Every workflow that encodes runs it where it is told to, and gives the same answers there."""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import headstart as hs
from headstart.execution import ProcessExecutor, SerialExecutor
from headstart.workflows import predict
from tiny import add_tiny_base, tiny_sources


class Watched(SerialExecutor):
    """Counts what it was given to do."""

    def __init__(self) -> None:
        self.items = 0

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Generator[Any, None, None]:
        for item in items:
            self.items += 1
            yield function(item)


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    return add_tiny_base(monkeypatch, tmp_path / "bases", "image")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number, (pixels, label) in enumerate(zip(*tiny_sources("image", 40), strict=True)):
        path = tmp_path / "photos" / label / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return tmp_path / "photos"


def test_what_is_given_runs_the_encoding(base: str, photos: Path, tmp_path: Path) -> None:
    model = hs.train(photos, base=base, use_cache=False)
    files = sorted(photos.rglob("*.png"))
    out = tmp_path / "out.csv"
    jobs: dict[str, Callable[[Any], Any]] = {
        "check": lambda executor: hs.check(photos, base=base, use_cache=False, executor=executor),
        "train": lambda executor: hs.train(photos, base=base, use_cache=False, executor=executor),
        "compare": lambda executor: hs.compare(
            photos, base=base, ways=["floor", "frozen"], folds=3, use_cache=False, executor=executor
        ),
        "evaluate": lambda executor: hs.evaluate(
            hs.train(photos, base=base, use_cache=False), *tiny_sources("image", 20, seed=7),
            executor=executor,
        ),
        "predict": lambda executor: predict(model, files, executor=executor),
        "predict_many": lambda executor: hs.predict_many(model, files, out=out, executor=executor),
        "model.predict": lambda executor: model.predict(files, executor=executor),
    }  # fmt: skip
    for name, job in jobs.items():
        watched = Watched()
        job(watched)
        assert watched.items >= 5, name  # 20 inputs, 4 a chunk


def test_processes_give_the_same_model_and_answers(base: str, photos: Path, tmp_path: Path) -> None:
    due = hs.train(photos, base=base, use_cache=False)
    files = sorted(photos.rglob("*.png"))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    files.insert(3, tmp_path / "broken.png")
    with ProcessExecutor(2) as processes:
        model = hs.train(photos, base=base, executor=processes)
        assert model.report is not None
        assert (model.report.embedded, model.report.from_cache) == (len(files) - 1, 0)
        answers = model.predict(files, executor=processes)
        hs.predict_many(model, files, out=tmp_path / "out.csv", executor=processes)
    assert model.model.data_fingerprint == due.model.data_fingerprint
    for name, array in due.model.head.arrays().items():
        np.testing.assert_array_equal(model.model.head.arrays()[name], array)
    assert answers == due.predict(files)
    assert answers[3].error is not None
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [row["label"] or None for row in rows] == [answer.label for answer in answers]
    again = hs.train(photos, base=base)
    assert again.report is not None
    assert again.report.embedded == 0  # what the processes made was kept by the caller
