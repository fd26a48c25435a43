"""The 95% interval holds the truth in 92% to 99% of 200 draws: small samples of real data sets.

The truth is the accuracy on the rest of the set of the model that was trained on the sample. Class counts
are as they fall, or fixed as a person fixes them who collects twelve of each.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from covering import DRAWS, LEAST, MOST, Sample, cover
from PIL import Image
from sklearn.feature_extraction.text import TfidfVectorizer

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.encoders.open import open_encoder

pytestmark = pytest.mark.realdata


def files(data_root: Path, task: str) -> tuple[list[Path], np.ndarray]:
    found = sorted((data_root / task).glob("*/*"))
    return found, np.unique([path.parent.name for path in found], return_inverse=True)[1]


def texts(data_root: Path, task: str) -> tuple[list[str], np.ndarray]:
    with (data_root / f"{task}.csv").open(newline="", encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    assert len(header) == 2
    return [row[0] for row in rows], np.unique([row[1] for row in rows], return_inverse=True)[1]


def alone(tables, y) -> Sample:
    return Sample(tuple(np.asarray(table, dtype=np.float32) for table in tables), y, np.arange(len(y)))


def digits(data_root: Path) -> Sample:
    """Pixels."""
    paths, y = files(data_root, "image/handwritten_digits")
    pixels = np.array([np.asarray(Image.open(path).convert("L").resize((16, 16))).ravel() for path in paths])
    return alone([pixels / np.linalg.norm(pixels, axis=1, keepdims=True)], y)


def packages(data_root: Path) -> Sample:
    """Character and word n-grams, as if they were two bases to choose between."""
    lines, y = texts(data_root, "text/package_section")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=1500)
    words = TfidfVectorizer(sublinear_tf=True, max_features=800)
    return alone([vectors.fit_transform(lines).toarray() for vectors in (letters, words)], y)


def commands(data_root: Path) -> Sample:
    """Loudness in 20 bands at 8 times; the group is the speaker."""
    paths, y = files(data_root, "audio/spoken_commands")
    rows = []
    for path in paths:
        sound = soundfile.read(path, always_2d=True)[0].mean(axis=1)
        spectrum = np.abs(
            np.fft.rfft(np.stack(np.array_split(sound[: len(sound) // 8 * 8], 8)), 1024, axis=1)
        )
        bands = np.stack([part.mean(axis=1) for part in np.array_split(spectrum[:, 4:260], 20, axis=1)])
        rows.append(np.log(bands + 1e-3).ravel())
    with (data_root / "meta" / "audio-spoken_commands-groups.csv").open(newline="") as lines:
        speaker = {row["file"]: row["group"] for row in csv.DictReader(lines)}
    named = [speaker[f"{path.parent.name}/{path.name}"] for path in paths]
    return Sample((np.array(rows, dtype=np.float32),), y, np.unique(named, return_inverse=True)[1])


def draws(everything: Sample, n: int, *, per_class: bool = False) -> Iterator[tuple[Sample, Sample]]:
    """Draw n examples (or n groups, where there are groups) and leave the rest."""
    n_groups = int(everything.groups.max()) + 1
    n_classes = int(everything.y.max()) + 1
    for number in range(DRAWS):
        order = np.random.default_rng(number).permutation(n_groups)
        taken = order[:n]
        if per_class:
            y = everything.y[order]
            taken = np.concatenate([order[y == label][: n // n_classes] for label in range(n_classes)])
        inside = np.isin(everything.groups, taken)
        train = everything.take(np.flatnonzero(inside))
        if len(np.unique(train.y)) == n_classes:
            yield train, everything.take(np.flatnonzero(~inside))


def check(everything, n, record_property, *, head="ridge", per_class=False, most=MOST):
    got = cover(draws(everything, n, per_class=per_class), head=head)
    record_property("coverage", str(got))
    print(got)
    assert LEAST <= got.share <= most, got


@pytest.mark.parametrize("n", [100, pytest.param(150, marks=pytest.mark.slow)])
@pytest.mark.parametrize("per_class", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_digits(data_root, n, per_class, record_property):
    check(digits(data_root), n, record_property, per_class=per_class)


@pytest.mark.parametrize("n", [120, pytest.param(150, marks=pytest.mark.slow)])
@pytest.mark.parametrize("per_class", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_packages_choosing_between_two_kinds_of_features(data_root, n, per_class, record_property):
    check(packages(data_root), n, record_property, per_class=per_class)


@pytest.mark.slow
def test_packages_choosing_features_and_head(data_root, record_property):
    check(packages(data_root), 120, record_property, head="auto")


@pytest.mark.parametrize("speakers", [20, pytest.param(30, marks=pytest.mark.slow)])
def test_commands_of_speakers_not_heard(data_root, speakers, record_property):
    # With few speakers the interval pays for not knowing how much they differ: it may cover more.
    check(commands(data_root), speakers, record_property, most=1.0)


@pytest.mark.slow
@pytest.mark.bases
@pytest.mark.parametrize(
    ("task", "bases", "n"),
    [
        ("image/handwritten_digits", ("efficientnet_lite0",), 100),
        ("image/handwritten_digits", ("efficientnet_lite0",), 150),
        ("text/package_section", ("minilm_l6", "wordllama_256"), 100),
        ("text/package_section", ("minilm_l6", "wordllama_256"), 150),
        ("text/news_topic", ("minilm_l6", "wordllama_256"), 100),
    ],
)
@pytest.mark.parametrize("per_class", [False, True])
def test_embeddings_choosing_the_base(bases_cache, data_root, task, bases, n, per_class, record_property):
    sources, y = (texts if task.startswith("text") else files)(data_root, task)
    tables = []
    for name in bases:
        spec = store.prepare(load_catalogue().get(name))
        tables.append(open_encoder(spec).encode(sources).vectors)
    assert all(len(table) == len(y) for table in tables)
    check(alone(tables, y), n, record_property, per_class=per_class)
