"""A kind of data that another package brings with one record: everything takes it, no other file knows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import headstart
from headstart.errors import ExportError, NotEnoughDataError, ParameterError
from headstart.kinds import kind_of, kinds, with_kind
from headstart.types import Modality
from headstart.workflows.exporting import export
from serving import Server

TOY = Path(__file__).parent / "toy"
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


@pytest.fixture(scope="module", autouse=True)
def tune():
    """Make the package importable, here and in the processes that are started, and its kind known."""
    sys.path.insert(0, str(TOY))
    try:
        from toy_tunes import TUNE

        with with_kind(TUNE):
            yield TUNE
    finally:
        sys.path.remove(str(TOY))


def write_tunes(folder: Path, per_class: int, seed: int) -> Path:
    random = np.random.default_rng(seed)
    for name, scale in SCALES.items():
        (folder / name).mkdir(parents=True)
        for number in range(per_class):
            pitches = 60 + random.choice(scale, random.integers(6, 20))
            lines = [f"{pitch} {random.choice((0.5, 1, 2))}" for pitch in pitches]
            (folder / name / f"{number}.notes").write_text("\n".join(["notes 1", *lines, ""]))
    return folder


def with_toy() -> str:
    return os.pathsep.join([str(TOY), *filter(None, sys.path)])


@pytest.fixture(scope="module")
def tunes(tmp_path_factory):
    return write_tunes(tmp_path_factory.mktemp("tunes") / "train", 20, seed=0)


@pytest.fixture(scope="module")
def trained(tunes):
    return headstart.train(tunes, save_to=tunes.parent / "model", use_cache=False, advise=True)


def test_the_name_of_a_kind_from_outside_is_like_any_other():
    assert Modality("tune") is Modality("tune") == "tune"
    assert list(Modality) == ["image", "text", "audio"]
    assert list(kinds())[-1] == "tune"


def test_a_folder_of_its_files_is_known_by_looking_inside(tunes):
    found = headstart.load(tunes)
    assert (found.modality, len(found), found.classes) == ("tune", 40, ("major", "minor"))
    assert not found.problems


def test_its_files_stand_beside_others_and_are_told_from_them(tunes, tmp_path):
    folder = write_tunes(tmp_path / "data", 3, seed=1)
    (folder / "major" / "list.txt").write_text("what the tunes are\n")
    (folder / "minor" / "not one.notes").write_text("dear diary\n")
    found = headstart.load(folder)
    assert (found.modality, len(found)) == ("tune", 6)
    (text, other) = sorted(found.problems, key=lambda one: one.source)
    assert (text.code, text.source) == ("not_a_tune", "major/list.txt")
    assert text.reason.startswith("It is plain text, not a list of notes (.notes)")
    assert (other.code, other.source) == ("not_a_tune", "minor/not one.notes")


def test_where_nothing_is_found_its_files_are_among_those_that_are_asked_for(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.bin").write_bytes(bytes(range(256)) * 8)
    with pytest.raises(NotEnoughDataError) as caught:
        headstart.load(tmp_path)
    assert "Tunes may be .notes files." in str(caught.value.hint)


def test_another_kind_that_is_asked_for_refuses_them_by_name(tunes):
    found = headstart.load(tunes, modality="image")
    assert len(found) == 0
    assert found.problems[0].reason.startswith("It is a list of notes, not a JPEG, PNG")


def test_a_table_may_name_its_files_without_their_ending(tunes, tmp_path):
    rows = [f"{name}/{number},{name}" for name in SCALES for number in range(20)]
    table = tunes / "tunes.csv"
    table.write_text("\n".join(["file,mood", *rows, ""]))
    try:
        found = headstart.load(table)
    finally:
        table.unlink()
    assert (found.modality, len(found)) == ("tune", 40)


def test_it_trains_without_a_base_and_says_so(trained):
    assert (trained.modality, trained.encoders) == ("tune", ())
    assert trained.report.evaluation.accuracy.estimate > 0.8
    assert trained.report.floor is None
    note = "There is no base model for tunes: the model learns from simple features alone."
    assert note in trained.report.notes
    assert trained.advice.verdict.startswith(
        "Yes, this can be learned, without any base model: there is none for tunes."
    )


def test_a_saved_model_predicts_the_same(trained, tunes):
    loaded = headstart.load_model(tunes.parent / "model")
    names = sorted(tunes.rglob("*.notes"))
    assert loaded.modality == "tune"
    np.testing.assert_allclose(loaded.predict_proba(names), trained.predict_proba(names), atol=1e-7)
    content = [name.read_bytes() for name in names]
    np.testing.assert_allclose(loaded.predict_proba(content), trained.predict_proba(names), atol=1e-7)
    assert [one.label for one in loaded.predict(names)].count("major") > 15


def test_inputs_that_are_no_tunes_are_said_to_be_none(trained, tmp_path):
    (tmp_path / "a.txt").write_text("a text\n")
    texts, missing = trained.predict([tmp_path / "a.txt", tmp_path / "none.notes"])
    assert texts.error == "It is not a list of notes (.notes); save it as one."
    assert "no such file" in missing.error


def test_it_is_measured_on_new_examples(trained, tunes, tmp_path):
    report = headstart.evaluate(trained, write_tunes(tmp_path / "new", 10, seed=2))
    assert (report.modality, report.used) == ("tune", 20)
    assert report.evaluation.accuracy.estimate > 0.7


def test_its_examples_are_checked(tunes):
    advice = headstart.check(tunes, use_cache=False)
    assert (advice.data.modality, advice.data.used) == ("tune", 40)
    assert (advice.ranking, advice.availability, advice.similarity) == ([], [], [])
    assert advice.learnable == "yes"


def test_what_needs_a_base_is_refused(tunes):
    with pytest.raises(ParameterError, match="Nothing can be tuned: there is no base model for tunes"):
        headstart.train(tunes, method="gentle", use_cache=False)
    with pytest.raises(ParameterError, match="no base model for tunes, so there is nothing to compare"):
        headstart.compare(tunes, use_cache=False)
    assert headstart.train(tunes, method="auto", use_cache=False).quality["gentle"]["why"] == (
        "there is no base model for tunes"
    )


@pytest.mark.parametrize("to", ["onnx", "web", "openvino"])
def test_a_model_that_cannot_be_exported_says_so(trained, tmp_path, to):
    with pytest.raises(ExportError, match="A model for tunes cannot be exported") as caught:
        export(trained, to, output=tmp_path / "out.onnx")
    assert caught.value.hint == "Serve it instead: headstart serve MODEL"
    assert not list(tmp_path.iterdir())


def test_the_card_names_it(trained, tunes):
    card = (tunes.parent / "model" / "README.md").read_text()
    assert "tunes as lists of notes" in card
    assert "tune.notes" in card


def test_it_is_served_and_decoded_in_a_process_of_its_own(trained, tunes):
    files = sorted(tunes.rglob("*.notes"))[::8]
    server = Server([tunes.parent / "model"], env={"PYTHONPATH": with_toy()})
    try:
        answer = server.predict("model", [*(file.read_bytes() for file in files), b"no tune"])
        with server.client() as client:
            page = client.get("/docs").text
    finally:
        assert server.stop() == 0
    *told, bad = answer.json()["predictions"]
    want = trained.predict(files)
    assert [one["label"] for one in told] == [one.label for one in want]
    assert [one["probability"] for one in told] == pytest.approx([one.probability for one in want], abs=1e-6)
    assert bad["error"] == "It is not a list of notes (.notes); save it as one."
    assert bad["code"] == "not_a_tune"
    assert "Tells 2 classes of tunes apart" in page
    assert "-F files=@tune.notes" in page


def test_the_estimator_takes_it(tunes):
    from headstart.sklearn import TransferClassifier

    names = [str(name) for name in sorted(tunes.rglob("*.notes"))]
    labels = [Path(name).parent.name for name in names]
    fitted = TransferClassifier(modality="tune").fit(names, labels)
    assert fitted.score(names, labels) > 0.8


def test_the_command_line_finds_it_by_its_entry_point(tunes, tmp_path):
    environment = os.environ | {"PYTHONPATH": with_toy()}
    command = [sys.executable, "-m", "headstart", "train", str(tunes), "-o", str(tmp_path / "m"), "--json"]
    made = subprocess.run(command, capture_output=True, env=environment, timeout=120, check=False)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["modality"] == "tune"
    assert "40 tunes" in (tmp_path / "m" / "report.html").read_text()


def test_a_model_of_a_kind_that_is_not_here_is_refused(trained, tunes):
    code = (
        "import sys, headstart\n"
        f"try: headstart.load_model({str(tunes.parent / 'model')!r})\n"
        "except headstart.HeadstartError as error: print(error, error.hint)\n"
    )
    paths = [path for path in sys.path if path and path != str(TOY)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment, timeout=120, text=True, check=True
    )
    assert "modality must be image, text or audio, found 'tune'" in made.stdout
    assert "Or install the package that brings this kind of data." in made.stdout


def test_a_kind_is_there_only_as_long_as_it_was_asked_for(tune):
    from dataclasses import replace

    with with_kind(replace(tune, name="song")):
        assert kind_of("song").words.many == "tunes"
    with pytest.raises(ParameterError, match="no kind of data called 'song'"):
        kind_of("song")


def test_predicting_with_a_kind_of_ours_looks_for_no_packages(tmp_path):
    (tmp_path / "a.txt").write_text("a good film\n")
    bundle = Path(__file__).parents[1] / "golden" / "v1-text" / "bundle"
    code = (
        "import sys, headstart\n"
        "from headstart.workflows import predict\n"
        f"model = headstart.load_model({str(bundle)!r})\n"
        f"assert not predict(model, [{str(tmp_path / 'a.txt')!r}])[0].error\n"
        "from headstart import kinds\n"
        "print(kinds._table)\n"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=120, text=True, check=True
    )
    assert made.stdout == "None\n"
