"""A model predicts the same before and after saving, alone and in a batch, and names what it cannot read."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart import Model
from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.errors import (
    BaseUnavailableError,
    Cancelled,
    CorruptBaseError,
    CorruptBundleError,
    ParameterError,
    SourceError,
)
from headstart.execution import Progress
from headstart.features import content_keys
from headstart.heads.linear import DenseMap, LinearHead, round_to_grid
from headstart.heads.select import fit_head
from headstart.model import Block
from headstart.types import Modality
from headstart.workflows import load, train
from tiny import MID_WIDTH, WIDTH, add_tiny_base, save_tiny_encoder, tiny_model, tiny_sources

MODALITIES = [*Modality]
BROKEN = {
    Modality.IMAGE: b"<html>no photo</html>",
    Modality.AUDIO: b"<html>no sound</html>",
    Modality.TEXT: b"",
}


def blended(folder: Path) -> Model:
    """Return a text model on two encoders and the raw text."""
    first = save_tiny_encoder(folder / "a", "text", "first", seed=1)
    second = save_tiny_encoder(folder / "b", "text", "second", seed=2)
    blocks = (
        Block("first", "encoder", "first", "embedding"),
        Block("second", "encoder", "second", "embedding"),
        Block("raw", "raw"),
    )
    empty = Model(
        Modality.TEXT, ("high", "low"), (first, second), blocks, LinearHead({}, np.zeros(2, np.float32))
    )
    sources, labels = tiny_sources("text", 24)
    features = empty.features(sources)
    y = np.array([empty.classes.index(label) for label in labels])
    fitted = fit_head(features.blocks, y, head="ridge")
    return replace(empty, head=fitted.linear)


@pytest.mark.parametrize("modality", MODALITIES)
def test_predictions_after_save_and_load_are_bit_identical(tmp_path: Path, modality: Modality):
    model = tiny_model(tmp_path / "base", modality)
    sources, _ = tiny_sources(modality, 9)
    again = Model.load(model.save(tmp_path / "model"))
    before, after = model.predict_proba(sources), again.predict_proba(sources)
    assert before.tobytes() == after.tobytes()
    assert before.std() > 0
    assert [p.to_dict() for p in again.predict(sources)] == [p.to_dict() for p in model.predict(sources)]


def test_a_blend_of_two_bases_and_raw_text_survives_saving(tmp_path: Path):
    model = blended(tmp_path)
    sources, labels = tiny_sources("text", 10, seed=5)
    again = Model.load(model.save(tmp_path / "model"))
    assert again.predict_proba(sources).tobytes() == model.predict_proba(sources).tobytes()
    assert [p.label for p in again.predict(sources)] == labels
    assert sorted(path.name for path in (tmp_path / "model").glob("*.onnx")) == [
        "encoder.onnx",
        "encoder_2.onnx",
    ]


def test_an_earlier_layer_can_be_what_the_head_sees(tmp_path: Path):
    spec = save_tiny_encoder(tmp_path / "base", "image")
    weight = round_to_grid(np.random.default_rng(0).normal(size=(MID_WIDTH, 2)))
    head = LinearHead({"mid": DenseMap(weight, 8.0)}, np.zeros(2, np.float32))
    block = Block("mid", "encoder", spec.name, "layer_mid")
    model = Model(Modality.IMAGE, ("a", "b"), (spec,), (block,), head)
    sources, _ = tiny_sources("image", 4)
    assert model.features(sources).blocks["mid"].shape == (4, MID_WIDTH)
    again = Model.load(model.save(tmp_path / "model"))
    assert again.predict_proba(sources).tobytes() == model.predict_proba(sources).tobytes()


def test_everything_it_knows_survives_saving(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "image", classes=("a", "b", "日本 \udcff\n"))
    again = Model.load(model.save(tmp_path / "model"))
    for name in ("modality", "classes", "blocks", "quality", "data_fingerprint", "cards", "created"):
        assert getattr(again, name) == getattr(model, name), name
    assert again.name == "model"
    assert again.libraries["numpy"] == np.__version__
    third = Model.load(again.save(tmp_path / "copy"))
    assert (third.quality, third.cards, third.created) == (model.quality, model.cards, model.created)


def test_no_path_of_the_trainers_machine_is_saved(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "text")
    private = str(tmp_path / "base")
    told = replace(
        model,
        quality={**model.quality, "model": private},
        cards={"tiny_text": {"title": "Tiny", "sources": [{"kind": "file", "place": private}]}},
    )
    folder = told.save(tmp_path / "model")
    for path in folder.iterdir():
        assert private.encode() not in path.read_bytes(), path.name
    assert Model.load(folder).cards == {"tiny_text": {"title": "Tiny"}}


def test_a_model_can_be_saved_over_itself(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "text")
    again = Model.load(model.save(tmp_path / "model"))
    again.save(tmp_path / "model")
    sources, _ = tiny_sources("text", 3)
    assert (
        Model.load(tmp_path / "model").predict_proba(sources).tobytes()
        == again.predict_proba(sources).tobytes()
    )


def test_a_folder_replaced_after_loading_is_noticed(tmp_path: Path):
    first, second = tiny_model(tmp_path / "a", "text"), blended(tmp_path / "b")
    loaded = Model.load(first.save(tmp_path / "model"))
    second.save(tmp_path / "model")
    with pytest.raises(
        CorruptBundleError, match=r"encoder\.onnx was changed or removed after the model was loaded"
    ):
        loaded.predict(["good film"])
    first.save(tmp_path / "model")
    assert loaded.predict(["good film"]) == first.predict(["good film"])


@pytest.mark.parametrize("modality", MODALITIES)
def test_one_input_and_a_batch_agree(tmp_path: Path, modality: Modality):
    model = tiny_model(tmp_path / "base", modality)
    sources, _ = tiny_sources(modality, 7)
    together = model.predict_proba(sources)
    alone = np.concatenate([model.predict_proba([source]) for source in sources])
    np.testing.assert_allclose(alone, together, atol=1e-6)


def test_probabilities_are_those_of_the_head(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "image")
    sources, _ = tiny_sources("image", 5)
    proba = model.predict_proba(sources)
    weights, bias = model.head.blocks["tiny"].weight.astype(float), model.head.bias.astype(float)
    scores = np.exp(model.features(sources).blocks["tiny"].astype(float) @ weights + bias)
    np.testing.assert_allclose(proba, scores / scores.sum(axis=1, keepdims=True), atol=1e-6)
    assert model.features(sources).blocks["tiny"].shape == (5, WIDTH)
    for row, prediction in zip(proba, model.predict(sources, top=2), strict=True):
        assert prediction.label == model.classes[row.argmax()]
        assert prediction.probability == pytest.approx(row.max())
        assert [name for name, _ in prediction.top] == [model.classes[i] for i in np.argsort(-row)]


@pytest.mark.parametrize("modality", MODALITIES)
def test_an_input_that_cannot_be_read_is_reported_and_the_others_go_on(tmp_path: Path, modality: Modality):
    model = tiny_model(tmp_path / "base", modality)
    sources, _ = tiny_sources(modality, 3)
    sources.insert(1, BROKEN[modality])
    found = model.predict(sources, names=["a", "broken", "c", "d"])
    assert [p.source for p in found] == ["a", "broken", "c", "d"]
    assert [p.error is None for p in found] == [True, False, True, True]
    assert found[1].to_dict().keys() == {"source", "error"}
    good = [source for i, source in enumerate(sources) if i != 1]
    assert [p.label for p in found if p.error is None] == [p.label for p in model.predict(good)]
    with pytest.raises(SourceError, match=r"^broken: "):
        model.predict_proba(sources, names=["a", "broken", "c", "d"])


def test_a_missing_file_is_named(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "image")
    missing = tmp_path / "no such photo.jpg"
    assert model.predict([missing])[0].error
    assert model.predict([missing])[0].source == str(missing)
    with pytest.raises(SourceError, match=r"no such photo\.jpg"):
        model.predict_proba([missing])


def test_nothing_in_nothing_out(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "text")
    assert model.predict([]) == []
    assert model.predict_proba([]).shape == (0, 2)


@pytest.mark.parametrize("single", ["good film", b"good film", io.BytesIO(b"good film")])
def test_one_input_is_a_list_of_one(tmp_path: Path, single: Any):
    model = tiny_model(tmp_path / "base", "text")
    (found,) = model.predict(single)
    assert (found.label, found.probability) == (model.predict(["good film"])[0].label, found.probability)


def test_one_picture_is_a_list_of_one(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "image")
    assert model.predict_proba(np.zeros((8, 8, 3), np.uint8)).shape == (1, 2)
    assert model.predict_proba(np.zeros((8, 8), np.uint8)).shape == (1, 2)
    assert model.predict_proba(np.zeros((2, 8, 8, 3), np.uint8)).shape == (2, 2)


def test_an_endless_stream_is_read_as_it_is_asked_for(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "text")
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "good film"

    stream = model.predict_iter(endless(), chunk=4)
    assert [next(stream).label for _ in range(6)]
    assert taken == 8


def test_chunks_change_nothing(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "text")
    sources, _ = tiny_sources("text", 11)
    whole = model.predict(sources)
    assert list(model.predict_iter(sources, chunk=3)) == whole


@pytest.mark.parametrize("wrong", [{"top": 0}, {"chunk": 0}])
def test_a_wrong_number_is_refused(tmp_path: Path, wrong: dict[str, int]):
    with pytest.raises(ParameterError, match="must be from 1 up"):
        list(tiny_model(tmp_path / "base", "text").predict_iter(["x"], **wrong))


def test_progress_counts_to_the_end_and_may_cancel(tmp_path: Path):
    model = blended(tmp_path)
    steps: list[Progress] = []
    list(model.predict_iter(tiny_sources("text", 10)[0], chunk=4, progress=steps.append))
    assert max(step.done for step in steps) == 10
    assert {step.total for step in steps} == {10}

    def stop(_: Progress) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        model.predict(["good"], progress=stop)


@pytest.mark.parametrize("modality", MODALITIES)
def test_it_knows_its_training_examples_again_after_saving(tmp_path: Path, modality: Modality):
    model = tiny_model(tmp_path / "base", modality)
    sources, _ = tiny_sources(modality, 4)
    sources = [f"{text} {i}" for i, text in enumerate(sources)] if modality == Modality.TEXT else sources
    trained = replace(model, seen=content_keys(model.features(sources[:2]).contents))
    again = Model.load(trained.save(tmp_path / "model"))
    assert again.was_trained_on(again.features(sources).contents).tolist() == [True, True, False, False]
    unknown = Model.load(replace(model, seen=content_keys([])).save(tmp_path / "model"))
    assert unknown.was_trained_on([b"x" * 16]).tolist() == [False]


def test_linking_refers_to_the_base_and_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    name = add_tiny_base(monkeypatch, tmp_path, "text")
    base = load_catalogue().get(name)
    spec = store.installed(base)
    assert spec is not None
    model = replace(tiny_model(tmp_path / "tiny", "text"), encoders=(spec,))
    linked = Model.load(model.save(tmp_path / "linked", link_base=True))
    assert not list((tmp_path / "linked").glob("*.onnx"))
    assert "instead of holding a copy" in (tmp_path / "linked" / "README.md").read_text()
    sources, _ = tiny_sources("text", 4)
    assert linked.predict_proba(sources).tobytes() == model.predict_proba(sources).tobytes()

    whole = Model.load(linked.save(tmp_path / "whole"))
    encoder = spec.files["encoder"]
    content = encoder.read_bytes()
    encoder.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(CorruptBaseError, match=r"encoder\.onnx is not the file"):
        Model.load(tmp_path / "linked")
    store.remove(base.name)
    with pytest.raises(
        BaseUnavailableError, match="refers to the base model tiny_text, which is not"
    ) as caught:
        Model.load(tmp_path / "linked")
    assert caught.value.hint == "Get it with: headstart bases get tiny_text"
    assert whole.predict_proba(sources).tobytes() == model.predict_proba(sources).tobytes()


def test_linking_notices_another_version_of_the_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    name = add_tiny_base(monkeypatch, tmp_path, "text")
    model = tiny_model(tmp_path / "tiny", "text")
    other = save_tiny_encoder(tmp_path / "other", "text", name, seed=7)
    replace(model, encoders=(other,)).save(tmp_path / "linked", link_base=True)
    with pytest.raises(CorruptBaseError, match="was trained on tiny_text with fingerprint"):
        Model.load(tmp_path / "linked")


@pytest.mark.bases
@pytest.mark.realdata
@pytest.mark.parametrize(
    ("base", "place"),
    [
        ("efficientnet_lite0", "image/stamp_photos"),
        ("minilm_l6", "text/news_topic.csv"),
        ("whisper_tiny_en", "audio/spoken_commands"),
    ],
)
def test_real_bases_predict_the_same_after_saving(
    bases_cache: Path, data_root: Path, tmp_path: Path, base: str, place: str
):
    sources, labels = some_of(data_root / place, each=8)
    model = train(sources, labels, base=base)
    again = Model.load(model.save(tmp_path / "model"))
    assert again.predict_proba(sources).tobytes() == model.predict_proba(sources).tobytes()
    assert np.mean([p.label == label for p, label in zip(again.predict(sources), labels, strict=True)]) > 0.8
    assert again.was_trained_on(again.features(sources).contents).all()


def some_of(place: Path, each: int) -> tuple[list[Any], list[str]]:
    """Return the first few real examples of each of three classes, and their labels."""
    whole = load(place)
    chosen = [
        example
        for name in whole.classes[:3]
        for example in [e for e in whole.examples if e.label == name][:each]
    ]
    return [example.source for example in chosen], [str(example.label) for example in chosen]


def test_it_can_be_sent_to_another_process(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "audio")
    sources, _ = tiny_sources("audio", 3)
    expected = model.predict_proba(sources)
    assert pickle.loads(pickle.dumps(model)).predict_proba(sources).tobytes() == expected.tobytes()


def test_it_says_what_it_is(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "image")
    assert repr(model) == "<Model for image, 2 classes, on tiny_image, accuracy 0.900 (0.700 to 0.970)>"
    assert "accuracy unknown" in repr(replace(model, quality={"accuracy": {"estimate": None}}))
