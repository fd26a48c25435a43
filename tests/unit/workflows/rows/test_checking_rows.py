"""The three questions, and ways side by side, for rows with several columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import headstart as hs
from headstart.cli.show_check import print_advice
from headstart.report import render_advice
from headstart.types import Dataset

pytestmark = pytest.mark.bases
PHOTOS = ("efficientnet_lite0", "efficientnet_lite1")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Things that are wanted where they are red and cheap; what they are called says nothing of it."""
    folder, random = tmp_path_factory.mktemp("things"), np.random.default_rng(0)
    red, price = random.random(70) < 0.5, random.normal(100, 20, 70)
    for place in range(70):
        pixels = random.integers(0, 60, (24, 24, 3), dtype=np.uint8)
        pixels[..., 0 if red[place] else 2] += 150
        Image.fromarray(pixels).save(folder / f"{place}.png")
    frame = pd.DataFrame(
        {
            "photo": [f"{place}.png" for place in range(70)],
            "price": price.round(2),
            "maker": random.choice(["opel", "fiat", "seat"], 70),
            "wanted": np.where(red & (price < 110), "yes", "no"),
        }
    )
    frame.to_csv(folder / "things.csv", index=False)
    return folder / "things.csv"


@pytest.fixture
def things(bases_cache: Path, table: Path) -> Dataset:
    return hs.load(table, label_column="wanted", columns="auto")


def test_a_check_says_what_each_column_adds_and_which_base_it_runs_through(
    things: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    found = hs.check(things, base=PHOTOS, target=0.99)
    assert found.learnable == "yes"
    assert {one.column for one in found.ranking} == {"photo"}
    assert {one.base for one in found.ranking} == set(PHOTOS)
    assert [one.chosen for one in found.ranking] == [True, False]
    assert [(one.column, one.base) for one in found.similarity] == [("photo", found.ranking[0].base)]
    adds = {one.name: one for one in found.columns}
    assert adds["photo"].low > 0
    assert adds["price"].low > 0
    assert found.floor is not None
    assert found.worth is not None
    assert found.floor.estimate < found.evaluation.accuracy.estimate
    assert found.worth.low > 0
    assert found.amount.curve
    assert found.amount.for_target.target == 0.99
    assert [one.code for one in found.conclusions] == [
        "yes", "column-bases", "expect", "trees-worse", "amount",
    ]  # fmt: skip
    assert f"There is a base for it: {found.ranking[0].base} for the column photo." in found.verdict
    plain = found.to_dict()
    assert plain["ranking"][0]["column"] == plain["similarity"][0]["column"] == "photo"
    assert [one["name"] for one in plain["columns"]] == ["photo", "price", "maker"]
    print_advice(found)
    assert "trees on the simple columns" in capsys.readouterr().out
    page = render_advice(found)
    assert "What each column adds" in page
    assert f"photo: {found.ranking[0].base}" in page


def test_columns_without_a_base_claim_no_similarity(bases_cache: Path) -> None:
    random = np.random.default_rng(0)
    size = random.integers(1, 4, 120)
    frame = pd.DataFrame({"size": size, "colour": random.choice(["red", "blue"], 120), "y": size > 1})
    found = hs.check(hs.load(frame, label_column="y", columns="auto"))
    assert (found.ranking, found.similarity, found.availability) == ([], [], [])
    assert "No column needs a base model." in found.verdict
    assert "None needed" in render_advice(found)
    assert not any(step.code in ("try-base", "compare-base") for step in found.steps)


def test_the_base_of_a_column_is_measured_where_several_are_named(things: Dataset) -> None:
    result = hs.train(things, base=PHOTOS, advise=True)
    (encoder,) = [spec for spec in result.encoders if spec.recipe["role"] == "image"]
    trials = [one for one in result.report.candidates if one.features == encoder.name]
    assert encoder.name in [f"photo ({base})" for base in PHOTOS]
    assert trials
    assert {one.base for one in trials} == {encoder.recipe["base"]["name"]}
    note = next(note for note in result.report.notes if note.startswith("Bases measured"))
    assert note.startswith(
        "Bases measured on the column photo alone, by held-out log-loss, the one taken first: "
        f"{encoder.recipe['base']['name']} 0."
    )
    assert result.advice is not None
    assert result.advice.columns == result.report.columns
    assert result.advice.floor == result.report.floor
    one = hs.train(things, base=PHOTOS[:1])
    assert [spec.name for spec in one.encoders if spec.recipe["role"] == "image"] == ["photo"]
    assert not any(note.startswith("Bases measured") for note in one.report.notes)


def test_all_columns_and_trees_are_compared_on_the_same_folds(things: Dataset) -> None:
    found = hs.compare(things, base=PHOTOS[:1], folds=4)
    assert [way.name for way in found.ways] == ["floor", "frozen"]
    floor, frozen = found.ways
    assert (floor.called, frozen.called) == (
        "boosted trees on the simple columns",
        "all columns together, a new head",
    )
    assert frozen.accuracy > floor.accuracy
    assert found.base == PHOTOS[0]
    assert found.left_out == dict.fromkeys(("scratch", "gentle"), "no network takes rows whole")
    assert found.verdict[0].startswith("All columns together are worth +")
    assert found.to_dict()["ways"][0]["title"].startswith("boosted trees")


def test_a_number_is_learned_with_one_base_a_column_too(
    bases_cache: Path, table: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(table)
    frame["worth"] = (frame.price * (1 + (frame.wanted == "yes"))).round(2)
    frame["photo"] = [str(table.parent / name) for name in frame.photo]
    data = hs.load(frame.drop(columns="wanted"), label_column="worth", columns="auto", target="number")
    result = hs.train(data, base=PHOTOS)
    assert result.model.target == "number"
    photos = [spec.name for spec in result.encoders if spec.recipe["role"] == "image"]
    assert photos in ([f"photo ({base})"] for base in PHOTOS)
    assert hs.export(result, output=tmp_path / "m.onnx").parity.largest_difference <= 1e-4
