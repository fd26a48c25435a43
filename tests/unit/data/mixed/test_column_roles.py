"""What each column of a table is found to be, and what a person may say it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from headstart.data.mixed.finding import find_roles
from headstart.data.mixed.roles import in_words, parse_roles
from headstart.errors import DataError, ParameterError
from headstart.row import ColumnRole

N = 60


def role_of(cells: list[Any], *, name: str = "column", told: str = "", root: Path = Path()) -> ColumnRole:
    rows = [{name: cell} for cell in cells]
    labels = ["yes" if place % 3 else "no" for place in range(len(cells))]
    given = {name: told} if told else {}
    return find_roles("cars.csv", [name], rows, asked=given, labels=labels, root=root)[0]


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        ([f"{12.5 + i:.2f}" for i in range(N)], "number"),
        ([f"${1000 + 7 * i * i:,}" for i in range(N)], "number"),
        ([i % 3 + 1 for i in range(N)], "number"),
        ([("red", "green", "blue")[i * i % 3 if i % 7 else 2] for i in range(N)], "category"),
        ([bool(i * i % 5) for i in range(N)], "category"),
        ([f"0{i % 9}217" for i in range(N)], "category"),
        ([f"2024-0{i % 9 + 1}-1{i % 10}" for i in range(N)], "date"),
        ([f"A fine car with {i} doors and a roof" for i in range(N)], "text"),
        ([f"{'美味しいコーヒーをいただきました、ありがとう'}{i}" for i in range(N)], "text"),
        (["NA" if i % 4 else str(i) + ".5" for i in range(N)], "number"),
    ],
)
def test_a_clear_column_gets_its_role(cells: list[Any], role: str) -> None:
    assert role_of(cells).role == role


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("car_id", [f"{i * 17}" for i in range(N)], "it looks like an id"),
        ("Unnamed: 0", list(range(N)), "it looks like an id"),
        ("nr", list(range(5, N + 5)), "it counts the rows"),
        ("patient", [f"p{i % 9}" for i in range(N)], "it looks like an id"),
        ("code", [f"x{i * 31}-{i}" for i in range(N)], "its values look like names of files or ids"),
        ("same", ["a"] * N, "it says the same in every row"),
        ("none", [None] * N, "it is empty"),
        ("when", ["03/04/2024", "05/06/2024"] * 30, "its dates could be day/month or month/day"),
        ("list", [[1, 2]] * N, "it holds lists or objects"),
        ("link", [f"https://example.org/{i}.jpg" for i in range(N)], "its values look like web addresses"),
    ],
)
def test_what_says_nothing_of_its_own_is_left_out_with_the_reason(
    name: str, cells: list[Any], reason: str
) -> None:
    found = role_of(cells, name=name)
    assert found.role == "ignore"
    assert found.reason.startswith(reason)


def test_a_column_that_goes_one_to_one_with_the_label_is_left_out() -> None:
    rows = [{"sold_code": "A" if i % 2 else "B", "colour": ("red", "blue")[i // 2 % 2]} for i in range(N)]
    labels = ["yes" if i % 2 else "no" for i in range(N)]
    given, colour = find_roles("t", ["sold_code", "colour"], rows, asked={}, labels=labels, root=Path())
    assert (given.role, colour.role) == ("ignore", "category")
    assert given.reason.startswith("it gives the label away")


def test_who_says_so_may_learn_from_it_all_the_same() -> None:
    rows = [{"code": "A" if i % 2 else "B"} for i in range(N)]
    labels = ["yes" if i % 2 else "no" for i in range(N)]
    (found,) = find_roles("t", ["code"], rows, asked={"code": "category"}, labels=labels, root=Path())
    assert found.role == "category"


def test_photos_are_found_beside_the_table(tmp_path: Path) -> None:
    for i in range(4):
        Image.new("RGB", (16, 16), (60 * i, 0, 0)).save(tmp_path / f"{i}.png")
    assert role_of([f"{i % 4}.png" for i in range(N)], root=tmp_path).role == "image"


def test_photos_that_are_not_there_are_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"'column' of cars.csv names photos or sounds, but most .* '0.jpg'"
    ) as error:
        role_of([f"{i}.jpg" for i in range(N)], root=tmp_path)
    assert "--columns column=ignore" in str(error.value.hint)


@pytest.mark.parametrize(
    ("told", "cells", "seen"),
    [
        ("number", ["red", "blue"] * 30, "cannot be number: it holds 'red', which is no number"),
        ("date", ["red", "blue"] * 30, "cannot be date: it holds 'red'"),
        ("image", ["red", "blue"] * 30, "cannot be image: it holds 'red', and no such file is there"),
        ("category", [[1]] * 60, "cannot be category"),
        ("number", [None] * 60, "cannot be number: it is empty"),
    ],
)
def test_a_role_that_cannot_be_is_refused(told: str, cells: list[Any], seen: str) -> None:
    with pytest.raises(ParameterError, match=seen):
        role_of(cells, told=told)


def test_roles_are_read_from_the_command_line() -> None:
    assert parse_roles("photo=image, price=Number,a,b=text") == {
        "photo": "image",
        "price": "number",
        "a,b": "text",
    }
    assert parse_roles("auto") == {}
    assert parse_roles({"id": "ignore"}) == {"id": "ignore"}
    assert parse_roles(None) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("price", r"--columns takes column=role, with commas between, got 'price'"),
        ("price=numbr", r"got price=numbr"),
        (["price"], r"columns must name a role for each column, or be 'auto'; got list"),
    ],
)
def test_other_forms_are_refused(given: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        parse_roles(given)


def test_roles_in_words() -> None:
    roles = [ColumnRole("price", "number"), ColumnRole("id", "ignore", "it looks like an id")]
    assert in_words(roles) == "Learned from the columns price (number). Left out: id (it looks like an id)."


def test_ids_of_photos_are_looked_up_with_their_endings(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for i in range(N):
        Image.new("RGB", (16, 16), (4 * i, 0, 0)).save(tmp_path / "pictures" / f"{i + 100}.png")
    assert role_of([i + 100 for i in range(N)], name="photo_id", root=tmp_path).role == "image"
    with pytest.raises(DataError, match=r"'photo_id' of cars\.csv names photos or sounds"):
        role_of([f"car_{i}" for i in range(N)], name="photo_id", root=tmp_path)


def test_ids_of_photos_that_are_not_there_are_not_passed_over(tmp_path: Path) -> None:
    columns = {"image_name": [f"ISIC_{i:07}" for i in range(N)], "age": [20 + i % 50 for i in range(N)]}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    with pytest.raises(DataError, match=r"'image_name' of cars\.csv names photos or sounds") as error:
        find_roles("cars.csv", list(columns), rows, asked={}, labels=[], root=tmp_path)
    assert "--columns image_name=ignore" in str(error.value.hint)
    told = find_roles(
        "cars.csv", list(columns), rows, asked={"image_name": "ignore"}, labels=[], root=tmp_path
    )
    assert [role.role for role in told] == ["ignore", "number"]
