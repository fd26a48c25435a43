"""What headstart wrote itself is never read as examples, wherever people put it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from headstart import TrainingResult
from headstart.bundle.archive import pack
from headstart.cli.main import app
from headstart.data.own import own_file, own_folder
from headstart.data.read import gather, load
from headstart.data.row_stream import stream_table
from headstart.data.stream import walk_lazily
from headstart.data.table import read_table
from headstart.errors import DataError, HeadstartError, LayoutError, NotEnoughDataError, ParameterError
from headstart.finetune.checkpoint import open_folder
from headstart.types import Modality, Problem
from headstart.workflows import load as load_any
from headstart.workflows import predict, predict_many, require_model_first, train
from headstart.workflows.tables import columns, row_of, write_table
from tiny import add_tiny_base, tiny_sources

RUN = CliRunner()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    folder = tmp_path_factory.mktemp("own")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        patch.setenv("HEADSTART_OFFLINE", "1")
        name = add_tiny_base(patch, folder / "bases", Modality.TEXT)
        return train(*tiny_sources(Modality.TEXT, 60), base=name, use_cache=False, advise=True)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Texts of two classes: the kind of example that anything readable is easily taken for."""
    for place, (text, label) in enumerate(zip(*tiny_sources(Modality.TEXT, 12, seed=3), strict=True)):
        path = tmp_path / "texts" / label / f"{place:02}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "texts"


def put_everything(model: TrainingResult, root: Path) -> None:
    """Write what each command writes into the folder of the data, and into its class folders."""
    some_class = next(folder for folder in sorted(root.iterdir()) if folder.is_dir())
    inputs = sorted(some_class.glob("*.txt"))[:3]
    model.save(root / "model")
    pack(root / "model", root / "model.zip")
    from headstart.cli.pages import write_report

    write_report(model, some_class, "en")
    for name in ("names.csv", "names.jsonl"):
        predict_many(model, [*inputs, "no-such-file.txt"], out=some_class / name)
    predict_many(model, inputs, out=some_class / "sure.csv", confidence=0.9)
    predict_many(model, inputs, sort_into=root / "sorted")
    facts = {"data": "1", "base": "2", "config": {}, "folds": [[0, 1]]}
    open_folder(root / "model.run", facts, resume=False)
    (root / "compared").mkdir()
    (root / "compared" / "compare.html").write_text((some_class / "report.html").read_text())
    (root / "compared" / "compare.json").write_text("{}")
    (root / "venv" / "lib").mkdir(parents=True)
    (root / "venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (root / "venv" / "lib" / "a.txt").write_text("some words")
    (root / "node_modules").mkdir()
    (root / "node_modules" / "readme.txt").write_text("some words")


def test_nothing_of_ours_is_an_example(model: TrainingResult, texts: Path) -> None:
    before = load(texts)
    put_everything(model, texts)
    after = load(texts)
    assert after.examples == before.examples
    assert after.classes == before.classes
    assert after.problems == ()
    assert after.ignored == {
        "a comparison made by headstart": 1,
        "a model saved by headstart": 2,
        "a Python environment": 1,
        "an unfinished run of headstart": 1,
        "files sorted by headstart": 1,
        "node_modules": 1,
        "a report made by headstart": 1,
        "predictions written by headstart": 3,
    }


COMMANDS = {
    "check": ["check", "{data}", "--base", "{base}"],
    "train": ["train", "{data}", "-o", "{out}/again", "--base", "{base}"],
    "details": ["train", "{data}", "-o", "{out}/detailed", "--details", "--base", "{base}"],
    "predict": ["predict", "{model}", "{data}"],
    "unsure": ["predict", "{model}", "{data}", "--confidence", "0.9"],
    "evaluate": ["evaluate", "{model}", "{new}"],
    "compare": ["compare", "{data}", "--ways", "floor,frozen", "--base", "{base}"],
    "bases": ["bases"],
    "info": ["bundle", "info", "{model}"],
    "verify": ["bundle", "verify", "{model}"],
    "explain": ["explain"],
    "term": ["explain", "embedding"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_printed_is_no_example(
    command: str, model: TrainingResult, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADSTART_CACHE", str(texts.parent / "cache"))
    monkeypatch.setenv("HEADSTART_OFFLINE", "1")
    base = add_tiny_base(monkeypatch, texts.parent / "bases", Modality.TEXT)
    model.save(texts.parent / "m")
    new = texts.parent / "new"
    for place, (text, label) in enumerate(zip(*tiny_sources(Modality.TEXT, 8, seed=77), strict=True)):
        (new / label).mkdir(parents=True, exist_ok=True)
        (new / label / f"{place}.txt").write_text(text)
    places = {"data": texts, "model": texts.parent / "m", "new": new, "out": texts.parent, "base": base}
    arguments = [word.format(**places) for word in COMMANDS[command]]
    before = load(texts)
    some_class = next(folder for folder in sorted(texts.iterdir()) if folder.is_dir())
    written = 0
    for more in ([], ["--json"] if "explain" not in arguments else []):
        done = RUN.invoke(app, [*arguments, *more])
        assert done.exit_code == 0, (done.output, done.exception)
        for name in ("kept.json", "kept") if more else ("kept.txt", "kept.log"):
            (some_class / f"{written}{name}").write_text(done.stdout, encoding="utf-8")
            written += 1
    after = load(texts)
    assert after.examples == before.examples
    assert not after.problems
    assert sum(after.ignored.values()) == written
    assert "headstart" in " ".join(after.ignored)
    (texts.parent / "only" / "a").mkdir(parents=True)
    (texts.parent / "only" / "a" / "kept.txt").write_text(done.stdout, encoding="utf-8")
    with pytest.raises(NotEnoughDataError, match="headstart"):
        load(texts.parent / "only")


def test_the_page_about_a_model_is_no_example(model: TrainingResult, texts: Path) -> None:
    model.save(texts.parent / "m")
    before = len(load(texts))
    some_class = next(folder for folder in sorted(texts.iterdir()) if folder.is_dir())
    (some_class / "README.md").write_bytes((texts.parent / "m" / "README.md").read_bytes())
    data = load(texts)
    assert len(data) == before
    assert data.ignored == {"the page about a model saved by headstart": 1}


def test_texts_that_tell_of_headstart_are_kept(texts: Path) -> None:
    some_class = next(folder for folder in sorted(texts.iterdir()) if folder.is_dir())
    before = len(load(texts))
    kept = {
        "mail.txt": "I tried headstart yesterday: it tells 3 classes of photos apart.",
        "note.md": "Of 100 new photos like these, expect 80 to 90 to get the right name, it said.",
        "row.json": '{"source": "a", "label": "b", "text": "some words"}',
        "rows.json": '[{"source": "a", "label": "b"}]',
        "form.log": "input class room",
        "base.json": '{"modality": "text", "accuracy": 1, "data": []}',
    }
    for name, content in kept.items():
        (some_class / name).write_text(content)
    data = load(texts)
    assert len(data) == before + len(kept)
    assert data.ignored == {}


def test_nor_an_input(model: TrainingResult, texts: Path) -> None:
    before = [example.source for example in gather([texts], "text")[0]]
    put_everything(model, texts)
    examples, problems, ignored = gather([texts], "text")
    assert [example.source for example in examples] == before
    assert problems == []
    assert ignored["a model saved by headstart"] == 2
    streamed = list(walk_lazily(texts))
    assert not [one for one in streamed if isinstance(one, Problem)]
    assert len(streamed) == len(before)
    assert [one.error for one in predict(model, [texts])] == [None] * len(before)


def test_training_twice_in_one_folder_gives_the_same(model: TrainingResult, texts: Path) -> None:
    model.save(texts / "model")
    first = load(texts)
    model.save(texts / "model")
    assert load(texts) == first
    assert len(first.classes) == 2


def test_what_is_not_ours_is_kept(texts: Path) -> None:
    kept = {
        "manifest.json": '{"format_version": 2, "name": "an app"}',
        "report.html": "<!doctype html><title>My report</title>words",
        "names.csv": "source,label,text\na,b,some words\n",
        "rows.jsonl": '{"source": "a", "label": "b"}\n',
        "compare.json": '{"one": 1}',
    }
    some_class = next(folder for folder in sorted(texts.iterdir()) if folder.is_dir())
    before = len(load(texts))
    for name, content in kept.items():
        (some_class / name).write_text(content)
    data = load(texts)
    assert len(data) == before + len(kept)
    assert data.ignored == {}


def test_tables_of_predictions_of_every_kind(tmp_path: Path, model: TrainingResult) -> None:
    pytest.importorskip("pyarrow")
    rows = [row_of(one) for one in model.predict(["some words here"], names=["=a"])]
    write_table(rows, tmp_path / "a.parquet", columns(doubted=False, own_ids=False))
    assert own_file(tmp_path / "a.parquet") == "predictions written by headstart"
    (tmp_path / "a.csv").write_text('\ufeffsource,id,label,probability,error\n"x",1,a,0.5,\n')
    assert own_file(tmp_path / "a.csv") == "predictions written by headstart"


def test_exports_are_ours(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    from headstart.export import metadata

    graph = onnx.ModelProto()
    metadata.write(graph, {"tokenizer": "x" * 200_000, "version": "1"})
    (tmp_path / "model.onnx").write_bytes(graph.SerializeToString())
    assert own_file(tmp_path / "model.onnx") == "a model exported by headstart"
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "headstart-export.json").write_text("{}")
    assert own_folder(tmp_path / "web", ["headstart-export.json", "index.html"]) is not None


def test_a_workspace_of_the_app(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "headstart.sqlite").executescript("create table a (b)").close()
    for label in ("cat", "dog"):
        place = tmp_path / "pets" / "examples" / label
        place.mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(place / "1.png")
    with pytest.raises(LayoutError, match="found a workspace of the headstart app") as caught:
        load(tmp_path)
    assert "folder of your examples" in str(caught.value.hint)
    assert load(tmp_path / "pets").classes == ("cat", "dog")


def test_a_model_given_as_data(model: TrainingResult, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    with pytest.raises(LayoutError, match=r"Expected examples in .*m, found a model saved by headstart"):
        load(tmp_path / "m")
    pack(tmp_path / "m", tmp_path / "m.zip")
    with pytest.raises(HeadstartError, match="found a model saved by headstart"):
        load(tmp_path / "m.zip")
    (said,) = predict(model, [tmp_path / "m"])
    assert said.error == "It is a model saved by headstart; name the files to predict."
    (problem,) = walk_lazily(tmp_path / "m")
    assert isinstance(problem, Problem)
    assert "a model saved by headstart" in problem.reason
    (tmp_path / "net.onnx").write_bytes(b"\x08\x07 no matter what")
    with pytest.raises(DataError, match=r"found a model: net.onnx"):
        load(tmp_path / "net.onnx")


def test_only_ours_in_the_folder(model: TrainingResult, tmp_path: Path) -> None:
    model.save(tmp_path / "here" / "m")
    with pytest.raises(NotEnoughDataError, match=r"passed over: a model saved by headstart \(1\)"):
        load(tmp_path / "here")


def test_files_that_headstart_sorted_are_examples_where_they_are_named(
    model: TrainingResult, texts: Path
) -> None:
    predict_many(
        model, sorted(texts.rglob("*.txt")), sort_into=texts.parent / "here" / "sorted", confidence=0.9
    )
    place = texts.parent / "here" / "sorted"
    for label in ("high", "low", "unsure"):
        (place / label).mkdir(exist_ok=True)
        (place / label / "mine.txt").write_text("words of mine")
    data = load(place)
    assert set(data.classes) == {"high", "low"}
    assert data.ignored["files that were put into no class"] >= 1
    with pytest.raises(NotEnoughDataError, match="files sorted by headstart") as caught:
        load(texts.parent / "here")
    assert "give the folder that it sorted them into" in str(caught.value.hint)


def test_a_folder_of_the_persons_own_is_not_marked_as_sorted(model: TrainingResult, texts: Path) -> None:
    predict_many(model, sorted(texts.rglob("*.txt"))[:2], sort_into=texts)
    assert not (texts / ".headstart-sorted").exists()


def test_model_and_inputs_the_wrong_way_round(model: TrainingResult, texts: Path) -> None:
    model.save(texts.parent / "m")
    with pytest.raises(ParameterError, match="Expected the folder of a saved model first, found") as caught:
        require_model_first(texts, [texts.parent / "m"], "predict")
    assert f"headstart predict {texts.parent / 'm'} {texts}" in str(caught.value.hint)
    for command in ("predict", "evaluate"):
        done = RUN.invoke(app, [command, str(texts), str(texts.parent / "m")])
        assert isinstance(done.exception, ParameterError)
        assert command in str(done.exception.hint)
    require_model_first(texts.parent / "m", [texts.parent / "m"], "predict")


def test_one_file_is_told_what_it_is(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"one file: a.png is a PNG picture") as caught:
        load(tmp_path / "a.png")
    assert "folder of your pictures" in str(caught.value.hint)
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.wav", np.zeros(800, dtype=np.float32), 8000)
    with pytest.raises(DataError, match=r"one file: a.wav is a WAV sound") as caught:
        load(tmp_path / "a.wav")
    assert "folder of your sounds" in str(caught.value.hint)


def test_the_next_step_is_in_terms_of_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.wav").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(NotEnoughDataError, match=r"a/x.wav: .*WAV") as caught:
        load(tmp_path)
    assert "Sounds may be WAV" in str(caught.value.hint)
    assert "JPEG" not in str(caught.value)
    (tmp_path / "rows.csv").write_text("text,label\n" + "one\n" * 3)
    with pytest.raises(NotEnoughDataError) as caught:
        load(tmp_path / "rows.csv")
    assert "JPEG" not in str(caught.value)
    assert "Mend these first, for instance rows.csv:2" in str(caught.value.hint)
    (tmp_path / "rows.csv").write_bytes(json.dumps({"a": 1}).encode() + bytes(range(256)) * 4)
    with pytest.raises(DataError) as caught:
        load(tmp_path / "rows.csv")
    assert "Excel" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>,a", "found a web page", "Download the file itself"),
        (b"version https://git-lfs.github.com/spec/v1\n", "found a Git LFS pointer", "git lfs pull"),
        (b"%PDF-1.7 and so on", "found a PDF document", "Export its pages"),
        (b"\x89PNG\r\n\x1a\n and no more", "found a PNG picture", "ending of what it is"),
        (b"PK\x03\x04 a sheet", "found a ZIP archive or office document", "in Excel"),
    ],
)
def test_what_is_called_a_table_and_is_none(tmp_path: Path, content: bytes, message: str, hint: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_table(tmp_path / "a.csv")
    assert hint in str(caught.value.hint)
    with pytest.raises(DataError, match=message) as caught:
        list(stream_table(tmp_path / "a.csv"))
    assert hint in str(caught.value.hint)


def test_missing_files_need_no_list_of_formats() -> None:
    with pytest.raises(NotEnoughDataError, match="There is no such file") as caught:
        load_any([Path("one.png"), Path("two.png")], ["a", "b"])
    assert caught.value.hint == "Mend these first, for instance one.png."


def test_one_class_is_told_where_to_add_another(tmp_path: Path) -> None:
    from headstart.data.enough import require_trainable
    from headstart.data.memory import from_arrays

    (tmp_path / "rows.csv").write_text("text,label\n" + "some words,a\n" * 3)
    with pytest.raises(NotEnoughDataError, match="found one: 'a'") as caught:
        require_trainable(load(tmp_path / "rows.csv"))
    assert "Add rows" in str(caught.value.hint)
    with pytest.raises(NotEnoughDataError, match="found one: 'a'") as caught:
        require_trainable(from_arrays(["some words", "more words"], ["a", "a"]))
    assert "Give examples" in str(caught.value.hint)
