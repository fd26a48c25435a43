"""A target that is no set of classes is refused, with the way to insist; classes of every look are not."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.data.labels import LabelCells
from headstart.data.read import load
from headstart.data.target import parse_target, require_classes
from headstart.errors import LayoutError, NotEnoughDataError, ParameterError

rng = np.random.default_rng(0)
TAGS = ("grain", "wheat", "corn", "trade", "oil", "gas")
RAKUTEN = (10, 40, 50, 60, 1140, 1160, 1180, 1280, 1281, 1300, 1301, 1302, 1320, 1560, 1920, 1940, 2060, 2905)


def require(labels: Sequence[Any], column: str = "label") -> None:
    require_classes([str(label) for label in labels], [LabelCells("the column", column)])


@pytest.mark.parametrize(
    ("labels", "column"),
    [
        (np.round(rng.lognormal(3, 1, 60), 2), "price"),
        ([f"${2 + i * 1.37:.2f}" for i in range(30)], "label"),
        ([f"{2 + i * 1.37:.2f} €".replace(".", ",") for i in range(30)], "label"),
        ([f"{1000 + 77 * i:,}" for i in range(30)], "label"),
        (rng.integers(18, 80, 130), "label"),
        (rng.integers(18, 80, 5000), "age"),
        (rng.integers(18, 80, 5000), "label"),
        (rng.integers(0, 101, 300), "label"),
        (rng.integers(0, 101, 5000), "test_score"),
        (rng.integers(5, 500, 200), "label"),
        (np.round(rng.uniform(0, 4, 2000), 1), "gpa"),
        ([20 + i % 30 for i in range(90)], "label"),
        ([10 + 5 * (i % 12) for i in range(60)], "price"),
        (range(100, 130), "label"),
        ([*np.round(rng.lognormal(3, 1, 58), 2), "unknown", "sold"], "label"),
    ],
)
def test_numbers_with_many_values_are_refused(labels: Sequence[Any], column: str) -> None:
    with pytest.raises(
        LayoutError, match=r"found numbers with many values: .* different values in .* rows"
    ) as e:
        require(labels, column)
    assert "--target classes" in str(e.value.hint)
    assert 'target="classes"' in str(e.value.hint)


@pytest.mark.parametrize(
    ("labels", "column"),
    [
        (rng.integers(1, 6, 30), "stars"),
        (rng.integers(0, 10, 30), "digit"),
        (rng.integers(0, 11, 100), "score"),
        (rng.integers(1, 11, 60) / 2, "rating"),
        (rng.integers(0, 100, 2000), "fine_label"),
        (rng.integers(0, 77, 770), "label"),
        ([i // 3 for i in range(660)], "label"),  # 220 classes of 3
        (rng.choice(RAKUTEN, 2000), "prdtypecode"),
        (rng.integers(1990, 2000, 300), "year"),
        (np.minimum(rng.geometric(0.1, 3000), 30), "label"),
        (rng.choice(["2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11"], 80), "version"),
        ([f"{i:05d}" for i in rng.integers(0, 40, 400)], "postcode"),
        ([i % 12 for i in range(60)], "age_group"),
        ([f"c{i}" for i in rng.integers(0, 220, 200)], "label"),  # few examples of many classes
        (["a", "b", "c", "d", "e", "f", "g"], "label"),
        (["16:9", "4:3", "21:9"] * 8, "label"),
        (["(0, 10]", "(10, 20]", "(20, 30]"] * 8, "bin"),
        (["2021", "2022"] * 20, "label"),
        (["1.2.10", "1.3.10"] * 20, "version"),
    ],
)
def test_codes_of_classes_are_not(labels: Sequence[Any], column: str) -> None:
    require(labels, column)


@pytest.mark.parametrize(
    "dates",
    [
        [datetime.date(2024, 1, 1 + i % 28) for i in range(40)],
        [datetime.datetime(2024, 1, 1 + i % 28, 12, 30) for i in range(40)],
        [np.datetime64("2024-01-01") + i % 3 for i in range(40)],
        [f"{1 + i % 28:02d}.{1 + i % 12:02d}.2024" for i in range(40)],
        [f"{1 + i % 12}/{1 + i % 28}/24" for i in range(40)],
        [f"{1 + i % 28} March 2024" for i in range(40)],
        [f"Mar {1 + i % 28}, 2024" for i in range(40)],
        [f"2024-{1 + i % 12:02d}" for i in range(40)],
        [f"2024-01-{1 + i % 28:02d}T10:00:00Z" for i in range(40)],
    ],
)
def test_dates_are_refused(dates: Sequence[Any]) -> None:
    with pytest.raises(LayoutError, match="Expected classes in the column, found dates or times"):
        require(dates)


@pytest.mark.parametrize(
    "labels",
    [
        ["price,quality", "price", "quality"] * 10,
        ["a;b", "a;c", "b;c"] * 10,
        ["a | b", "b", "a"] * 10,
        [",".join(rng.choice(TAGS, rng.integers(1, 4), replace=False)) for _ in range(80)],
        ["; ".join(rng.choice(TAGS, rng.integers(1, 3), replace=False)) for _ in range(40)],
    ],
)
def test_several_labels_in_one_cell_are_refused(labels: Sequence[str]) -> None:
    with pytest.raises(LayoutError, match=r"found several labels in one cell: .* between them, such as") as e:
        require(labels)
    assert "--target classes" in str(e.value.hint)


@pytest.mark.parametrize(
    "labels",
    [
        ["Bonaire, Sint Eustatius", "Food, drink", "Travel"],
        ["Korea, Republic of", "Korea, Democratic People's Republic of", "Moldova, Republic of", "Congo",
         "Virgin Islands, British", "Virgin Islands, U.S.", "Iran, Islamic Republic of"],
        ["Springfield, IL", "Chicago, IL", "Portland, OR", "Salem, OR", "Portland, ME"],
        ["Home|Kitchen", "Home|Garden", "Electronics|Phones", "Electronics|Laptops"],
        ["A|B|C", "A|B|D", "A|E|F"],
        ["Arts, Crafts & Sewing", "Clothing, Shoes & Jewelry", "Patio, Lawn & Garden"],
        ["crane", "missile", "projectile, missile", "tench, Tinca tinca", "great white shark, white shark"],
        ["Yes, I agree", "No, I disagree", "Yes, but maybe", "No"],
    ],
)  # fmt: skip
def test_names_with_a_comma_are_classes(labels: list[str]) -> None:
    require(labels * 8)


def test_ids_are_refused() -> None:
    with pytest.raises(
        LayoutError, match="found names that hardly repeat: 980 different values in 1,000 rows"
    ):
        require([f"user{i}" for i in range(980)] + ["user1"] * 20)


def test_insisting_trains_on_the_cells_as_they_are(tmp_path: Path) -> None:
    prices = [f"{2 + i // 2:.2f}" for i in range(40)]
    rows = [f"a text number {i},{price}" for i, price in enumerate(prices)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["text,price", *rows]))
    with pytest.raises(LayoutError, match=r"in the column 'price' of t\.csv, found numbers"):
        load(path, label_column="price")
    data = load(path, label_column="price", target="classes")
    assert data.labels == prices
    assert data.problems == ()


def test_only_what_can_be_learned_can_be_asked_for() -> None:
    with pytest.raises(ParameterError, match=r"target must be 'classes'.* where it is given, got 'ranks'"):
        parse_target("ranks")


def test_no_label_at_all_is_told_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\none,NA\ntwo,NA\n")
    with pytest.raises(
        NotEnoughDataError, match=r"No row of .*t\.csv can be used \(t\.csv:2: It has no label"
    ) as e:
        load(tmp_path / "t.csv")
    assert str(e.value.hint).startswith("2 cells of 'label' say 'NA': read as no label")


DAYS = [datetime.date(2023, 1, 1) + datetime.timedelta(days=7 * i) for i in range(30)]


@pytest.mark.parametrize(
    "labels",
    [
        [day.strftime("%Y%m%d") for day in DAYS],
        [day.strftime("%Y%m%d") for day in DAYS[:6]] * 10,
        [day.strftime("%d-%b-%y") for day in DAYS],
        [day.strftime("%a, %d %b %Y 10:00:00 GMT") for day in DAYS],
        [day.strftime("%G-W%V") for day in DAYS],
        [1_600_000_000 + 86_400 * (i % 12) for i in range(120)],
        [1_600_000_000_000 + 86_400_000 * (i % 12) for i in range(120)],
    ],
)
def test_dates_of_every_look_are_refused(labels: Sequence[Any]) -> None:
    with pytest.raises(LayoutError, match="found dates or times"):
        require(labels)


@pytest.mark.parametrize(
    "pattern", ["{} kg", "{}kg", "{}%", "${}.00", "USD {}", "1h{:02}", "0.{}/10", "{} years"]
)
def test_measures_with_their_units_are_refused(pattern: str) -> None:
    with pytest.raises(LayoutError, match="found numbers with many values"):
        require([pattern.format(i) for i in range(10, 60)])


@pytest.mark.parametrize(
    "labels",
    [
        ["clear haze primary", "clear primary", "haze water", "cloudy", "primary water", "clear"],
        ["clear", "haze", "clear haze"],
        [" ".join(TAGS[i] for i in range(6) if number >> i & 1) for number in range(1, 40)],
        ["a|b", "a|c"],
    ],
)
def test_labels_that_recombine_are_refused(labels: Sequence[str]) -> None:
    with pytest.raises(LayoutError, match="found several labels in one cell"):
        require(labels * 5)


@pytest.mark.parametrize(
    "labels",
    [
        ["golden retriever", "labrador retriever", "golden eagle", "bald eagle"],
        ["left hand", "right hand", "left foot", "right foot"],
        ["apple", "apple juice", "orange", "orange juice"],
        ["hex bolt m4", "hex bolt m5", "hex nut m4", "hex nut m5", "bolt m4"],
        ["very good", "good", "bad", "very bad", "neutral"],
        ["ice cream", "cream cake", "cake", "cup cake"],
        ["fire truck", "truck", "camp fire", "fire"],
        ["computer science", "data science", "computer vision", "vision"],
        ["10 mm", "12 mm", "14 mm", "16 mm", "18 mm", "20 mm"],
        ["2d", "3d", "4d", "5d", "6d", "7d"],
        ["20019911", "20339912", "10230099", "40023011"],
        ["-1", "0", "1"],
        ["-2", "-1", "0", "1", "2"],
        ["?", "-", "+", "!"],
    ],
)
def test_names_that_share_words_or_look_like_numbers_are_classes(labels: Sequence[str]) -> None:
    require(labels * 5)


@pytest.mark.parametrize(
    ("labels", "open_"),
    [
        (["cat", "dog", "?"], "'?'"),
        (["cat", "dog", "--"], "'--'"),
        (["cat", "dog", "Unlabeled"], "'Unlabeled'"),
        (["cat", "dog", "-1"], "'-1'"),
        (["-1", "0", "1", "2"], "'-1'"),
    ],
)
def test_a_label_that_nobody_has_given_yet_is_asked_about(labels: Sequence[str], open_: str) -> None:
    with pytest.raises(LayoutError, match="Expected the name of a class in each cell") as e:
        require(labels * 10)
    assert f"found {open_} in 10 of " in str(e.value)
    assert "Empty those cells" in str(e.value.hint)
    assert "--target classes" in str(e.value.hint)
