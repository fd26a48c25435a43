"""A number is learned, saved, predicted, measured, written and exported like any other target."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

import headstart
from headstart.errors import ParameterError
from headstart.report import render_training
from headstart.workflows import evaluate, predict_many
from serving import SHARED_CACHE

pytestmark = pytest.mark.bases

COLD, WARM = ("ice", "snow", "winter", "frost"), ("sun", "heat", "summer", "fire")


def texts(count, seed):
    """Texts whose number of warm words gives a temperature."""
    random = np.random.default_rng(seed)
    made, degrees = [], []
    for number in range(count):
        warm = int(random.integers(0, 7))
        words = [*random.choice(WARM, warm), *random.choice(COLD, 6 - warm)]
        made.append(" ".join(map(str, random.permutation(words))) + f" day {seed} {number}")
        degrees.append(round(float(5 * warm - 10 + random.normal()), 2))
    return made, degrees


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        cache = tmp_path_factory.mktemp("cache")
        (cache / "bases").symlink_to(SHARED_CACHE / "headstart" / "bases", target_is_directory=True)
        patch.setenv("HEADSTART_CACHE", str(cache))
        yield _train(tmp_path_factory)


def _train(tmp_path_factory):
    folder = tmp_path_factory.mktemp("degrees")
    place = folder / "days.csv"
    with place.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *zip(*texts(80, 0), strict=True)])
    return headstart.train(place, target="number", use_cache=False, save_to=folder / "model"), folder


def test_it_is_measured_beside_the_median_on_held_out_examples(trained):
    report = trained[0].report
    [found] = report.evaluation.outputs
    assert report.target == "number"
    assert found.mae.estimate < 3.5 < found.median
    assert found.over_median.evident
    assert (found.n, found.confidence) == (80, 0.9)
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["numbers"][0]["mae"]["estimate"] == found.mae.estimate
    assert len(plain["points"]["label"]) == 80


def test_a_saved_model_gives_the_same_numbers_and_intervals(trained):
    result, folder = trained
    inputs, truth = texts(30, 1)
    again = headstart.load_model(folder / "model")
    first, second = (one.predict(inputs, confidence=0.9) for one in (result, again))
    assert [p.to_dict() for p in first] == [p.to_dict() for p in second]
    inside = [p.low <= number <= p.high for p, number in zip(first, truth, strict=True)]
    assert np.mean(inside) > 0.7
    assert np.mean([abs(p.value - number) for p, number in zip(first, truth, strict=True)]) < 3.5
    plain = again.predict(inputs[:1])[0]
    assert (plain.low, plain.high, plain.detail) == (None, None, "")
    assert list(plain.to_dict()) == ["source", "value"]
    assert float(plain.answer) == pytest.approx(plain.value, rel=1e-3)


def test_what_it_cannot_do_is_refused(trained, bases_cache):
    with pytest.raises(
        ParameterError, match=r"A confidence of 0\.995 takes 199 independent held-out examples"
    ):
        trained[0].predict(["ice"], confidence=0.995)
    with pytest.raises(ParameterError, match="learned numbers, which have no probabilities of classes"):
        trained[0].predict_proba(["ice"])
    with pytest.raises(ParameterError, match="where numbers are learned, got 'logistic'"):
        headstart.train(*texts(20, 2), target="number", head="logistic", use_cache=False)


def test_it_is_measured_on_new_examples(trained):
    report = evaluate(trained[0], *texts(40, 3))
    [found] = report.evaluation.outputs
    assert (report.target, report.used) == ("number", 40)
    assert found.mae.low <= found.mae.estimate <= found.mae.high
    assert found.inside.estimate > 0.7


def test_many_are_written_as_a_table(trained, tmp_path):
    new = tmp_path / "new.csv"
    inputs, _ = texts(5, 4)
    new.write_text("text\n" + "".join(f"{text}\n" for text in inputs))
    predict_many(trained[0], [new], out=tmp_path / "out.csv", input_column="text", confidence=0.9)
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    said = trained[0].predict(inputs, confidence=0.9)
    assert [float(row["value"]) for row in rows] == pytest.approx([p.value for p in said], abs=1e-5)
    assert [float(row["low"]) for row in rows] == pytest.approx([p.low for p in said], abs=1e-5)


def test_the_summary_fits_a_small_terminal_and_says_what_to_expect(trained, monkeypatch):
    from rich.console import Console

    from headstart.cli import summary

    out = io.StringIO()
    monkeypatch.setattr(summary, "Console", lambda **_: Console(file=out, width=80, highlight=False))
    summary.print_summary(replace(trained[0].report, model="days"))
    shown = out.getvalue()
    assert "predicts label (80 examples" in shown
    assert "always saying the median would be" in " ".join(shown.split())
    assert len(shown.splitlines()) <= 22
    assert max(map(len, shown.splitlines())) <= 80


def test_the_report_draws_every_held_out_answer_and_the_card_names_the_measures(trained):
    result, folder = trained
    page = render_training(result.report)
    assert page.count("<circle") == 80
    assert "mean absolute error" in page
    card = (folder / "model" / "README.md").read_text()
    assert "A model that predicts label." in card
    assert "- type: mae" in card


def test_an_exported_graph_gives_the_same_numbers_and_intervals(trained, tmp_path):
    import onnx

    report = headstart.export(trained[1] / "model", output=tmp_path / "days.onnx")
    assert report.parity.largest_difference < 1e-4
    graph = onnx.load(tmp_path / "days.onnx").graph
    assert {output.name for output in graph.output} == {"scores", "values", "low", "high"}


def test_stars_are_answered_with_stars(bases_cache):
    inputs, degrees = texts(90, 5)
    stars = [int(np.clip(round((degree + 10) / 6), 0, 4)) + 1 for degree in degrees]
    result = headstart.train(inputs, stars, target="number", use_cache=False)
    assert any("one of the levels" in note for note in result.report.notes)
    assert {p.value for p in result.predict(inputs)} <= {1.0, 2, 3, 4, 5}
    [found] = result.report.evaluation.outputs
    assert found.exact.estimate < found.within_one.estimate
