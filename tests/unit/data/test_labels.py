"""What names a class and what names none, from files and from Python: one owner, one answer."""

from __future__ import annotations

import decimal
import enum
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.data.labels import LabelCells
from headstart.data.read import from_arrays, from_objects, load
from headstart.data.row_stream import stream_table
from headstart.errors import LayoutError, ParameterError
from headstart.types import Dataset, Problem

TEXTS = [f"note number {i} of the {('red', 'blue')[i % 2]} team" for i in range(40)]
LABELS = [("b", "a")[i % 2] for i in range(40)]
MISSING_AT = (3, 8)

pandas = pytest.importorskip("pandas")
pyarrow = pytest.importorskip("pyarrow")
polars = pytest.importorskip("polars")
torch = pytest.importorskip("torch")


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Word(str, enum.Enum):  # noqa: UP042 - people still write it so
    RED = "red"
    BLUE = "blue"


def of(labels: Any, **named: Any) -> Dataset:
    return from_arrays(TEXTS, labels, modality="text", **named)


def load_frame(frame: Any) -> Dataset:
    return from_objects(frame, modality="text")


def with_missing(missing: Any) -> list[Any]:
    return [missing if i in MISSING_AT else label for i, label in enumerate(LABELS)]


def cycled(ones: Sequence[Any], *others: Any) -> list[Any]:
    """Spell one class in every way in turn, and let the other classes come between."""
    all_of = [ones[i // 2 % len(ones)] for i in range(40)]
    return [all_of[i] if i % 2 else others[i // 2 % len(others)] for i in range(40)]


def written(path: Path, labels: Sequence[str], texts: Sequence[str] = TEXTS, column: str = "label") -> Path:
    pandas.DataFrame({"text": texts, column: labels}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "missing",
    [
        None, float("nan"), np.float64("nan"), np.float32("nan"), pandas.NA, pandas.NaT, "", "  ", [],
        np.datetime64("NaT"), decimal.Decimal("nan"), np.ma.masked, pyarrow.scalar(None), [None],
    ],
    ids=repr,
)  # fmt: skip
def test_a_missing_label_is_no_class(missing: Any) -> None:
    data = of(with_missing(missing))
    assert data.classes == ("a", "b")
    assert [(one.source, one.code) for one in data.problems] == [
        ("input 3", "no_label"),
        ("input 8", "no_label"),
    ]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda found: np.array(found, dtype=object),
        pandas.Series,
        lambda found: pandas.Series(found, dtype="string"),
        lambda found: pandas.Series(found, dtype="category"),
        lambda found: pandas.DataFrame({"label": found}),
        polars.Series,
        lambda found: polars.DataFrame({"label": found}),
        pyarrow.array,
        lambda found: pyarrow.chunked_array([found]),
        lambda found: pyarrow.table({"label": found}),
        iter,
    ],
)
def test_labels_in_any_container(wrap: Any) -> None:
    data = of(wrap(with_missing(None)))
    assert data.classes == ("a", "b")
    assert len(data) == 38


def test_numbers_of_arrays_and_tensors_are_named_as_in_a_list() -> None:
    numbers = [i % 3 for i in range(40)]
    for given in (numbers, np.array(numbers, np.int8), torch.tensor(numbers), torch.tensor(numbers)[:, None]):
        assert of(given).classes == ("0", "1", "2")


def test_a_series_brings_the_name_of_its_column() -> None:
    ages = pandas.Series([20 + i % 15 for i in range(40)], name="age")
    with pytest.raises(LayoutError, match="Expected classes in the labels 'age', found numbers"):
        of(ages)


def test_a_nan_that_numpy_turned_into_a_text() -> None:
    data = of(np.array(with_missing(float("nan"))))  # an array of texts: 'nan'
    assert data.classes == ("a", "b")
    assert data.notes == ("2 cells of the labels say 'nan': read as no label; rename it if it is a class.",)


def test_a_none_that_numpy_turned_into_a_text() -> None:
    assert of(np.array(with_missing(None)).astype(str)).classes == ("a", "b")


@pytest.mark.parametrize("marker", ["\\N", "N.A.", "nil", "undefined", "#REF!", "#VALUE!", "#DIV/0!"])
def test_what_other_programs_write_for_nothing_is_no_label(tmp_path: Path, marker: str) -> None:
    rows = [f"note number {i},{('a', 'b', marker)[i % 3]}" for i in range(30)]
    (tmp_path / "t.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    data = load(tmp_path / "t.csv")
    assert data.classes == ("a", "b")
    assert any(marker in note for note in data.notes)


@pytest.mark.parametrize("cell", ["('a', 'b')", "array(['a', 'b'], dtype=object)", "['a' 'b']", "{a,b}"])
def test_lists_written_by_python_and_databases_hold_several_labels(cell: str) -> None:
    cells = LabelCells("the column", "label")
    cells.name(cell)
    assert [one.value for one in cells.several] == [["a", "b"]]


@pytest.mark.parametrize("cell", ["(0, 10)", "(0, 10]", "(other)", "{other}"])
def test_ranges_and_brackets_are_names(cell: str) -> None:
    cells = LabelCells("the column", "label")
    assert cells.name(cell) == cell
    assert not cells.several


def test_a_text_given_in_python_is_a_class_even_where_a_table_would_mean_none() -> None:
    for word in ("NA", "None", "none", "null", "-"):
        assert word in of(with_missing(word)).classes


@pytest.mark.parametrize("wrap", [np.array, pandas.Series], ids=["array", "series"])
def test_a_none_that_became_a_text(wrap: Any) -> None:
    as_texts = list(map(str, with_missing(None)))
    data = of(wrap(as_texts))
    assert data.classes == ("a", "b")
    assert data.notes == ("2 cells of the labels say 'None': read as no label; rename it if it is a class.",)
    frame = pandas.DataFrame({"text": TEXTS, "label": as_texts})
    assert load_frame(frame).classes == ("a", "b")


def test_lists_of_one_class_of_the_datasets_library() -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.Sequence(datasets.ClassLabel(names=["bad", "good"])),
        }
    )
    one = datasets.Dataset.from_dict(
        {"text": TEXTS, "label": [[i % 2] for i in range(40)]}, features=features
    )
    assert load_frame(one).classes == ("bad", "good")
    two = [[0, 1] if i % 2 else [0] for i in range(40)]
    several = datasets.Dataset.from_dict({"text": TEXTS, "label": two}, features=features)
    with pytest.raises(LayoutError, match=r'20 cells hold a list of several, such as \["bad", "good"\]'):
        load_frame(several)


def test_arrays_without_a_label_are_left_out_too() -> None:
    sounds = [np.zeros(1600, np.float32) for _ in LABELS]
    data = from_arrays(sounds, with_missing(float("nan")))
    assert len(data) == len(data.labels) == 38
    assert {one.code for one in data.problems} == {"no_label"}


def test_a_missing_group_is_no_group() -> None:
    groups = [None, float("nan"), pandas.NA, "nan", "x"] * 8
    assert {one.group for one in of(LABELS, groups=groups).examples} == {None, "x"}


@pytest.mark.parametrize(
    "marker",
    [
        "NA",
        "N/A",
        "n/a",
        "NULL",
        "null",
        "NaN",
        "nan",
        "None",
        "<NA>",
        "#N/A",
        "N.A.",
        "n.a.",
        r"\N",
        "#REF!",
        "#VALUE!",
        "(null)",
    ],
)
def test_a_marker_in_a_text_table_is_no_class(tmp_path: Path, marker: str) -> None:
    data = load(written(tmp_path / "t.csv", with_missing(marker)))
    assert data.classes == ("a", "b")
    assert [one.code for one in data.problems] == ["no_label"] * 2
    assert data.notes == (
        f"2 cells of 'label' say {marker!r}: read as no label; rename it if it is a class.",
    )


@pytest.mark.parametrize("word", ["none", "-", "Na", "unknown", "no", "0"])
def test_words_that_pandas_too_keeps_are_classes(tmp_path: Path, word: str) -> None:
    data = load(written(tmp_path / "t.csv", with_missing(word)))
    assert word in data.classes
    assert data.notes == ()


def test_typed_tables_have_missing_values_of_their_own(tmp_path: Path) -> None:
    rows = [{"text": text, "label": label} for text, label in zip(TEXTS, with_missing("NA"), strict=True)]
    rows[5]["label"] = None
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    data = load(path)
    assert data.classes == ("NA", "a", "b")
    assert [one.source for one in data.problems] == ["t.jsonl:6"]


def test_folders_are_never_markers(tmp_path: Path) -> None:
    for name in ("NA", "1", "1.0"):
        (tmp_path / name).mkdir()
        for i in range(3):
            (tmp_path / name / f"{i}.txt").write_text(f"a text {i} in {name}")
    assert load(tmp_path).classes == ("1", "1.0", "NA")


def test_a_missing_input_of_a_table_is_listed(tmp_path: Path) -> None:
    texts: list[Any] = list(TEXTS)
    texts[2], texts[4] = None, "NaN"
    data = load(written(tmp_path / "t.csv", LABELS, texts))
    assert [(one.source, one.code) for one in data.problems] == [
        ("t.csv:4", "empty_text"),
        ("t.csv:6", "empty_text"),
    ]
    assert data.problems[1].reason.startswith("The cell in 'text' says 'NaN', as programs write")


@pytest.mark.parametrize("marker", ["NA", "N/A", "None", "null", "#REF!"])
def test_a_marker_in_place_of_a_text_is_no_text(tmp_path: Path, marker: str) -> None:
    texts = [marker if i == 2 else text for i, text in enumerate(TEXTS)]
    path = written(tmp_path / "t.csv", LABELS, texts)
    assert [(one.source, one.code) for one in load(path).problems] == [("t.csv:4", "empty_text")]
    streamed = [item for item, _ in stream_table(path, input_column="text")]
    assert [one.source for one in streamed if isinstance(one, Problem)] == ["t.csv:4"]
    rows = [json.dumps({"text": text, "label": label}) for text, label in zip(texts, LABELS, strict=True)]
    (tmp_path / "t.jsonl").write_text("\n".join(rows))
    assert load(tmp_path / "t.jsonl").problems == ()


def test_groups_and_metadata_lists_use_the_same_rules(tmp_path: Path) -> None:
    for i in range(6):
        (tmp_path / f"{i}.txt").write_text(TEXTS[i])
    rows = ["file_name,label,group", "0.txt,a,x", "1.txt,NA,x", "2.txt,b,NULL", "3.txt,1,x", "4.txt,1.0,x"]
    (tmp_path / "metadata.csv").write_text("\n".join([*rows, "5.txt,b,x"]))
    data = load(tmp_path)
    assert data.classes == ("1", "a", "b")
    assert [one.source for one in data.problems] == ["1.txt"]
    assert {one.name: one.group for one in data.examples}["2.txt"] is None


@pytest.mark.parametrize("number", [-1, 2, 255])
def test_a_number_outside_the_declared_names_is_no_label(tmp_path: Path, number: int) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    labels = [number if i < 6 else i % 2 for i in range(40)]
    features = {"label": {"names": ["good", "bad"], "_type": "ClassLabel"}}
    told = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    table = pyarrow.table({"text": TEXTS, "label": labels}).replace_schema_metadata(told)
    parquet.write_table(table, tmp_path / "t.parquet")
    data = load(tmp_path / "t.parquet")
    assert data.classes == ("bad", "good")
    assert [one.code for one in data.problems] == ["no_label"] * 6
    assert f"6 cells of 'label' hold {number}, which is outside the names" in data.notes[0]


def test_a_column_of_the_datasets_library_declares_names_too() -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({"label": datasets.ClassLabel(names=["good", "bad"])})
    made = datasets.Dataset.from_dict({"label": [(0, 1, -1, 1)[i % 4] for i in range(40)]}, features=features)
    data = of(made["label"])
    assert data.classes == ("bad", "good")
    assert len(data.problems) == 10


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (cycled([1, 1.0, "1", "1.0", True, "true", "True"], 0, "0", False, "false"), ("0", "1")),
        (cycled([True, "true", "True", 1], False), ("false", "true")),
        (cycled([1, 1.0, "1", True], "other"), ("1", "other")),
        (cycled([1, 1.0, "1", True, "true"], 2), ("1", "2")),
        (cycled([np.int64(1), np.float32(1), decimal.Decimal(1), np.bool_(True)], np.int8(0)), ("0", "1")),
        (cycled(["True", "TRUE", "true"], "no"), ("no", "true")),
        (cycled(["1", "1.0"], "2.0"), ("1", "2")),
    ],
)
def test_one_class_spelled_by_type(labels: list[Any], classes: tuple[str, ...]) -> None:
    data = of(labels)
    assert data.classes == classes
    assert any("spelled in different ways by type, was merged" in note for note in data.notes)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (cycled(["01"], "1"), ("01", "1")),
        (cycled(["1.1"], "1.10"), ("1.1", "1.10")),
        (cycled(["Yes"], "yes"), ("Yes", "yes")),
        (cycled([1.0], 0.0), ("0.0", "1.0")),  # one spelling keeps its name
        (cycled([True], False), ("False", "True")),
        (cycled(["true"], "1", "2", "3"), ("1", "2", "3", "true")),
        (cycled([Colour.RED], Colour.BLUE), ("BLUE", "RED")),
        (cycled([Word.RED], Word.BLUE), ("blue", "red")),
        (cycled(["café".encode()], b"b"), ("b", "café")),
        (cycled([["a"]], ("b",)), ("a", "b")),
        (cycled(["['a']"], '["b"]'), ("a", "b")),
        (cycled(["[other]"], "{b}"), ("[other]", "{b}")),
        (cycled([np.array(["a"])], polars.Series(["b"])), ("a", "b")),
        (cycled(['{"choices": ["a"]}'], "b"), ("a", "b")),
        (cycled([[True]], [False]), ("False", "True")),
    ],
)
def test_what_is_not_merged_and_what_has_a_plain_name(labels: list[Any], classes: tuple[str, ...]) -> None:
    data = of(labels)
    assert data.classes == classes
    assert not any("merged" in note for note in data.notes)


def test_whole_numbers_with_a_gap_keep_their_names(tmp_path: Path) -> None:
    gaps = pandas.Series([None if i == 3 else i % 2 for i in range(40)])  # pandas makes them 0.0, 1.0, NaN
    assert of(gaps).classes == ("0", "1")
    data = load(written(tmp_path / "t.csv", gaps))
    assert data.classes == ("0", "1")
    assert data.notes == ("Classes are named as whole numbers or plain words: '0.0' as '0'; '1.0' as '1'.",)


def test_splits_of_one_data_set_are_merged_together(tmp_path: Path) -> None:
    written(tmp_path / "train.csv", [str(i % 2) for i in range(40)])
    written(tmp_path / "validation.csv", [f"{i % 2}.0" for i in range(40)])
    assert load(tmp_path).classes == ("0", "1")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.eye(2)[[i % 2 for i in range(40)]], r"one label for each input, got ndarray of shape \(40, 2\)"),
        (torch.eye(2)[[i % 2 for i in range(40)]], r"got Tensor of shape \(40, 2\)"),
        (pandas.get_dummies(pandas.Series(LABELS)), r"got DataFrame of shape \(40, 2\)"),
        (np.zeros((40, 2, 2)), r"of shape \(40, 2, 2\)"),
        ("ab", "Expected a sequence of labels, one for each input, got str"),
        ({"a": 1}, "got dict"),
        (set(LABELS), "got set"),
        (5, "got int"),
        (LABELS[:3], "Expected 40 labels, one for each input, got 3"),
    ],
)
def test_what_is_no_list_of_labels_is_refused_by_its_shape(labels: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message) as caught:
        of(labels)
    if "ndarray of shape (40, 2)" in caught.value.message:
        assert "labels.argmax(axis=1) gives them" in str(caught.value.hint)


def test_an_object_is_no_label() -> None:
    labels = [{"name": label} for label in LABELS]
    with pytest.raises(
        LayoutError, match=r'in each cell of the labels, found objects such as \{"name": "b"\}'
    ):
        of(labels)
    with pytest.raises(LayoutError, match=r'found objects such as \{"name": "b"\}'):
        of([str(label) for label in labels])  # as a table of texts writes them
    assert of(labels, target="classes").classes == ('{"name": "a"}', '{"name": "b"}')


@pytest.mark.parametrize(
    "several",
    [["a", "b"], ("a", "b"), {"a", "b"}, np.array(["a", "b"]), polars.Series(["a", "b"]), '["a", "b"]',
     "['a', 'b']", "['a' 'b']", '{"choices": ["a", "b"]}'],
    ids=repr,
)  # fmt: skip
def test_several_labels_for_one_example_are_refused(several: Any) -> None:
    with pytest.raises(LayoutError, match=r'20 cells hold a list of several, such as \["a", "b"\]'):
        of([several if i % 2 else "b" for i in range(40)])


def test_several_labels_can_be_insisted_on() -> None:
    labels = [["a", "b"] if i % 2 else ["b"] for i in range(40)]
    assert of(labels, target="classes").classes == ('["a", "b"]', "b")


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        (["Yes", "yes", "NO", "no"], ["NO", "Yes"]),
        (["Cat", "cat ", "dog"], ["Cat"]),
        (["hip hop", "Hip-Hop", "hip_hop"], ["Hip-Hop"]),
        (["A", "A-", "B", "B+"], []),
        (["1", "-1"], []),
    ],
)
def test_classes_that_may_be_one_are_told_first(classes: list[str], told: list[str]) -> None:
    labels = [classes[i % len(classes)] for i in range(40)]
    data = of([None, *labels[1:]])
    alike = [one.source for one in data.problems if one.code == "similar_classes"]
    assert alike == told
    assert [one.source for one in data.problems[: len(told)]] == told
