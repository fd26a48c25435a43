"""Tags from beginning to end: trained, saved, asked, measured, written, exported."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas
import pyarrow.parquet as pq
import pytest

import headstart
from headstart.cli.summary import print_summary
from headstart.errors import ParameterError
from headstart.report import render_training
from headstart.types import Modality
from headstart.workflows import bundle_info, evaluate, predict_many
from tiny import add_tiny_base

TAGS = ("cheap", "source", "warm")  # one is called like a column of every table of predictions


def made(count: int, seed: int) -> tuple[list[str], np.ndarray]:
    """Texts whose tags their words give away."""
    random = np.random.default_rng(seed)
    y = (random.random((count, 3)) < [0.4, 0.5, 0.3]).astype(float)
    texts = []
    for row in y:
        words = [word for word, has in zip(("good", "film", "food"), row, strict=True) if has]
        told = random.permutation([*words, "the", "a", str(random.integers(10_000, 99_999))])
        texts.append(" ".join(map(str, told)))
    return texts, y


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Path:
    return tmp_path_factory.mktemp("tags")


@pytest.fixture(scope="module")
def trained(folder: Path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        patch.setenv("HEADSTART_OFFLINE", "1")
        name = add_tiny_base(patch, folder / "bases", Modality.TEXT)
        place = folder / "examples.csv"
        with place.open("w", newline="") as file:
            texts, y = made(120, 0)
            rows = [(text, *map(int, row)) for text, row in zip(texts, y, strict=True)]
            csv.writer(file).writerows([("text", *TAGS), *rows])
        yield headstart.train(place, target="tags", base=name, use_cache=False, save_to=folder / "model")


def test_it_is_measured_and_told(trained) -> None:
    report = trained.report.to_dict()
    assert (report["target"], report["classes"].keys()) == ("tags", set(TAGS))
    assert report["micro_f1"]["estimate"] > 0.9
    assert report["micro_f1"]["estimate"] > report["guessing"]["micro_f1"] + 0.2
    assert set(report["per_tag"]) == set(TAGS)
    assert "exact leave-one" in report["micro_f1"]["how"]
    assert report["floor"]["estimate"] is not None


def test_tags_that_may_be_missing_or_wrong_are_named(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    name = add_tiny_base(monkeypatch, tmp_path / "bases", Modality.TEXT)
    inputs, y = made(150, 7)
    planted = [(3, 0), (20, 1), (50, 1), (80, 1)]
    for row, tag in planted:
        y[row, tag] = 1 - y[row, tag]
    report = headstart.train(inputs, y, target="tags", base=name, use_cache=False).report
    found = {(one.source, one.tag, one.missing) for one in report.evaluation.doubted}
    assert len(found & {(f"input {row}", f"tag {tag}", bool(y[row, tag] == 0)) for row, tag in planted}) >= 2
    assert any("may be" in note and "--json lists them" in note for note in report.notes)


def test_it_says_tags_with_probabilities(trained) -> None:
    some, none = trained.predict(["good film", "the a"])
    assert set(some.tags) == {"cheap", "source"}
    assert some.answer == ", ".join(some.tags)
    assert some.probabilities["cheap"] > 0.5 > some.probabilities["warm"]
    assert some.detail.endswith("%")
    assert (none.tags, none.answer) == ((), "none of these")
    assert some.to_dict().keys() == {"source", "tags", "probabilities"}
    (unread,) = trained.model.predict([""])
    assert unread.error
    assert unread.to_dict().keys() == {"source", "error"}
    assert unread.answer == "not read"


def test_a_saved_model_says_the_same(trained, folder) -> None:
    model = headstart.load_model(folder / "model")
    inputs, _ = made(15, 1)
    assert model.predict(inputs) == trained.predict(inputs)
    assert bundle_info(folder / "model").learned == "tells which of 3 tags texts have"
    with pytest.raises(ParameterError, match="learned tags, which have no probabilities of classes"):
        model.predict_proba(inputs)


def test_few_true_tags_are_missed_where_that_is_asked_for(trained) -> None:
    inputs, y = made(300, 2)
    said = trained.model.predict(inputs, confidence=0.9)
    have = y.sum(axis=1) > 0
    missed = [
        1 - sum(tag in one.tags for tag, has in zip(TAGS, row, strict=True) if has) / row.sum()
        for one, row in zip(said, y, strict=True)
        if row.sum()
    ]
    assert have.sum() == len(missed)
    assert np.mean(missed) <= 0.12
    with pytest.raises(ParameterError, match=r"At most 0\.1% of true tags missed takes 999 independent"):
        trained.model.predict(inputs[:1], confidence=0.999)


def test_it_is_measured_on_new_examples_in_whatever_order_their_tags_stand(trained) -> None:
    inputs, y = made(60, 3)
    lists = [[tag for tag, has in zip(TAGS, row, strict=True) if has] + ["strange"] for row in y]
    report = evaluate(trained.model, inputs, lists)
    assert report.evaluation.micro_f1.estimate > 0.9
    assert report.evaluation.per_tag.keys() == set(TAGS)
    assert "Tags that the model does not know were passed over: 'strange'." in report.notes
    unknown = y.copy()
    unknown[::2, 1] = np.nan
    half = evaluate(trained.model, inputs, pandas.DataFrame(unknown, columns=list(TAGS)))
    assert half.evaluation.per_tag["source"].known == 30


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_many_are_written_with_a_column_a_tag(trained, tmp_path: Path, ending: str) -> None:
    inputs, _ = made(5, 4)
    new, out = tmp_path / "new.csv", tmp_path / f"out.{ending}"
    new.write_text("text\n" + "".join(f"{text}\n" for text in inputs))
    predict_many(trained.model, [new], out=out, input_column="text")
    if ending == "csv":
        with out.open() as file:
            rows: list[dict[str, Any]] = list(csv.DictReader(file))
        assert list(rows[0]) == ["source", "id", "tags", "cheap", "tag source", "warm", "error"]
        rows = [{**row, "tags": [tag for tag in row["tags"].split("|") if tag]} for row in rows]
    elif ending == "jsonl":
        rows = [json.loads(line) for line in out.read_text().splitlines()]
    else:
        rows = pq.read_table(out).to_pylist()
    for row, said in zip(rows, trained.predict(inputs), strict=True):
        assert row["tags"] == list(said.tags)
        assert float(row["tag source"]) == pytest.approx(said.probabilities["source"], abs=1e-6)


def test_an_exported_graph_says_the_same(trained, tmp_path: Path) -> None:
    report = headstart.export(trained.model, output=tmp_path / "model.onnx")
    assert report.parity.largest_difference < 1e-5
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    outputs = {one.name: (one.type, one.shape[-1]) for one in session.get_outputs()}
    assert outputs == {"probabilities": ("tensor(float)", 3), "tags": ("tensor(int64)", 3)}


def test_it_is_shown_in_a_terminal_and_on_pages(trained, folder, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_summary(trained.report)
    shown = capsys.readouterr().out
    assert "tells which of 3 tags texts have" in shown
    assert "Of 100 tags that it says, about" in shown
    assert "always saying" in shown
    assert len(shown.splitlines()) <= 24
    assert "average precision" in render_training(trained.report)
    assert "- type: f1" in (folder / "model" / "README.md").read_text()


def test_thresholds_follow_the_measure_that_is_named(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    name = add_tiny_base(monkeypatch, tmp_path / "bases", Modality.TEXT)
    inputs, y = made(150, 5)
    y[::5] = 1 - y[::5]
    sure, full = (
        headstart.train(
            inputs, y, target="tags", base=name, use_cache=False, measure=measure
        ).report.evaluation
        for measure in ("precision>=0.85", "recall>=0.9")
    )
    assert sure.measure == "precision>=0.85"
    assert sure.precision.estimate > full.precision.estimate + 0.05
    assert full.recall.estimate > 0.85


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"head": "lda"}, "Tags are learned by the ridge head, got head='lda'"),
        ({"measure": "best"}, "measure must be f1, precision>=P or recall>=R"),
        ({"method": "gentle"}, "method='gentle' is for classes; what is learned here are tags"),
    ],
)
def test_what_tags_cannot_have_is_refused(trained, monkeypatch, tmp_path, options, message: str) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    name = add_tiny_base(monkeypatch, tmp_path / "bases", Modality.TEXT)
    with pytest.raises(ParameterError, match=message):
        headstart.train(*made(40, 6), target="tags", base=name, use_cache=False, **options)


def test_a_measure_for_tags_is_refused_where_classes_are_learned(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    name = add_tiny_base(monkeypatch, tmp_path / "bases", Modality.TEXT)
    with pytest.raises(ParameterError, match=r"measure is for tags"):
        headstart.train(
            ["good", "bad"] * 4, ["a", "b"] * 4, base=name, use_cache=False, measure="recall>=0.9"
        )
