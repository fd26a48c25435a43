"""A target from outside the package, in this file alone: trained, saved, served and reported.

Examples are marked with a share from 0 to 100, and the answer is the mean of the three nearest ones.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import headstart
from headstart.errors import LayoutError, ParameterError
from headstart.heads.features import Block
from headstart.kinds.record import Part
from headstart.preparing import dense
from headstart.report import render_training
from headstart.targets import Target, Words, target_of, targets, with_target
from headstart.targets.shown import Scatter, Shown, Table
from headstart.types import Prediction, Problem
from headstart.workflows import bundle_info, evaluate, predict_many
from headstart.workflows.learning.learned import Learned
from headstart.workflows.learning.offers import choose_by
from serving import Server, environment

NEAREST = 3


@dataclass(frozen=True)
class NearestHead:
    block: str
    support: np.ndarray  # (n, d)
    share: np.ndarray  # (n,)

    blocks = property(lambda self: (self.block,))
    widths = property(lambda self: {self.block: self.support.shape[1]})
    meta = property(lambda self: {"head": "nearest", "block": self.block})

    def arrays(self):
        return {"support": self.support, "share": self.share}

    def shares(self, rows):
        distance = ((rows[:, None] - self.support[None]) ** 2).sum(axis=2)
        return self.share[np.argsort(distance, axis=1, kind="stable")[:, :NEAREST]].mean(axis=1)


@dataclass(frozen=True)
class NearestFit:
    head: NearestHead
    held_out: np.ndarray
    losses: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class Error:
    """The mean distance from the truth."""

    error: float
    answers: tuple[tuple[float, float], ...]
    n: int
    n_groups: int
    notes: tuple[str, ...] = ()

    def to_dict(self):
        return {"error": self.error, "answers": [list(pair) for pair in self.answers], "n": self.n}


@dataclass(frozen=True, slots=True)
class SharePrediction(Prediction):
    share: float | None = None

    @property
    def answer(self):
        return f"{self.share:.0f} of 100"

    def to_dict(self):
        if self.error is not None:
            return {"source": self.source, "error": self.error}
        return {"source": self.source, "share": self.share}


def read(items, reading, insisted):
    kept = []
    for item in items:
        if (item.label or "").endswith("%"):
            kept.append(type(item)(**{**_fields(item), "value": (float(item.label[:-1]),)}))
        else:
            reading.problems.append(Problem(item.name, f"{item.label!r} is no share", "no_label"))
    if not kept:
        raise LayoutError("Expected shares such as 40%, found none.", "Name another column.")
    reading.outputs = ("share",)
    return kept


def _fields(item):
    return {name: getattr(item, name) for name in type(item).__dataclass_fields__}


def recognise(items, reading):
    shares = all((item.label or "").endswith("%") for item in items)
    return "Learned as shares." if items and shares else None


def values(dataset):
    return np.array([example.value for example in dataset.examples])


def fit(blocks, truth):
    (name, rows), *_ = blocks.items()
    rows = dense(rows.rows if isinstance(rows, Block) else rows).astype(np.float32)
    each = np.arange(len(truth))
    held_out = np.array(
        [NearestHead(name, rows[each != i], truth[each != i]).shares(rows[[i]])[0] for i in each]
    )
    return NearestFit(NearestHead(name, rows, truth), held_out, np.abs(held_out - truth), each)


def learn(prepared, config, *, progress):
    truth = prepared.values[:, 0]
    chosen = choose_by(prepared, lambda blocks: fit(blocks, truth), blend=config.blend, progress=progress)
    taken = chosen.taken
    return Learned(
        base=taken.offer.base,
        bases=taken.bases,
        blocks=taken.used,
        head=taken.fitted.head,
        evaluation=_error(taken.fitted.held_out, truth),
    )


def _error(answers, truth):
    pairs = tuple(zip(truth.tolist(), answers.tolist(), strict=True))
    return Error(float(np.abs(answers - truth).mean()), pairs, len(truth), len(truth))


def _shares(model, features):
    return model.head.shares(dense(features.blocks[model.head.block]))


def answer(model, features, names, *, top, confidence):
    said = dict(zip(features.rows.tolist(), _shares(model, features).tolist(), strict=True))
    return [
        SharePrediction(name, error=features.failures[place][0])
        if place in features.failures
        else SharePrediction(name, share=said[place])
        for place, name in enumerate(names)
    ]


def measure(model, features, examples, groups):
    return _error(_shares(model, features), np.array([example.value[0] for example in examples]))


def read_head(arrays, meta, *, names):
    return NearestHead(meta["block"], arrays["support"], arrays["share"])


def columns(names, doubted):
    return {"share": "double"}


def show(report, words=None):
    return Shown(
        learned="tells shares",
        headline=f"Answers are {report['error']:.0f} from the truth on average.",
        tables=(Table(("measure", "value"), (("error", f"{report['error']:.1f}"),)),),
        scatters=(Scatter("Held out", "truth", "answer", tuple((*pair, "") for pair in report["answers"])),),
        metrics=(("mae", report["error"], "mean absolute error"),),
    )


def here(function):
    return Part(f"{__name__}:{function.__name__}")


SHARES = Target(
    name="shares",
    words=Words("share", "shares", "a share of 100"),
    read=here(read),
    learn=here(learn),
    answer=here(answer),
    measure=here(measure),
    read_head=here(read_head),
    recognise=here(recognise),
    values=here(values),
    columns=here(columns),
    show=here(show),
)
WORDS = {"warm": ("sun", "heat", "summer", "fire"), "cold": ("ice", "snow", "winter", "frost")}


@pytest.fixture(scope="module", autouse=True)
def plugged():
    with with_target(SHARES):
        yield


def texts(count: int, seed: int) -> tuple[list[str], list[str]]:
    random = np.random.default_rng(seed)
    made, shares = [], []
    for _ in range(count):
        warm = int(random.integers(0, 7))
        words = [*random.choice(WORDS["warm"], warm), *random.choice(WORDS["cold"], 6 - warm)]
        made.append(" ".join(map(str, random.permutation(words))) + f" day {len(made)}")
        shares.append(f"{100 * warm / 6:.0f}%")
    return made, shares


@pytest.fixture(scope="module")
def table(tmp_path_factory: Any):
    folder = tmp_path_factory.mktemp("shares")
    place = folder / "days.csv"
    with place.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *zip(*texts(60, 0), strict=True)])
    return place


@pytest.fixture(scope="module")
def trained(table):
    return headstart.train(table, use_cache=False, save_to=table.parent / "model")


def test_it_is_known_and_others_are_refused_by_name():
    assert list(targets())[-1] == "shares"
    with pytest.raises(ParameterError, match=r"'shares' where it is given, got 'ranks'"):
        target_of("ranks")


def test_it_is_recognised_read_and_told(table):
    data = headstart.load(table)
    assert (data.target, data.classes, len(data)) == ("shares", ("share",), 60)
    assert data.examples[0].value == (float(data.examples[0].label[:-1]),)
    assert "Learned as shares." in data.notes
    as_classes = headstart.load(table, target="classes")
    assert (as_classes.target, len(as_classes.classes)) == ("classes", 7)


def test_it_trains_and_is_measured_on_held_out_examples(trained):
    assert (trained.model.target, trained.report.target) == ("shares", "shares")
    assert trained.report.evaluation.error < 20
    assert trained.report.to_dict()["error"] == trained.report.evaluation.error
    assert "1 share" in repr(trained.model)


def test_a_saved_model_gives_the_same_answers(trained, table):
    model = headstart.load_model(table.parent / "model")
    inputs, _ = texts(10, 1)
    assert [p.share for p in model.predict(inputs)] == [p.share for p in trained.predict(inputs)]
    with pytest.raises(ParameterError, match="learned shares, which have no probabilities of classes"):
        model.predict_proba(inputs)
    with pytest.raises(ParameterError, match="cannot promise a confidence for shares"):
        model.predict(inputs, confidence=0.9)
    described = bundle_info(table.parent / "model")
    assert (described.target, described.learned) == ("shares", "tells shares")


def test_it_is_measured_on_new_examples(trained):
    report = evaluate(trained, *texts(20, 2))
    assert (report.target, report.used) == ("shares", 20)
    assert report.evaluation.error < 25


def test_the_gentle_way_is_refused(table):
    with pytest.raises(ParameterError, match="gentle' is for classes; what is learned here are shares"):
        headstart.train(table, method="gentle", use_cache=False)


def test_many_are_written_as_a_table(trained, tmp_path):
    new = tmp_path / "new.csv"
    inputs, _ = texts(5, 3)
    new.write_text("text\n" + "".join(f"{text}\n" for text in inputs))
    predict_many(trained, [new], out=tmp_path / "out.csv", input_column="text")
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["source", "id", "share", "error"]
    assert [float(row["share"]) for row in rows] == pytest.approx(
        [p.share for p in trained.predict(inputs)], abs=1e-6
    )
    with pytest.raises(ParameterError, match="this model learned shares"):
        predict_many(trained, [new], sort_into=tmp_path / "sorted", input_column="text")


def test_the_report_and_the_card_show_what_the_target_shows(trained, table):
    page = render_training(trained.report)
    assert "Answers are" in page
    assert "Held out" in page
    assert page.count("<circle") == 60
    card = (table.parent / "model" / "README.md").read_text()
    assert "A model that tells shares." in card
    assert "- type: mae" in card


def test_the_program_shows_it(trained, table, capsys):
    from headstart.cli.reporting import print_predictions
    from headstart.cli.summary import print_summary

    model = headstart.load_model(table.parent / "model")
    print_predictions(model.predict(["sun fire heat", "snow ice"]))
    shown = capsys.readouterr().out
    assert "of 100" in shown
    assert "answer" in shown
    print_summary(trained.report)
    assert "tells shares (60 examples" in capsys.readouterr().out


def test_an_installed_package_brings_it_to_the_command_line_and_the_server(table, tmp_path):
    module = tmp_path / "toy_shares.py"
    module.write_text(Path(__file__).read_text())
    facts = tmp_path / "toy_shares-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-shares\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[headstart.targets]\nshares = toy_shares:SHARES\n")
    paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1]), *filter(None, sys.path)])
    env = environment() | {"PYTHONPATH": paths}

    def headstart_says(*arguments):
        command = [sys.executable, "-m", "headstart", *map(str, arguments)]
        return subprocess.run(
            command, env=env, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    assert "tells shares" in headstart_says("train", table, "-o", "m")
    assert "of 100" in headstart_says("predict", "m", "sun heat fire")
    server = Server([tmp_path / "m"], env={"PYTHONPATH": paths})
    try:
        body = {"inputs": ["sun heat fire summer", "ice"]}
        answer = httpx.post(f"{server.url}/v1/models/m:predict", json=body, timeout=60).json()
        details = httpx.get(f"{server.url}/v1/models/m", timeout=60).json()
    finally:
        server.stop()
    assert "predictions" in answer, answer
    warm, cold = (prediction["share"] for prediction in answer["predictions"])
    assert warm > cold
    assert details["target"] == "shares"
    assert details["measured"].startswith("Answers are")
