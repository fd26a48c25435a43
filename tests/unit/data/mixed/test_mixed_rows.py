"""When a table is read as rows with several columns, from files and from Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import headstart as hs
from headstart.data.mixed.deciding import SEVERAL
from headstart.data.mixed.given import rows_given
from headstart.errors import DataError, LayoutError, ParameterError
from headstart.row import TABLE, Row

N = 40


def cars(**more: Any) -> pd.DataFrame:
    place = range(N)
    return pd.DataFrame(
        {
            "id": [f"c{i}" for i in place],
            "text": [f"a {('fine', 'worn')[i * i % 5 % 2]} car number {i} on the lot" for i in place],
            "price": [1000.5 + 13 * i for i in place],
            "maker": [("opel", "fiat", "seat")[i * i % 3] for i in place],
            "sold": [("yes", "no")[i % 7 % 2] for i in place],
            **more,
        }
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    cars().to_csv(tmp_path / "cars.csv", index=False)
    return tmp_path / "cars.csv"


@pytest.mark.parametrize("source", ["csv", "frame", "parquet"])
def test_all_clear_columns_are_taken_where_that_is_asked_for(source: str, tmp_path: Path) -> None:
    data: Any = cars()
    if source == "csv":
        data.to_csv(tmp_path / "cars.csv", index=False)
    if source == "parquet":
        data.to_parquet(tmp_path / "cars.parquet")
    given = data if source == "frame" else tmp_path / f"cars.{source}"
    dataset = hs.load(given, label_column="sold", columns="auto")
    assert dataset.modality == TABLE
    assert {one.name: one.role for one in dataset.columns} == {
        "id": "ignore", "text": "text", "price": "number", "maker": "category",
    }  # fmt: skip
    assert isinstance(dataset.examples[0].source, Row)
    assert "Learned from the columns text (text), price (number), maker (category)." in dataset.notes[0]


def test_one_input_column_stays_what_it_is(table: Path) -> None:
    assert hs.load(table, label_column="sold").modality == "text"
    assert hs.load(table, label_column="sold", input_column="text", columns=SEVERAL).modality == "text"
    assert hs.load(table, label_column="sold", modality="text", columns=SEVERAL).modality == "text"


def test_a_named_label_and_several_clear_columns_make_rows(table: Path) -> None:
    assert hs.load(table, label_column="sold", columns=SEVERAL).modality == TABLE


def test_two_columns_are_no_rows(tmp_path: Path) -> None:
    cars()[["text", "sold"]].to_csv(tmp_path / "two.csv", index=False)
    assert hs.load(tmp_path / "two.csv", label_column="sold", columns=SEVERAL).modality == "text"


def test_where_no_column_is_the_input_all_clear_ones_are(tmp_path: Path) -> None:
    cars()[["price", "sold"]].assign(weight=[900 + 3.5 * i for i in range(N)]).to_csv(
        tmp_path / "cars.csv", index=False
    )
    assert hs.load(tmp_path / "cars.csv", columns=SEVERAL).modality == TABLE
    with pytest.raises(LayoutError, match="found only numbers") as error:
        hs.load(tmp_path / "cars.csv")
    assert "--columns auto" in str(error.value.hint)


def test_told_roles_go_before_what_is_found(table: Path) -> None:
    dataset = hs.load(table, label_column="sold", columns="price=category,text=ignore")
    roles = {one.name: one.role for one in dataset.columns}
    assert (roles["price"], roles["text"], roles["maker"]) == ("category", "ignore", "category")


def test_a_row_without_a_label_is_listed(tmp_path: Path) -> None:
    frame = cars()
    frame.loc[3, "sold"] = None
    dataset = hs.load(frame, label_column="sold", columns="auto")
    assert len(dataset) == N - 1
    assert [(one.source, one.code) for one in dataset.problems] == [("row 3", "no_label")]


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ("prise=number", DataError, r"has no column 'prise'"),
        ("sold=category", ParameterError, r"The column 'sold' of cars.csv is the label"),
        ("text=ignore,price=ignore,maker=ignore", LayoutError, r"No column of cars.csv can be learned from"),
    ],
)
def test_roles_that_cannot_be_are_refused(
    table: Path, columns: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        hs.load(table, label_column="sold", columns=columns)


def test_roles_and_one_input_column_exclude_each_other(table: Path) -> None:
    with pytest.raises(ParameterError, match="Roles of columns were named, and one input column too"):
        hs.load(table, label_column="sold", input_column="text", columns="price=number")


def test_roles_are_for_tables(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"Roles of columns are for a table; .* is a folder"):
        hs.load(tmp_path, columns="auto")
    with pytest.raises(ParameterError, match="columns is for tables"):
        hs.load(["a b", "c d"], ["x", "y"], columns="auto")


def test_rows_are_taken_in_every_form() -> None:
    frame = cars()
    one = {"price": 1.5, "text": "a car"}
    assert [row.cells for row in rows_given(one)[0]] == [one]
    assert rows_given(frame.iloc[2])[0][0].cells["id"] == "c2"
    assert len(rows_given(frame)[0]) == N
    assert len(rows_given([one, one])[0]) == 2
    assert rows_given({"price": [1.0, float("nan")]})[0][1].cells == {"price": None}
    with pytest.raises(ParameterError, match="Expected rows of a table, got str"):
        rows_given("a text")
