"""Labels read as numbers: units, decimal commas, what is refused because it may mean two things."""

from __future__ import annotations

import contextlib

import numpy as np
import pandas as pd
import pytest

import headstart
from headstart.data.number_labels import levels_of, number_strata
from headstart.errors import LayoutError, NotEnoughDataError
from headstart.targets import target_of


def loaded(tmp_path, labels, **options):
    place = tmp_path / "prices.csv"
    rows = "".join(f'a text about thing {i},"{label}"\n' for i, label in enumerate(labels))
    place.write_text("text,price\n" + rows, encoding="utf-8")
    return headstart.load(place, label_column="price", target="number", **options)


@pytest.mark.parametrize(
    ("labels", "numbers"),
    [
        (["1.5", "2", "-3e2"], [1.5, 2, -300]),
        (["1,5", "2,25", "1.234,5"], [1.5, 2.25, 1234.5]),
        (["0,512", "0,25", "3"], [0.512, 0.25, 3]),
        (["0,512", "0,125", "0,900"], [0.512, 0.125, 0.9]),
        (["$5.00", "$1,200.50", "$3"], [5, 1200.5, 3]),
        (["3 kg", "4.5 KG", "12kg"], [3, 4.5, 12]),
        (["1 year", "3 years", "12 Years"], [1, 3, 12]),
        (["1.2M", "300k", "5"], [1.2e6, 3e5, 5]),
        (["1h30", "2h 15m", "0h45"], [1.5, 2.25, 0.75]),
    ],
)
def test_numbers_are_read_as_people_write_them(tmp_path, labels, numbers):
    data = loaded(tmp_path, labels)
    assert (data.target, data.classes) == ("number", ("price",))
    np.testing.assert_allclose([example.value[0] for example in data.examples], numbers)
    assert not data.problems


def test_a_unit_is_told_and_thousands_are_told(tmp_path):
    assert any(note.endswith("are in kg.") for note in loaded(tmp_path, ["3 kg", "4 kg", "5 kg"]).notes)
    notes = loaded(tmp_path, ["1,234", "2,500", "12,000"]).notes
    assert any("'1,234' is a thousand or more" in note for note in notes)


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (["1,5", "1,234", "2,5"], r"comma before decimals \('1,5'\) and one where .* \('1,234'\)"),
        (["1,5", "1.234", "2,5"], r"comma before decimals \('1,5'\) and one where .* \('1.234'\)"),
        (
            ["3 kg", "500 g", "2 kg"],
            r"in one unit in .*'price'.*, found several: 2 such as '3 kg' and 1 such",
        ),
        (
            ["red", "blue", "3"],
            r"Expected a number in each cell of .*, found 2 of 3 that are none, such as 'red'",
        ),
    ],
)
def test_what_may_mean_two_things_is_refused(tmp_path, labels, text):
    with pytest.raises(LayoutError, match=text):
        loaded(tmp_path, labels)


def test_a_few_cells_that_are_no_numbers_become_problems(tmp_path):
    data = loaded(tmp_path, [*map(str, range(30)), "", "sold out", "n/a", "inf"])
    assert len(data.examples) == 30
    reasons = sorted(problem.reason for problem in data.problems)
    assert reasons[0] == "'inf' is no number."
    assert "'sold out' is no number." in reasons
    assert sum("It has no number" in reason for reason in reasons) == 2


def rows(folder, header, lines):
    place = folder / "t.csv"
    place.write_text("\n".join([header, *lines, ""]))
    return place


def test_whole_numbers_with_many_values_are_refused_with_the_flag_that_settles_it(tmp_path):
    place = rows(tmp_path, "text,label", [f"thing {i},{i * i}" for i in range(40)])
    with pytest.raises(LayoutError, match="found numbers with many values") as refused:
        headstart.load(place)
    assert "--target number" in str(refused.value.hint)
    assert len(headstart.load(place, target="number").examples) == 40


def test_fractions_of_very_many_values_are_taken_for_a_number_and_said_first(tmp_path):
    place = rows(tmp_path, "text,label", [f"thing {i},{i * 1.37:.2f}" for i in range(40)])
    data = headstart.load(place)
    assert (data.target, data.classes) == ("number", ("label",))
    assert data.notes[0].startswith(
        "A number is learned: there are 40 different ones in the column 'label' of t.csv, such as '0.00'."
    )
    assert "--target classes" in data.notes[0]
    assert len(headstart.load(place, target="classes").classes) == 40
    assert headstart.load(pd.read_csv(place)).target == "number"


@pytest.mark.parametrize(
    "label",
    [
        lambda i: i % 10,  # digits
        lambda i: i % 5 + 1,  # stars
        lambda i: f"{i % 12 / 2:.1f}",  # grades
        lambda i: f"{7 + (i % 24) / 2:.1f}",  # sizes of shoes, five of each
    ],
)
def test_a_few_numbers_that_come_again_stay_classes_or_are_asked_about(tmp_path, label):
    place = rows(tmp_path, "text,label", [f"thing {i},{label(i)}" for i in range(120)])
    with contextlib.suppress(LayoutError):
        assert headstart.load(place).target == "classes"


@pytest.mark.parametrize(
    ("header", "line", "column"),
    [
        ("text,price", lambda i: f"thing {i},{i * 1.3:.2f}", "price"),
        ("id,text,weight in g", lambda i: f"{i},thing {i},{i * i}", "weight in g"),
        ("text,age,shelf,kind", lambda i: f"thing {i},{i * i % 91},{i % 7},{'ab'[i % 2]}", "age"),
        ("text,x,label", lambda i: f"thing {i},{i * 2.2:.1f},{i * i}", "label"),
    ],
)
def test_the_column_of_the_number_is_found_where_a_number_is_asked_for(tmp_path, header, line, column):
    place = rows(tmp_path, header, map(line, range(40)))
    for given in (place, pd.read_csv(place)):
        assert headstart.load(given, target="number").classes == (column,)
    assert (
        f"the number to learn is in the column {column!r}." in headstart.load(place, target="number").notes[0]
    )


def test_several_columns_of_numbers_are_asked_about(tmp_path):
    place = rows(
        tmp_path, "text,width,height,kind", [f"a thing {i},{i}.5,{i}.7,{'ab'[i % 2]}" for i in range(40)]
    )
    with pytest.raises(
        LayoutError, match=r"which column of t.csv holds the number .*'width', 'height' hold n"
    ):
        headstart.load(place, target="number")
    place = rows(tmp_path, "text,kind", [f"a thing {i},{'ab'[i % 2]}" for i in range(40)])
    with pytest.raises(LayoutError, match=r"holds the number to learn; .*\(none holds numbers\)"):
        headstart.load(place, target="number")


def test_labels_in_memory_may_be_numbers():
    data = headstart.load(["a", "b", "c", "d"], [1.5, np.float32(2.5), 3, None], target="number")
    assert [example.value for example in data.examples] == [(1.5,), (2.5,), (3.0,)]
    assert len(data.problems) == 1


def test_too_few_and_equal_numbers_are_refused():
    with pytest.raises(NotEnoughDataError, match=r"at least 3 examples with a number .*, found 2"):
        target_of("number").check(headstart.load(["a", "b"], [1.0, 2.0], target="number"))
    with pytest.raises(NotEnoughDataError, match=r"different numbers of 'number' .*, found 2 for all 4"):
        target_of("number").check(headstart.load(["a", "b", "c", "d"], [2.0] * 4, target="number"))


def test_few_numbers_that_come_again_are_levels():
    assert levels_of(np.repeat([1.0, 2, 3, 4, 5], 8)) == [1, 2, 3, 4, 5]
    assert levels_of(np.repeat([0, 1 / 3, 2 / 3, 1], 9)) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert levels_of(np.arange(40.0)) is None
    assert levels_of(np.array([1.0, 2, 3, 4])) is None
    assert levels_of(np.repeat([0.0, 1.0], 20)) is None


def test_strata_are_fifths(tmp_path):
    data = loaded(tmp_path, list(range(50)))
    assert np.bincount(number_strata(data)).tolist() == [10] * 5


def test_numbers_whose_squares_are_no_numbers_are_refused(tmp_path):
    dataset = loaded(tmp_path, ["1e301", "2e301", "3e301", "4e301"])
    with pytest.raises(LayoutError, match=r"Expected numbers of 'price' up to 1e\+100 in .*, found 4e\+301"):
        target_of("number").check(dataset)
