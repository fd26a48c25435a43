"""Would more help, and which labels may be wrong, where tags or numbers are learned; on every surface."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.cli.show_check import print_target_advice
from headstart.errors import ParameterError
from headstart.report import render_training
from headstart.targets import shown_of
from headstart.wording import Words
from headstart.workflows.checking import TargetAdvice

WORDS = {"warm": ("sun", "heat", "summer", "fire"), "cold": ("ice", "snow", "winter", "frost")}
COUNT = 60
BROKEN = 7


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts whose warm words make the number and the tags; one number is wrong by a misplaced comma."""
    random, place = np.random.default_rng(0), tmp_path_factory.mktemp("days") / "days.csv"
    with place.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "degrees", "tags"])
        for number in range(COUNT):
            warm = int(random.integers(0, 7))
            words = [*random.choice(WORDS["warm"], warm), *random.choice(WORDS["cold"], 6 - warm)]
            degrees = 5.0 * warm + random.normal(0, 0.4)
            tags = ["hot"] * (warm > 3) + ["icy"] * (warm < 3) + ["odd"] * (number % 2)
            text = " ".join(map(str, random.permutation(words)))
            wrong = 400.0 if number == BROKEN else degrees
            writer.writerow([f"{text} day {number}", f"{wrong:.2f}", ";".join(tags) or "[]"])
    return place


@pytest.fixture(scope="module")
def numbers(days: Path) -> TargetAdvice:
    return hs.check(hs.load(days, label_column="degrees"), base=[])


@pytest.fixture(scope="module")
def tags(days: Path) -> TargetAdvice:
    return hs.check(hs.load(days, label_column="tags", target="tags"), base=[])


def test_a_number_that_is_wrong_is_found_first(numbers: TargetAdvice) -> None:
    assert isinstance(numbers, TargetAdvice)
    first = numbers.to_dict()["doubted"][0]
    assert (first["source"], first["number"]) == (f"days.csv:{BROKEN + 2}", 400.0)
    assert first["expected"] < 60


def test_the_curve_of_numbers_falls_and_looks_ahead(numbers: TargetAdvice) -> None:
    growth = numbers.to_dict()["growth"]["degrees"]
    assert growth["verdict"] in ("hardly", "may", "would")
    assert growth["twice"] == 2 * COUNT
    assert growth["low"] <= growth["high"] <= growth["now"]
    assert [size for size, _ in growth["points"]] == sorted(size for size, _ in growth["points"])


def test_tags_have_a_curve_and_thresholds(tags: TargetAdvice) -> None:
    plain = tags.to_dict()
    assert plain["growth"]["points"][0][1] <= plain["growth"]["points"][-1][1]
    assert all(0 < score["threshold"] < 1.01 for score in plain["per_tag"].values())


@pytest.mark.parametrize("language", ["en", "de"])
def test_both_languages_show_the_same_figures(
    numbers: TargetAdvice, tags: TargetAdvice, language: str
) -> None:
    words = Words(language)
    number = shown_of(numbers.to_dict(), words=words)
    tag = shown_of(tags.to_dict(), words=words)
    assert number is not None
    assert tag is not None
    said = {"en": "400; ", "de": "Hier steht 400; zu erwarten wäre"}[language]
    assert said in number.suspects[0].said
    assert number.curves[0].said.startswith({"en": "More ", "de": "Mehr "}[language])
    assert len(tag.tables[0].heads) == len(tag.tables[0].rows[0]) == 6


def test_points_of_the_scatter_plot_open_their_example(numbers: TargetAdvice) -> None:
    page = render_training(numbers.report, examples=numbers.faces.sources, kind=numbers.faces.kind)
    assert page.count('class="opened"') == COUNT
    assert 'href="#point-0-0"' in page
    assert 'id="point-0-0"' in page
    assert numbers.faces.sources[f"days.csv:{BROKEN + 2}"][:20] in page
    assert "One name" not in page
    bare = render_training(numbers.report)
    assert 'class="opened"' not in bare


def test_the_terminal_says_it_all(numbers: TargetAdvice, capsys: pytest.CaptureFixture[str]) -> None:
    print_target_advice(numbers)
    said = " ".join(capsys.readouterr().out.split())
    for words in (
        "predicts degrees",
        "always saying the median",
        "Numbers that may be wrong",
        "A number is le",
    ):
        assert words in said


def test_an_accuracy_is_no_aim_for_numbers(days: Path) -> None:
    with pytest.raises(
        ParameterError, match=r"An accuracy is wanted \(0.9\), and what is learned .* numbers"
    ):
        hs.check(hs.load(days, label_column="degrees"), target=0.9)
