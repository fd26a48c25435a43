"""What a model is given to name: a name of a file is never taken for a text, and who insists is believed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

import headstart as hs
from headstart.cli.main import app
from headstart.data.given_inputs import Inputs
from headstart.errors import DataError, ParameterError
from headstart.model import Model
from headstart.types import Prediction
from headstart.workflows import predict
from tiny import add_tiny_base, tiny_model

COUNT = 12


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: tiny_model(folder / kind, kind, ("a", "b")) for kind in ("image", "text")}


def table(root: Path, header: str, cell: str, name: str = "t.csv") -> Path:
    rows = [f"{cell.format(number)},{'ab'[number % 2]}" for number in range(COUNT)]
    (root / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return root / name


def told(found: list[Prediction]) -> list[str]:
    return [str(one.error or one.label) for one in found]


@pytest.mark.parametrize(
    ("header", "cell", "said"),
    [
        ("image,label", "img_{:04}.png", "names files, but none of them is in"),
        ("image_id,label", "{:08x}ab", "look like names of files or ids"),
        ("url,label", "https://cdn.example.org/{:05}?w=640", "look like web addresses"),
        ("stars,label", "{}.5", "are numbers"),
    ],
)
def test_a_table_of_names_is_refused_by_a_model_for_texts(
    header: str, cell: str, said: str, tmp_path: Path, models: dict[str, Model]
) -> None:
    path = table(tmp_path, header, cell)
    model = models["text"]
    (answer,) = predict(model, [path])
    assert answer.source == str(path)
    assert said in str(answer.error)
    assert "--kind text" in str(answer.error)
    assert hs.predict_many(model, [path], out=tmp_path / "answers.csv").unreadable == 1
    assert said in (tmp_path / "answers.csv").read_text()
    with pytest.raises(DataError, match=said):
        hs.evaluate(model, path)
    with pytest.raises(DataError, match=r"look like .*no such file is in"):
        hs.evaluate(model, pd.read_csv(path, dtype=str))
    with pytest.raises(DataError, match=r"look like .*no such file is in"):
        model.predict(pd.read_csv(path, dtype=str))
    assert len(predict(model, [path], modality="text")) == COUNT
    assert hs.evaluate(model, path, modality="text").used == COUNT
    assert hs.evaluate(model, pd.read_csv(path, dtype=str), modality="text").used == COUNT
    assert all(one.label for one in model.predict(pd.read_csv(path, dtype=str), modality="text"))
    report = hs.predict_many(model, [path], out=tmp_path / "answers.csv", modality="text")
    assert report.unreadable == 0


def test_a_model_that_learned_from_names_takes_them_for_texts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add_tiny_base(monkeypatch, tmp_path, "text")
    path = table(tmp_path, "url,label", "https://site{0}.example.org/{0}/login")
    assert hs.train(hs.load(path, modality="text"), save_to=tmp_path / "m").quality["inputs_look_like"]
    model = Model.load(tmp_path / "m")
    assert len(predict(model, [path])) == COUNT
    assert model.predict("https://cdn.example.org/1.jpg")[0].error is None
    classifier = hs.TransferClassifier(modality="text").fit(
        [f"{number}.png" for number in range(8)], ["a", "b"] * 4
    )
    assert len(classifier.predict(["a.png", "b.png"])) == 2


def test_files_that_a_table_names_are_looked_up_for_a_model_for_texts(
    tmp_path: Path, models: dict[str, Model]
) -> None:
    path = table(tmp_path, "file,label", "notes/{}.txt")
    pictures = table(tmp_path, "file,label", "photos/{}.png", "p.csv")
    (tmp_path / "notes").mkdir()
    (tmp_path / "photos").mkdir()
    for number in range(COUNT):
        (tmp_path / f"notes/{number}.txt").write_text(f"a note of {number} words")
        Image.new("RGB", (8, 8)).save(tmp_path / f"photos/{number}.png")
    assert [one.error for one in predict(models["text"], [path])] == [None] * COUNT
    assert hs.evaluate(models["text"], path).used == COUNT
    assert all("PNG picture" in said for said in told(predict(models["text"], [pictures])))


def test_texts_are_refused_by_a_model_for_pictures(tmp_path: Path, models: dict[str, Model]) -> None:
    path = table(tmp_path, "text,label", "a few words about {}")
    (answer,) = predict(models["image"], [path])
    assert "to name files (image is wanted), found 'a few words about 0'" in str(answer.error)
    assert "--input-column NAME" in str(answer.error)
    with pytest.raises(DataError, match="to name files"):
        hs.evaluate(models["image"], path)


@pytest.mark.parametrize("form", [str, lambda name: [name]])
def test_a_string_that_names_a_file_is_no_text(
    form: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: dict[str, Model]
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (8, 8)).save("dark.png")
    Path("note.txt").write_text("a note")
    Path("My notes").write_text("a note")
    Path("t.csv").write_text("text\na note\n")
    model = models["text"]
    for name in ("dark.png", "note.txt", "My notes", "t.csv", "nope.txt", "photos/IMG 1.jpg"):
        (answer,) = model.predict(form(name))
        assert answer.source == name
        assert str(answer.error).startswith("It is the name of a file. To read the file give pathlib.Path(")
        assert model.predict(form(name), modality="text")[0].error is None
    for text in ("good day", "ok", "5/5", "v2", "and/or", "see note.txt", "https://t.co/xyz", "note"):
        assert model.predict(form(text))[0].error is None
    assert model.predict(Path("note.txt"))[0].error is None
    assert "It is a table, not a text." in str(model.predict(Path("t.csv"))[0].error)
    assert "no such file" in str(model.predict(Path("nope.txt"))[0].error)
    assert model.predict(Inputs(["nope.txt"]))[0].error is None  # read from a table or over HTTP already
    with pytest.raises(ParameterError, match="takes text, got modality='image'"):
        model.predict("a", modality="image")


def test_one_row_of_a_table_is_read_by_the_names_of_its_columns(models: dict[str, Model]) -> None:
    frame = pd.DataFrame({"text": ["a good day", "a bad day"], "label": ["a", "b"]}, index=["x", "y"])
    model = models["text"]
    wanted = told(model.predict(["a good day"]))
    assert told(model.predict(frame.iloc[0])) == wanted
    assert told(model.predict(next(frame.itertuples()))) == wanted
    assert told(model.predict(frame.reset_index(drop=True).iloc[0])) == wanted
    assert len(model.predict(frame["text"])) == 2
    assert len(model.predict(pd.Series(["a good day"], index=["first"]))) == 1


def test_a_data_uri_is_a_picture(tmp_path: Path, models: dict[str, Model]) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    content = base64.b64encode((tmp_path / "red.png").read_bytes()).decode()
    uri = f"data:image/png;base64,{content}"
    model = models["image"]
    wanted = model.predict(tmp_path / "red.png")[0].top
    assert model.predict(uri)[0].top == wanted
    assert "data URI holds no picture" in str(model.predict("data:image/png;base64,")[0].error)
    (tmp_path / "t.jsonl").write_text("".join(json.dumps({"image": uri}) + "\n" for _ in range(3)))
    assert [one.top for one in predict(model, [tmp_path / "t.jsonl"])] == [wanted] * 3


def test_the_command_line_believes_who_insists(tmp_path: Path, models: dict[str, Model]) -> None:
    path, place = table(tmp_path, "url,label", "https://a.example.org/{:05}"), tmp_path / "m"
    models["text"].save(place)
    for command in ("predict", "evaluate"):
        plain = CliRunner().invoke(app, [command, str(place), str(path)])
        assert plain.exit_code != 0
        done = CliRunner().invoke(app, [command, str(place), str(path), "--kind", "text"])
        assert done.exit_code == 0


def test_what_is_replaced_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    add_tiny_base(monkeypatch, tmp_path, "text")
    data = hs.load([f"word {number} said" for number in range(8)], ["a", "b"] * 4, modality="text")
    assert not any("Replaced" in note for note in hs.train(data, save_to=tmp_path / "m").quality["notes"])
    created = Model.load(tmp_path / "m").created
    told_first = hs.train(data, save_to=tmp_path / "m").quality["notes"][0]
    assert told_first == (
        f"Replaced the model of {created[:16].replace('T', ' ')} in {tmp_path / 'm'}, which was trained on "
        "8 examples (text) of a, b."
    )
