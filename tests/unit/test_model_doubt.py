"""A model says when it is unsure and when it knows nothing like an input, before and after it is saved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from headstart import Model
from headstart.bundle.manifest import DOUBT
from headstart.errors import CorruptBundleError, DoubtUnavailableError, ParameterError
from headstart.types import Modality, Prediction
from headstart.workflows import train
from tiny import add_tiny_base, tiny_model, tiny_sources

GOLDEN = Path(__file__).parents[1] / "golden"
WITHOUT_DOUBT = [GOLDEN / name / "bundle" for name in ("v1-audio", "v1-image", "v1-text")]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A trained model; the first of its examples came twice."""
    folder = tmp_path_factory.mktemp("doubt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        patch.setenv("HEADSTART_OFFLINE", "1")
        name = add_tiny_base(patch, folder / "bases", Modality.IMAGE)
        sources, labels = tiny_sources(Modality.IMAGE, 80)
        return train([*sources[:1], *sources], [labels[0], *labels], base=name, use_cache=False).model


def test_it_says_how_far_to_trust_an_answer(model: Model):
    new, labels = tiny_sources(Modality.IMAGE, 60, seed=7)
    found = model.predict(new, confidence=0.9)
    assert np.mean([label in p.set for p, label in zip(found, labels, strict=True)]) > 0.85
    for p in found:
        assert p.set[0] == p.label
        assert p.unsure is (len(p.set) > 1)
        assert 0 < p.novelty <= 1
        assert p.known is bool(p.novelty >= 0.05)
    assert np.mean([p.known for p in found]) > 0.8
    assert [p.label for p in found] == [p.label for p in model.predict(new)]


def test_without_a_confidence_nothing_changes(model: Model):
    [plain] = model.predict(tiny_sources(Modality.IMAGE, 1)[0])
    assert list(plain.to_dict()) == ["source", "label", "probability", "top"]
    [asked] = model.predict(tiny_sources(Modality.IMAGE, 1)[0], confidence=0.9)
    assert list(asked.to_dict())[:4] == list(plain.to_dict())
    assert list(asked.to_dict())[4:] == ["set", "unsure", "novelty", "known"]
    json.dumps(asked.to_dict(), allow_nan=False)


def test_one_that_cannot_be_read_stays_an_error(model: Model):
    good = tiny_sources(Modality.IMAGE, 2)[0]
    found = model.predict([good[0], b"nonsense", good[1]], confidence=0.9)
    assert found[1].error
    assert list(found[1].to_dict()) == ["source", "error"]
    assert found[0].set
    assert found[2].set


def test_saved_and_loaded_it_doubts_the_same(model: Model, tmp_path: Path):
    again = Model.load(model.save(tmp_path / "model"))
    new, _ = tiny_sources(Modality.IMAGE, 20, seed=9)
    assert again.predict(new, confidence=0.9) == model.predict(new, confidence=0.9)
    assert again.nearest(new, 3) == model.nearest(new, 3)
    assert again.quality["doubt"]["independent"] == model.quality["doubt"]["independent"]
    assert DOUBT in json.loads((tmp_path / "model" / "manifest.json").read_text())["files"]
    twice = Model.load(again.save(tmp_path / "twice"))
    assert (tmp_path / "twice" / DOUBT).read_bytes() == (tmp_path / "model" / DOUBT).read_bytes()
    assert twice.predict(new, confidence=0.8) == model.predict(new, confidence=0.8)


def test_the_nearest_are_told_by_where_they_stood_and_what_they_were(model: Model):
    """The second example is left out for being the first again, but places are counted with it."""
    sources, labels = tiny_sources(Modality.IMAGE, 80)
    found = model.nearest([sources[5], b"nonsense", sources[0]], k=4)
    assert [len(near) for near in found] == [4, 0, 4]
    assert found[0][0].position == 6
    assert found[0][0].label == labels[5]
    assert found[2][0].position == 0
    assert found[0][0].similarity == pytest.approx(1.0, abs=2e-3)
    contents = model.features([sources[5]]).contents
    assert found[0][0].content == f"{int.from_bytes(contents[0][:8], 'little'):016x}"
    assert model.nearest(model.features([sources[5]]), k=4) == found[:1]
    with pytest.raises(ParameterError):
        model.nearest([sources[5]], k=0)


def test_a_confidence_that_cannot_be_promised_is_refused_before_any_work(model: Model):
    def never():
        raise AssertionError("an input was asked for")
        yield

    with pytest.raises(ParameterError, match="99 independent"):
        list(model.predict_iter(never(), confidence=0.99))
    with pytest.raises(ParameterError, match="between 0 and 1"):
        model.predict([], confidence=1.0)


@pytest.mark.parametrize("folder", WITHOUT_DOUBT, ids=lambda path: path.parent.name)
def test_a_model_from_before_says_that_it_cannot_and_what_to_do(folder: Path):
    old = Model.load(folder)
    assert old.doubt is None
    with pytest.raises(DoubtUnavailableError, match="cannot say when it is unsure") as caught:
        old.predict([], confidence=0.9)
    assert "Train it again" in caught.value.hint
    with pytest.raises(DoubtUnavailableError):
        old.nearest([])


def test_a_model_of_single_examples_says_why_it_cannot(monkeypatch, tmp_path: Path):
    name = add_tiny_base(monkeypatch, tmp_path / "bases", Modality.IMAGE)
    sources, labels = tiny_sources(Modality.IMAGE, 2)
    model = Model.load(train(sources, labels, base=name, use_cache=False).save(tmp_path / "model"))
    assert model.quality["doubt"]["promises"] == []
    with pytest.raises(DoubtUnavailableError, match="two independent examples"):
        model.predict(sources, confidence=0.9)


def test_an_array_that_does_not_fit_is_named_with_its_file(tmp_path: Path, monkeypatch, model: Model):
    arrays = model.doubt.arrays()
    monkeypatch.setattr(type(model.doubt), "arrays", lambda _: arrays | {"novelty/weights": np.zeros(3)})
    model.save(tmp_path / "model")
    with pytest.raises(CorruptBundleError, match=r"doubt\.safetensors.*novelty/weights"):
        Model.load(tmp_path / "model")


def test_no_name_of_a_training_example_is_saved(monkeypatch, tmp_path: Path):
    name = add_tiny_base(monkeypatch, tmp_path / "bases", Modality.TEXT)
    texts, labels = tiny_sources(Modality.TEXT, 60)
    texts = [f"{text} secretname{number}" for number, text in enumerate(texts)]
    train(texts, labels, base=name, use_cache=False, save_to=tmp_path / "model")
    for path in (tmp_path / "model").iterdir():
        assert b"secretname" not in path.read_bytes(), path.name


def test_a_model_made_by_hand_has_nothing_to_doubt_with(tmp_path: Path):
    saved = tiny_model(tmp_path / "base", Modality.IMAGE).save(tmp_path / "model")
    assert not (saved / DOUBT).exists()
    assert Model.load(saved).doubt is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Prediction("a", "scone", 0.9), "scone"),
        (Prediction("a", error="broken"), "not read"),
        (Prediction("a", "scone", 0.9, set=("scone",), unsure=False), "scone"),
        (Prediction("a", "scone", 0.5, set=("scone", "bagel"), unsure=True), "unsure: scone or bagel"),
        (Prediction("a", "a", 0.5, set=tuple("abc"), unsure=True), "unsure: a, b or c"),
        (Prediction("a", "a", 0.5, set=tuple("abcd"), unsure=True), "unsure: a, b, c or d"),
        (Prediction("a", "a", 0.5, set=tuple("abcdef"), unsure=True), "unsure: a, b, c or 3 others"),
        (Prediction("a", "a", 0.5, set=("a", "b"), unsure=True, known=False), "none of these"),
    ],
)
def test_what_a_person_is_told(given: Prediction, said: str):
    assert given.answer == said
