"""Rows with several columns, from training to predicting, saving and measuring."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from PIL import Image

import headstart as hs
from headstart.errors import ExportError, ParameterError
from headstart.export.parity import host_of, open_onnx
from headstart.model import Model
from headstart.types import Dataset
from headstart.workflows import predict

pytestmark = pytest.mark.bases
N = 90


def cars(folder: Path, *, count: int = N, seed: int = 0) -> pd.DataFrame:
    """Cars that sell where they are red and cheap; photo and price know it, the rest is noise."""
    random = np.random.default_rng(seed)
    red, price = random.random(count) < 0.5, random.normal(100, 20, count)
    (folder / "photos").mkdir(exist_ok=True)
    names = []
    for place in range(count):
        pixels = random.integers(0, 60, (24, 24, 3), dtype=np.uint8)
        pixels[..., 0 if red[place] else 2] += 150
        names.append(f"photos/{seed}-{place}.png")
        Image.fromarray(pixels).save(folder / names[-1])
    return pd.DataFrame(
        {
            "photo": names,
            "text": [
                f"{random.choice(['fine', 'nice', 'used'])} car number {seed}{i} to go" for i in range(count)
            ],
            "price": price.round(2),
            "maker": random.choice(["opel", "fiat", "seat"], count),
            "since": pd.date_range("2020-01-01", periods=count).strftime("%Y-%m-%d"),
            "sold": np.where(red & (price < 110), "yes", "no"),
        }
    )


@pytest.fixture
def folder(bases_cache: Path, tmp_path: Path) -> Path:
    cars(tmp_path).to_csv(tmp_path / "cars.csv", index=False)
    return tmp_path


def load(folder: Path) -> Dataset:
    return hs.load(folder / "cars.csv", label_column="sold", columns="auto")


@pytest.fixture
def model(folder: Path) -> Model:
    return hs.train(load(folder), base="efficientnet_lite0,wordllama_256", save_to=folder / "model")


def test_columns_together_do_what_none_does_alone(model: Model, folder: Path) -> None:
    report = json.loads(json.dumps(model.quality))
    assert report["modality"] == "table"
    assert report["accuracy"]["estimate"] > 0.85
    columns = {one["name"]: one for one in report["columns"]}
    assert {name: one["role"] for name, one in columns.items()} == {
        "photo": "image", "text": "text", "price": "number", "maker": "category", "since": "date",
    }  # fmt: skip
    assert columns["photo"]["low"] > 0
    assert columns["price"]["low"] > 0
    trees = [one for one in report["candidates"] if one["head"] == "gradient boosting"]
    assert (trees[0]["base"], trees[0]["features"]) == ("none", "price + maker + since")
    assert report["floor"]["estimate"] < report["accuracy"]["estimate"]
    assert "Learned from the columns photo (image), text (text), price (number)" in report["notes"][0]


def test_a_saved_model_gives_the_same_answers_to_rows_of_every_form(model: Model, folder: Path) -> None:
    new = cars(folder, count=6, seed=1)
    new.to_csv(folder / "new.csv", index=False)
    again = Model.load(folder / "model")
    assert not list((folder / "model").glob("*.pkl"))
    named = predict(again, [folder / "new.csv"])
    expected = [one.probability for one in named]
    assert [one.source for one in named] == [f"new.csv:{line}" for line in range(2, 8)]
    absolute = new.assign(photo=[str(folder / name) for name in new.photo])
    for given in (absolute, absolute.to_dict("records"), [absolute.iloc[i] for i in range(6)]):
        np.testing.assert_allclose([one.probability for one in model.predict(given)], expected, atol=1e-6)
    np.testing.assert_allclose(model.predict(dict(absolute.iloc[0]))[0].probability, expected[0], atol=1e-6)


def test_what_is_missing_or_cannot_be_read_is_told_by_row(model: Model, folder: Path) -> None:
    row = dict(cars(folder, count=1, seed=1).iloc[0])
    row["photo"] = str(folder / row["photo"])
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    given = [
        {**row, "photo": None, "text": None, "maker": "new"},
        {**row, "price": "cheap"},
        {**row, "photo": "nowhere.png"},
        {**row, "photo": str(folder / "broken.png")},
    ]
    lacking = {name: cell for name, cell in row.items() if name != "price"}
    assert str(model.predict(lacking)[0].error).startswith(
        "The column 'price' is not there; the columns are: "
    )
    empty, *wrong = model.predict(given)
    assert empty.label in ("yes", "no")
    assert [str(one.error).partition(";")[0] for one in wrong] == [
        "The cell in 'price' holds 'cheap', which is no number",
        "The cell in 'photo' names 'nowhere.png', which is not there",
        str(wrong[2].error).partition(";")[0],
    ]
    assert str(wrong[2].error).startswith("photo: ")


def test_rows_that_cannot_be_read_are_left_out_of_training_and_listed(folder: Path) -> None:
    frame = pd.read_csv(folder / "cars.csv").astype({"price": object})
    frame.loc[4, "price"] = "on request"
    (folder / frame.loc[7, "photo"]).write_bytes(b"no picture")
    frame.to_csv(folder / "cars.csv", index=False)
    model = hs.train(load(folder), base="efficientnet_lite0,wordllama_256")
    assert model.quality["used"] == N - 2
    assert [one["source"] for one in model.quality["problems"]] == ["cars.csv:6", "cars.csv:9"]


def test_a_model_is_measured_on_rows_that_it_has_not_seen(model: Model, folder: Path) -> None:
    cars(folder, count=30, seed=2).to_csv(folder / "later.csv", index=False)
    later = hs.load(folder / "later.csv", label_column="sold", modality=model.modality)
    found = hs.evaluate(model, later)
    assert (found.used, found.seen_in_training) == (30, 0)
    assert found.evaluation.accuracy.estimate is not None
    assert found.evaluation.accuracy.estimate > 0.75
    both = replace(later, examples=(*load(folder).examples, *later.examples))
    assert hs.evaluate(model, both).seen_in_training == N


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "gentle"}, "method='gentle' is for one column"),
        ({"link_base": True}, "--link-base is for models with one kind of input"),
        ({"base": "yamnet"}, "yamnet is a base for audio, but no column holds such"),
    ],
)
def test_what_rows_cannot_have_is_refused(folder: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        hs.train(load(folder), **options)  # type: ignore[arg-type]


def test_one_file_with_an_input_for_each_cell_answers_as_the_model_does(model: Model, folder: Path) -> None:
    new = cars(folder, count=20, seed=1).assign(
        photo=lambda frame: [str(folder / name) for name in frame.photo]
    )
    new.loc[3, "photo"] = new.loc[4, "text"] = new.loc[5, "maker"] = new.loc[6, "since"] = None
    new.loc[7, "price"] = np.nan
    new.loc[8, "maker"] = "tesla"
    later = hs.load(new, label_column="sold", modality=model.modality)
    report = hs.export(model, output=folder / "model.onnx", data=later)
    assert (report.parity.inputs, report.parity.real) == (20, True)
    assert report.parity.largest_difference <= 1e-4
    run, names = open_onnx((folder / "model.onnx").read_bytes())
    host = host_of(model.model, names)
    got = np.concatenate([run(host.feeds(source)) for source in later.sources])
    np.testing.assert_allclose(got, model.predict_proba(new), atol=1e-4)
    assert len(set(got.argmax(axis=1).tolist())) == 2
    inputs = {name: kind for name, kind, _ in report.inputs}
    assert {"photo.image": "uint8", "photo.given": "bool"}.items() <= inputs.items()
    facts = {
        entry.key: entry.value
        for entry in onnx.load(folder / "model.onnx", load_external_data=False).metadata_props
    }
    assert "headstart.tokenizer.text" in facts
    told = {one["input"]: one["role"] for one in json.loads(facts["headstart.columns"])}
    assert {"photo": "image", "text": "text", "price": "number"}.items() <= told.items()


def test_simple_columns_are_exported_for_any_number_of_rows(bases_cache: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    size, day = random.normal(5, 2, 120).round(1), pd.date_range("2023-11-05", periods=120, freq="37h")
    frame = pd.DataFrame({"size in m": size, "colour": random.choice(["red", "blue"], 120), "seen": day})
    frame["y"] = (size > 5) ^ (day.month > 2)
    model = hs.train(frame, "y", columns="auto")
    report = hs.export(model, output=tmp_path / "m.onnx")
    assert (report.parity.inputs, report.parity.real) == (12, False)
    shapes = {name: (kind, shape) for name, kind, shape in report.inputs}
    assert shapes["size in m"] == ("float64", ("N",))
    run, names = open_onnx((tmp_path / "m.onnx").read_bytes())
    days = (day - pd.Timestamp(0)) / pd.Timedelta(days=1)
    given = {"size in m": size, "colour": frame.colour.to_numpy(object), "seen": days.to_numpy()}
    got = run({name: given[name] for name in names})
    np.testing.assert_allclose(got, model.predict_proba(frame), atol=1e-5)
    assert len(set(got.argmax(axis=1).tolist())) == 2
    for options in ({"to": "web"}, {"to": "openvino"}, {"quantize": True, "data": "x.csv"}):
        with pytest.raises(ExportError, match="A model for rows cannot be exported ") as caught:
            hs.export(model, output=tmp_path / "out", **options)
        assert caught.value.hint == "Export it to one ONNX file: headstart export MODEL --to onnx"


def test_simple_columns_alone_need_no_base_and_keep_equal_rows(bases_cache: Path) -> None:
    random = np.random.default_rng(0)
    size = random.integers(1, 4, 120)
    frame = pd.DataFrame({"size": size, "colour": random.choice(["red", "blue"], 120), "y": size > 1})
    model = hs.train(frame, "y", columns="auto")
    assert (model.quality["used"], model.quality["duplicates"], model.quality["base"]) == (120, 0, "none")
    assert model.quality["accuracy"]["estimate"] > 0.95


def test_the_classifier_of_scikit_learn_takes_tables_with_roles(bases_cache: Path) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "text": [("a good car", "an old rusty car")[i % 2] + f" number {i}" for i in range(60)],
            "price": random.normal(100, 20, 60),
            "maker": random.choice(["opel", "fiat"], 60),
        }
    )
    y = np.where((frame.index % 2 == 0) & (frame.price < 115), 1, 0)
    found = hs.TransferClassifier("wordllama_256", columns={"maker": "category"}).fit(frame, y)
    assert found.model_.modality == "table"
    assert found.classes_.tolist() == [0, 1]
    assert (found.predict(frame) == y).mean() > 0.9
    assert found.get_params()["columns"] == {"maker": "category"}
    with pytest.raises(ParameterError, match="must have one column, got 3"):
        hs.TransferClassifier("wordllama_256").fit(frame, y)


@pytest.mark.parametrize(("count", "classes", "seed"), [(60, "pqr", 0), (100, "pq", 2), (200, "pq", 0)])
def test_noise_is_measured_as_no_better_and_no_worse_than_guessing(
    bases_cache: Path, count: int, classes: str, seed: int
) -> None:
    """Leave-one-out finds 0% here: the commonest class of the others is never that of the row left out."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {name: random.choice(list("uvw"), count) for name in ("a", "b")} | {"c": random.integers(0, 3, count)}
    )
    labels = np.array(list(classes))[random.permutation(np.arange(count) % len(classes))]
    report = hs.train(frame, labels.tolist(), columns="auto").report
    accuracy, guessing = report.evaluation.accuracy, 1 / len(classes)
    assert accuracy.low < guessing < accuracy.high
    assert accuracy.estimate == pytest.approx(guessing, abs=0.12)
    assert "5 folds" in accuracy.how
    assert any(note.startswith("Measured in folds: ") for note in report.evaluation.notes)
