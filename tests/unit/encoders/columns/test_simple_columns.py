"""Numbers, categories and dates as features."""

from __future__ import annotations

import json

import numpy as np
import pytest

from headstart.encoders.columns import categories, dates, numbers
from headstart.encoders.columns.fit import simple_column
from headstart.encoders.open import open_encoder
from headstart.row import Row


def test_a_number_is_standardised_and_placed_among_the_training_values() -> None:
    fitted = numbers.fit([str(value) for value in range(101)] + [None, "n/a", "none of them"])
    made = numbers.encode(np.array([50.0, 0.0, 100.0, np.nan, 1e9]), fitted)
    assert made.shape == (5, numbers.width_of(fitted))
    np.testing.assert_allclose(made[:, -1], [0, 0, 0, 1, 0])
    np.testing.assert_allclose(made[0, 1:-1].sum(), 4.0, atol=1e-5)
    np.testing.assert_allclose(made[[1, 2], 1:-1].sum(axis=1), [0.0, 8.0], atol=1e-5)
    assert made[4, 0] == 5.0  # however far off, it does not drown the rest
    np.testing.assert_allclose(made[3, :-1], made[0, :-1])


def test_a_constant_number_is_a_feature_all_the_same() -> None:
    fitted = numbers.fit([3, 3, 3])
    assert np.isfinite(numbers.encode(np.array([3.0, 4.0]), fitted)).all()


def test_rare_new_and_missing_levels_have_places_of_their_own() -> None:
    fitted = categories.fit(["red"] * 5 + ["blue"] * 3 + ["pink", "teal", None])
    assert fitted == {"levels": ["blue", "red"]}
    made = categories.encode(["red", "pink", "never seen", None, 1], fitted)
    assert made.argmax(axis=1).tolist() == [1, 2, 2, 3, 2]
    np.testing.assert_array_equal(made.sum(axis=1), 1.0)


def test_levels_that_are_all_rare_are_kept() -> None:
    assert categories.fit(["a", "b"]) == {"levels": ["a", "b"]}


def test_a_date_tells_its_age_its_year_and_its_place_in_year_and_week() -> None:
    cells = [f"20{year:02d}-{month:02d}-15" for year in range(10, 20) for month in range(1, 13)]
    fitted = dates.fit(cells)
    moments = [dates.parse(cell, fitted) for cell in ["2010-01-15", "2019-12-15", "2012-07-01", "NA"]]
    made = dates.encode(moments, fitted)
    assert made.shape == (4, dates.width_of(fitted))
    assert made[0, 0] < made[2, 0] < made[1, 0]
    month = made[:, -6:-4]
    np.testing.assert_allclose(month[:3], [[0, 1], [-0.5, np.sqrt(0.75)], [0, -1]], atol=1e-6)
    assert not made[3, -7:].any()


def test_what_was_learned_of_a_column_is_data() -> None:
    spec = simple_column("price", "number", ["1,5", "2,5", "3,5"], {"price": "number"})
    again = json.loads(json.dumps(spec.recipe))
    assert again == dict(spec.recipe)
    assert spec.files == {}


def encode(
    role: str, cells: list[object], asked: list[object]
) -> tuple[np.ndarray, list[tuple[int, str, str]]]:
    spec = simple_column("it", role, cells, {"it": role})
    made = open_encoder(spec).encode([Row({"it": cell}, f"row {i}") for i, cell in enumerate(asked)])
    return np.asarray(made.vectors), list(made.failures)


@pytest.mark.parametrize(
    ("role", "cells", "asked", "reason"),
    [
        (
            "number",
            [1, 2, 3],
            "cheap",
            "The cell in 'it' holds 'cheap', which is no number; mend it or empty it.",
        ),
        (
            "date",
            ["2024-01-31"],
            "1/2/2024",
            "The cell in 'it' holds '1/2/2024', which is no date written as in",
        ),
    ],
)
def test_a_cell_that_cannot_be_read_is_a_problem_of_its_row(
    role: str, cells: list[object], asked: str, reason: str
) -> None:
    vectors, failures = encode(role, cells, [cells[0], asked, None])
    assert len(vectors) == 2
    assert failures[0][0] == 1
    assert failures[0][1].startswith(reason)


def test_a_column_that_is_missing_altogether_is_named() -> None:
    spec = simple_column("price", "number", [1, 2], {"price": "number"})
    made = open_encoder(spec).encode([Row({"prise": 1}), "a text"])
    assert [reason for _, reason, _ in made.failures] == [
        "The column 'price' is not there; the columns are: 'prise'. Add it, with empty cells where its "
        "value is not known.",
        "It is no row of a table; give a dict, a row of a DataFrame, or a table with the model's columns.",
    ]


def test_equal_simple_rows_are_different_examples() -> None:
    spec = simple_column("price", "number", [1, 2], {"price": "number"})
    rows = [Row({"price": 1}, "row 0"), Row({"price": 1}, "row 1"), Row({"price": 1.0}, "row 0")]
    content = [signature.content for signature in open_encoder(spec).encode(rows).signatures]
    assert content[0] == content[2] != content[1]
