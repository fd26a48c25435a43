"""scikit-learn's own checks, and what they do not cover: inputs that are not tables of numbers."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.exceptions
from PIL import Image
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

import headstart
from headstart import Model
from headstart.errors import (
    LayoutError,
    NotEnoughDataError,
    NotFittedError,
    ParameterError,
    SourceError,
    UnknownBaseError,
)
from headstart.sklearn import Encoder, TransferClassifier
from headstart.sklearn_inputs import as_sources
from tiny import WIDTH, add_tiny_base, tiny_sources

# Checks of scikit-learn that cannot hold, with the reason. There is none for tables of numbers.
EXPECTED: dict[str, str] = {}
# Encoder takes inputs of a base model, never a table of numbers, which all other checks give it.
WITHOUT_INPUTS = [
    "check_no_attributes_set_in_init",
    "check_get_params_invariance",
    "check_set_params",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_parameters_default_constructible",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_valid_tag_types",
    "check_mixin_order",
    "check_estimator_tags_renamed",
]


@parametrize_with_checks([TransferClassifier()], expected_failed_checks=lambda estimator: EXPECTED)
def test_scikit_learns_checks_on_tables_of_numbers(estimator: Any, check: Any):
    check(estimator)


@pytest.mark.parametrize("name", WITHOUT_INPUTS)
def test_scikit_learns_checks_of_the_encoder(name: str):
    getattr(estimator_checks, name)("Encoder", Encoder("minilm_l6"))


@pytest.fixture
def text_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    return add_tiny_base(monkeypatch, tmp_path, "text")


@pytest.fixture
def image_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    return add_tiny_base(monkeypatch, tmp_path, "image")


@pytest.fixture
def audio_base(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    return add_tiny_base(monkeypatch, tmp_path, "audio")


def texts(count: int = 24, seed: int = 0) -> tuple[list[str], list[str]]:
    """Return different texts, so that none is dropped as a duplicate."""
    found, labels = tiny_sources("text", count, seed)
    return [f"{text} number {number}" for number, text in enumerate(found)], labels


def saved(pictures: list[np.ndarray], folder: Path) -> list[Path]:
    paths = [folder / f"{number}.png" for number in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        Image.fromarray(picture).save(path)
    return paths


def test_it_is_what_the_package_offers():
    assert headstart.TransferClassifier is TransferClassifier
    assert headstart.Encoder is Encoder


def test_texts_and_the_dtype_of_the_labels(text_base: str):
    X, y = texts()
    for labels in (
        np.array(y),
        np.array([7 if label == "high" else 3 for label in y]),
        np.array(y) == "high",
    ):
        classifier = TransferClassifier(text_base, "ridge").fit(X, labels)
        predicted = classifier.predict(X)
        assert predicted.dtype == labels.dtype
        assert (predicted == labels).mean() > 0.9
        np.testing.assert_array_equal(classifier.classes_, np.unique(labels))
        proba = classifier.predict_proba(X)
        np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-6)
        np.testing.assert_array_equal(classifier.classes_[proba.argmax(axis=1)], predicted)


def test_labels_whose_order_as_text_differs_from_their_own(text_base: str):
    X, y = texts()
    labels = np.array([10 if label == "high" else 9 for label in y])  # "10" < "9" but 10 > 9
    classifier = TransferClassifier(text_base, "ridge").fit(X, labels)
    assert classifier.classes_.tolist() == [9, 10]
    assert classifier.score(X, labels) > 0.9


@pytest.mark.parametrize("form", ["list", "array", "object array", "column", "tuple"])
def test_forms_of_texts(text_base: str, form: str):
    X, y = texts(12)
    given: Any = {
        "list": X,
        "array": np.array(X),
        "object array": np.array(X, dtype=object),
        "column": np.array(X, dtype=object)[:, None],
        "tuple": tuple(X),
    }[form]
    classifier = TransferClassifier(text_base, "ridge").fit(given, y)
    np.testing.assert_array_equal(classifier.predict(given), classifier.predict(X))
    assert "n_features_in_" not in vars(classifier)


def as_table(kind: str, X: list[Any]) -> Any:
    if kind == "polars":
        return pytest.importorskip("polars").DataFrame({"x": X})
    if kind == "hugging face":
        return pytest.importorskip("datasets").Dataset.from_dict({"x": X})
    pandas = pytest.importorskip("pandas")
    return {
        "frame": lambda: pandas.DataFrame({"x": X}, index=range(100, 100 + len(X))),
        "series": lambda: pandas.Series(X, index=range(100, 100 + len(X))),
        "dict": lambda: {"x": X},
    }[kind]()


@pytest.mark.parametrize("kind", ["frame", "series", "dict", "polars", "hugging face"])
def test_tables_of_one_column_of_texts(text_base: str, kind: str):
    X, y = texts(12)
    classifier = TransferClassifier(text_base, "ridge").fit(X, y)
    again = TransferClassifier(text_base, "ridge").fit(as_table(kind, X), y)
    np.testing.assert_array_equal(again.predict_proba(as_table(kind, X)), classifier.predict_proba(X))
    np.testing.assert_array_equal(
        Encoder(text_base).transform(as_table(kind, X)), Encoder(text_base).transform(X)
    )


@pytest.mark.parametrize("kind", ["frame", "series", "list", "objects"])
def test_pillow_images(image_base: str, tmp_path: Path, kind: str):
    arrays, y = tiny_sources("image", 16)
    images: Any = [Image.fromarray(array) for array in arrays]
    on_paths = TransferClassifier(image_base, "ridge").fit(saved(arrays, tmp_path), y)
    if kind == "objects":
        given = np.empty(len(images), dtype=object)
        given[:] = images
    else:
        given = images if kind == "list" else as_table(kind, images)
    classifier = TransferClassifier(image_base, "ridge").fit(given, y)
    assert classifier.score(given, y) > 0.9
    np.testing.assert_allclose(
        classifier.predict_proba(given), on_paths.predict_proba(saved(arrays, tmp_path)), atol=1e-6
    )
    assert Encoder(image_base).transform(given).shape == (16, WIDTH)
    assert cross_val_score(TransferClassifier(image_base, "ridge"), given, y, cv=2).mean() > 0.8


def test_streams_tensors_and_sounds(image_base: str, audio_base: str):
    torch = pytest.importorskip("torch")
    arrays, y = tiny_sources("image", 12)
    planes = torch.stack([torch.from_numpy(array).permute(2, 0, 1) for array in arrays])
    files = [io.BytesIO() for _ in arrays]
    for array, file in zip(arrays, files, strict=True):
        Image.fromarray(array).save(file, "PNG")
    on_files = TransferClassifier(image_base, "ridge").fit(files, y)
    on_planes = TransferClassifier(image_base, "ridge").fit(planes, y)
    np.testing.assert_allclose(on_files.predict_proba(files), on_planes.predict_proba(planes), atol=1e-6)
    clips, y = tiny_sources("audio", 12)
    pairs = [(clip, 16000) for clip in clips]
    assert TransferClassifier(audio_base, "ridge").fit(pairs, y).score(pairs, y) > 0.9


def test_a_search_over_a_frame(text_base: str):
    X, y = texts(24)
    frame = as_table("frame", X)
    search = GridSearchCV(TransferClassifier(text_base), {"head": ["ridge", "prototypes"]}, cv=2)
    assert search.fit(frame, y).best_score_ > 0.8
    pipeline = make_pipeline(Encoder(text_base), LogisticRegression())
    assert cross_val_score(pipeline, frame, y, cv=2).mean() > 0.8


def test_tables_of_numbers_stay_tables_of_numbers():
    pandas = pytest.importorskip("pandas")
    table = np.random.default_rng(0).normal(size=(12, 3))
    frame = pandas.DataFrame(table, columns=["a", "b", "c"])
    classifier = TransferClassifier().fit(frame, [0, 1] * 6)
    assert classifier.feature_names_in_.tolist() == ["a", "b", "c"]
    assert len(TransferClassifier().fit(table.tolist(), [0, 1] * 6).predict(table)) == 12


def test_a_missing_input_is_left_out_of_fitting_and_named_in_predicting(text_base: str):
    X, y = texts(13)
    with pytest.warns(UserWarning, match=r"the first of them input 0: The input is missing \(None\)"):
        classifier = TransferClassifier(text_base, "ridge").fit([None, *X[1:]], y)
    assert classifier.report_.used == 12
    with pytest.raises(SourceError, match=r"input 2: The input is missing \(nan\)"):
        classifier.predict([X[0], float("nan")])
    with pytest.raises(SourceError, match=r"Input 1: The input is missing \(None\)"):
        Encoder(text_base).transform([None, X[1]])


def test_arrays_of_images_and_paths_agree(image_base: str, tmp_path: Path):
    pictures, y = tiny_sources("image", 16)
    paths = saved(pictures, tmp_path)
    on_arrays = TransferClassifier(image_base, "ridge").fit(np.stack(pictures), y)
    on_paths = TransferClassifier(image_base, "ridge").fit(paths, y)
    np.testing.assert_allclose(
        on_arrays.predict_proba(np.stack(pictures)), on_paths.predict_proba(paths), atol=1e-6
    )
    assert on_arrays.score(pictures, y) > 0.9


def test_rows_of_samples_are_sounds_when_said_so(audio_base: str):
    clips, y = tiny_sources("audio", 12)
    classifier = TransferClassifier(audio_base, "ridge", modality="audio").fit(np.stack(clips), y)
    assert classifier.score(np.stack(clips), y) > 0.9
    assert classifier.model_.modality == "audio"


def test_a_fitted_classifier_saves_a_model(text_base: str, tmp_path: Path):
    X, y = texts()
    classifier = TransferClassifier(text_base).fit(X, y)
    model = Model.load(classifier.save(tmp_path / "mood"))
    assert [p.label for p in model.predict(X)] == classifier.predict(X).tolist()
    assert classifier.report_.evaluation.accuracy.estimate is not None


def test_groups_reach_the_measurement(text_base: str):
    X, y = texts(24)
    groups = [number // 4 for number in range(24)]
    classifier = TransferClassifier(text_base, "ridge").fit(X, y, groups=groups)
    assert classifier.report_.groups <= 6
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        TransferClassifier(text_base).fit(X, y, groups=groups[:-1])


def test_cross_validation_search_and_jobs(text_base: str):
    X, y = texts(30)
    classifier = TransferClassifier(text_base, "ridge")
    assert cross_val_score(classifier, X, y, cv=3).mean() > 0.9
    assert cross_val_predict(classifier, X, y, cv=3, method="predict_proba").shape == (30, 2)
    search = GridSearchCV(classifier, {"head": ["ridge", "prototypes"]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.9
    assert set(search.predict(X)) == {"high", "low"}


def test_groups_travel_by_metadata_routing(text_base: str):
    X, y = texts(24)
    groups = np.arange(24) // 2
    with config_context(enable_metadata_routing=True):
        classifier = TransferClassifier(text_base, "ridge").set_fit_request(groups=True)
        scores = cross_val_score(classifier, X, y, cv=GroupKFold(3), params={"groups": groups})
    assert scores.mean() > 0.8


def test_it_can_be_pickled_and_cloned(text_base: str):
    X, y = texts(12)
    fitted = TransferClassifier(text_base, "ridge", random_state=3).fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    assert again.predict_proba(X).tobytes() == fitted.predict_proba(X).tobytes()
    fresh = clone(fitted)
    assert fresh.get_params() == fitted.get_params()
    assert "model_" not in vars(fresh)


def test_fitting_again_on_something_else_forgets_the_first(text_base: str):
    X, y = texts(12)
    table = np.random.default_rng(0).normal(size=(12, 3))
    classifier = TransferClassifier(text_base).fit(table, y)
    assert classifier.n_features_in_ == 3
    classifier.fit(X, y)
    assert "head_" not in vars(classifier)
    assert "n_features_in_" not in vars(classifier)
    assert len(classifier.predict(X)) == 12
    classifier.fit(table, y)
    assert "model_" not in vars(classifier)
    assert len(classifier.predict(table)) == 12


def test_an_input_that_cannot_be_read(image_base: str, tmp_path: Path):
    pictures, y = tiny_sources("image", 12)
    paths = saved(pictures, tmp_path)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    classifier = TransferClassifier(image_base, "ridge")
    with pytest.warns(UserWarning, match=r"1 inputs were left out, the first of them .*broken\.png"):
        classifier.fit([*paths, broken], [*y, "high"])
    assert [problem.source for problem in classifier.report_.problems] == [str(broken)]
    assert classifier.report_.used == 12
    with pytest.raises(SourceError, match=r"broken\.png"):
        classifier.predict([broken])


def test_mistakes_are_said_plainly(text_base: str):
    X, y = texts(6)
    with pytest.raises(NotFittedError, match="not fitted yet"):
        TransferClassifier(text_base).predict(X)
    with pytest.raises(sklearn.exceptions.NotFittedError):
        TransferClassifier(text_base).save("nowhere")
    with pytest.raises(ParameterError, match="requires y"):
        TransferClassifier(text_base).fit(X, None)
    with pytest.raises(ParameterError, match="X must hold several inputs, got one str"):
        TransferClassifier(text_base).fit("a text", y)
    with pytest.raises(NotEnoughDataError, match="found one: '1'"):  # one class, spelled by two types
        TransferClassifier(text_base).fit(X, np.array([1, "1", 1, "1", 1, "1"], dtype=object))
    for single in (Image.new("RGB", (8, 8)), io.BytesIO(), Path("a.png"), b"a"):
        with pytest.raises(ParameterError, match="X must hold several inputs, got one"):
            TransferClassifier(text_base).fit(single, y)
    with pytest.raises(ParameterError, match=r"must have one column, got 2 \('text', 'mood'\)") as caught:
        TransferClassifier(text_base).fit(
            as_table("frame", X).assign(mood=y).rename(columns={"x": "text"}), y
        )
    assert caught.value.hint == "Choose the column: X[['text']]."
    with pytest.raises(ParameterError, match="Expected one table, got a dict of 'train', 'test'"):
        TransferClassifier(text_base).fit({part: as_table("frame", X) for part in ("train", "test")}, y)
    with pytest.raises(ParameterError, match="must have one column, got 2"):
        as_sources(np.array([["a", "b"]]))
    with pytest.raises(UnknownBaseError, match="nonsense"):
        TransferClassifier("nonsense").fit(X, y)


def test_a_head_on_a_table_cannot_be_saved(tmp_path: Path):
    table = np.random.default_rng(0).normal(size=(12, 3))
    with pytest.raises(ParameterError, match="fitted on a table of numbers"):
        TransferClassifier().fit(table, [0, 1] * 6).save(tmp_path / "model")


def test_encoder_needs_no_fit_and_works_in_a_pipeline(image_base: str):
    pictures, y = tiny_sources("image", 20)
    vectors = Encoder(image_base).transform(pictures)
    assert (vectors.shape, vectors.dtype) == ((20, WIDTH), np.float32)
    pipeline = make_pipeline(Encoder(image_base), LogisticRegression())
    assert pipeline.fit(pictures, y).score(pictures, y) > 0.9
    assert cross_val_score(pipeline, np.stack(pictures), y, cv=3).mean() > 0.9
    assert pipeline[:-1].get_feature_names_out().tolist() == [f"{image_base}_{i}" for i in range(WIDTH)]


def test_encoder_gives_other_outputs(image_base: str):
    pictures, _ = tiny_sources("image", 3)
    assert Encoder(image_base, output="layer_mid").transform(pictures).shape == (3, 4)
    assert len(Encoder(image_base, output="logits").fit(pictures).get_feature_names_out()) == 3
    with pytest.raises(ParameterError, match="output must be one of embedding, logits, layer_mid"):
        Encoder(image_base, output="nonsense").fit(pictures)


def test_encoder_names_what_it_cannot_read(image_base: str):
    pictures, _ = tiny_sources("image", 2)
    with pytest.raises(SourceError, match="Input 3: "):
        Encoder(image_base).transform([*pictures, b""])
    with pytest.raises(ParameterError, match="takes image inputs, got a table of numbers"):
        Encoder(image_base).transform(np.zeros((3, 4)))
    with pytest.raises(UnknownBaseError):
        Encoder("nonsense").fit(pictures)


def test_encoder_fills_data_frames(text_base: str):
    pandas = pytest.importorskip("pandas")
    found = Encoder(text_base).set_output(transform="pandas").fit_transform(["good film", "bad food"])
    assert isinstance(found, pandas.DataFrame)
    assert list(found.columns) == [f"{text_base}_{i}" for i in range(WIDTH)]


@pytest.mark.bases
def test_two_jobs_on_a_real_base(bases_cache: Path):
    X, y = texts(24)
    classifier = TransferClassifier("minilm_l6", "ridge")
    assert cross_val_score(classifier, X, y, cv=2, n_jobs=2).mean() > 0.9


def test_labels_of_every_kind(text_base: str):
    X, y = texts()
    names = np.array(y, dtype=object)
    names[3] = float("nan")
    with pytest.warns(
        UserWarning, match="1 inputs were left out, the first of them input 3: It has no label"
    ):
        fitted = TransferClassifier(text_base, "ridge").fit(X, names)
    assert fitted.classes_.tolist() == ["high", "low"]
    numbers = [1.0 if label == "high" else 0.0 for label in y]
    fitted = TransferClassifier(text_base, "ridge").fit(X, numbers)
    assert (fitted.classes_.tolist(), fitted.classes_.dtype) == ([0.0, 1.0], np.float64)
    assert fitted.predict_proba(X[:2]).shape == (2, 2)
    mixed = [(1, "1", True)[i % 3] if label == "high" else 0 for i, label in enumerate(y)]
    fitted = TransferClassifier(text_base, "ridge").fit(X, mixed)
    assert fitted.classes_.tolist() == ["0", "1"]
    assert set(fitted.predict(X)) <= {"0", "1"}
    gaps = [float("nan") if i == 3 else value for i, value in enumerate(numbers)]
    with pytest.warns(UserWarning, match="1 inputs were left out"):
        fitted = TransferClassifier(text_base, "ridge").fit(X, gaps)
    assert (fitted.classes_.tolist(), fitted.class_names_) == ([0.0, 1.0], ["0", "1"])
    assert set(fitted.predict(X)) <= {0.0, 1.0}


def test_labels_that_are_no_classes_are_refused(text_base: str):
    X, _ = texts()
    with pytest.raises(LayoutError, match="found numbers with many values"):
        TransferClassifier(text_base).fit(X, [100 + i for i in range(24)])
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        TransferClassifier(text_base).fit(X, [0.5 + i % 2 for i in range(24)])
    with pytest.raises(LayoutError, match="found several labels in one cell"):
        TransferClassifier(text_base).fit(X, [["a", "b"], ["a"]] * 12)
    with pytest.raises(ParameterError, match=r"got ndarray of shape \(24, 2\)"):
        TransferClassifier(text_base).fit(X, np.eye(2)[[i % 2 for i in range(24)]])
    insisted = TransferClassifier(text_base, "ridge", target="classes")
    assert len(insisted.fit(X, [100 + i // 2 for i in range(24)]).classes_) == 12
