"""Inputs to predict, and inputs that are in memory already."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.data.memory import from_arrays
from headstart.data.read import gather, load
from headstart.errors import DataError, ParameterError
from headstart.types import Modality


def photo(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path, "PNG")
    return path


def test_files_and_folders_in_the_order_named(tmp_path: Path) -> None:
    one, two = photo(tmp_path / "b.png"), photo(tmp_path / "in" / "deep" / "a.png")
    (tmp_path / "in" / ".DS_Store").touch()
    (tmp_path / "in" / "note.txt").write_text("words")
    examples, problems, ignored = gather([one, tmp_path / "in", tmp_path / "gone.png"], "image")
    assert [example.source for example in examples] == [one, two]
    assert all(example.label is None for example in examples)
    assert [example.name for example in examples] == [str(one), str(two)]
    assert {problem.code for problem in problems} == {"not_an_image", "missing"}
    assert ignored == {".DS_Store": 1}


def test_texts_themselves_files_tables_and_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("from a file")
    (tmp_path / "r.csv").write_text("id,review\n1,from a table\n2,\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe\n\nand more\n"))
    examples, problems, _ = gather(
        ["so good!", str(tmp_path / "a.txt"), str(tmp_path / "r.csv"), "-"], "text"
    )
    assert [example.source for example in examples] == [
        "so good!",
        "from a file",
        "from a table",
        "from a pipe",
        "and more",
    ]
    assert [example.name for example in examples][2:] == ["r.csv:2", "stdin:1", "stdin:3"]
    assert [problem.source for problem in problems] == ["r.csv:3"]


def test_a_name_that_looks_like_a_file_is_not_taken_for_a_text(tmp_path: Path) -> None:
    examples, problems, _ = gather(["revews.txt", "good"], "text")
    assert [example.source for example in examples] == ["good"]
    assert [problem.code for problem in problems] == ["missing"]


def test_column_of_a_table_to_predict(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("p,q\nthe first,one\nthe second,two\n")
    examples, _, _ = gather([tmp_path / "r.csv"], "text", input_column="q")
    assert [example.source for example in examples] == ["one", "two"]
    with pytest.raises(DataError, match="no column 'z'"):
        gather([tmp_path / "r.csv"], "text", input_column="z")


def test_standard_input_is_for_texts() -> None:
    with pytest.raises(ParameterError, match="takes image"):
        gather(["-"], Modality.IMAGE)


def test_texts_and_labels_in_memory() -> None:
    data = from_arrays(["good film", "bad film", " "], ["yes", "no", "no"])
    assert data.modality is Modality.TEXT
    assert data.sources == ["good film", "bad film"]
    assert data.classes == ("no", "yes")
    assert [(problem.source, problem.code) for problem in data.problems] == [("input 2", "empty_text")]


def test_paths_in_memory(tmp_path: Path) -> None:
    path = photo(tmp_path / "a.png")
    for source in (path, str(path)):
        data = from_arrays([source], [7], groups=["g"])
        assert data.modality is Modality.IMAGE
        assert (data.examples[0].source, data.examples[0].label, data.examples[0].group) == (path, "7", "g")
    gone = from_arrays([str(tmp_path / "gone.png"), str(path)], ["a", "b"], modality="image")
    assert [problem.code for problem in gone.problems] == ["missing"]


def test_bytes_and_arrays_in_memory(tmp_path: Path) -> None:
    data = photo(tmp_path / "a.png").read_bytes()
    assert from_arrays([data], ["a"]).modality is Modality.IMAGE
    assert from_arrays([np.zeros((8, 8, 3), np.uint8)], ["a"]).modality is Modality.IMAGE
    sounds = from_arrays([np.zeros(100, np.float32), np.zeros(50, np.float32)], None)
    assert sounds.modality is Modality.AUDIO
    assert sounds.labels == [None, None]
    assert [example.name for example in sounds.examples] == ["input 0", "input 1"]


def test_mistakes_in_memory() -> None:
    with pytest.raises(DataError, match="at least one"):
        from_arrays([], [])
    with pytest.raises(ParameterError, match=r"Expected 2 labels.*got 1"):
        from_arrays(["a b", "c d"], ["x"])
    with pytest.raises(ParameterError, match="Expected an input at 1, got float"):
        from_arrays(["a b", 1.5], ["x", "y"])
    with pytest.raises(ParameterError, match="found str at 1"):
        from_arrays([np.zeros(3), "a"], ["x", "y"])


def test_load_needs_a_table_or_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"found one file: a.png is a PNG picture"):
        load(photo(tmp_path / "a.png"))
