"""The command line as a person or a program meets it, in real processes."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from program import PROGRAM, run

import headstart as hs

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


BASE = "efficientnet_lite0"  # one base is enough here; the README's commands run with all of them
TRAIN_KEYS = set(
    "modality base method classes used problems accuracy balanced_accuracy log_loss ece per_class guessing"
    " seconds embedded from_cache model".split()
)


def test_train_json_has_every_promised_key_and_nothing_else_on_stdout(
    photos: Path, tmp_path: Path, bases_cache: Path
):
    (photos / "bird" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    (photos / "bird" / ".DS_Store").write_bytes(b"\0" * 8)
    report = json.loads(run("train", photos, "-o", tmp_path / "m", "--base", BASE, "--json").stdout)
    assert set(report) >= TRAIN_KEYS
    assert report["modality"] == "image"
    assert report["method"] == "frozen"
    assert report["classes"] == {"bird": 20, "coin": 20, "flower": 20}
    assert report["used"] == 60
    assert [Path(p["source"]).name for p in report["problems"]] == ["broken.jpg"]
    assert set(report["accuracy"]) == {"estimate", "low", "high", "level", "how"}
    assert report["accuracy"]["low"] <= report["accuracy"]["estimate"] <= report["accuracy"]["high"]
    assert set(report["seconds"]) >= {"read", "embed", "fit", "total"}
    assert set(report["per_class"]["coin"]) == {"recall", "low", "high", "n"}
    assert report["guessing"] == pytest.approx(1 / 3)
    assert report["embedded"] > 0
    assert report["from_cache"] == 0
    assert Path(report["model"]) == tmp_path / "m"
    assert (tmp_path / "m" / "manifest.json").is_file()

    again = json.loads(run("train", photos, "-o", tmp_path / "m2", "--base", BASE, "--json").stdout)
    assert again["embedded"] == 0
    assert again["from_cache"] == report["embedded"]
    assert again["accuracy"] == report["accuracy"]


def test_predict_answers_for_each_file_in_order_and_goes_on_past_bad_ones(
    photos: Path, tmp_path: Path, bases_cache: Path, data_root: Path
):
    run("train", photos, "-o", tmp_path / "m", "--base", BASE, "--json")
    unseen = sorted((data_root / "image" / "stamp_photos" / "bird").iterdir())[25:28]
    bad = tmp_path / "page.jpg"
    bad.write_text("<html><body>not found</body></html>")
    table = tmp_path / "out.csv"
    done = run("predict", tmp_path / "m", *unseen, bad, "--json", "--csv", table, "--top", 2)
    answers = json.loads(done.stdout)
    assert [Path(a["source"]).name for a in answers] == [p.name for p in [*unseen, bad]]
    for answer in answers[:3]:
        assert set(answer) == {"source", "label", "probability", "top"}
        assert len(answer["top"]) == 2
        assert answer["top"][0] == [answer["label"], answer["probability"]]
    assert set(answers[3]) == {"source", "error"}
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows[:3]] == [a["label"] for a in answers[:3]]
    assert rows[3]["error"]

    model = hs.load_model(tmp_path / "m")
    assert [p.to_dict()["probability"] for p in model.predict(unseen)] == [
        a["probability"] for a in answers[:3]
    ]


def test_evaluate_leaves_out_what_the_model_was_trained_on(
    photos: Path, tmp_path: Path, bases_cache: Path, data_root: Path
):
    run("train", photos, "-o", tmp_path / "m", "--base", BASE, "--json")
    more = tmp_path / "more"
    for kind in ("bird", "coin", "flower"):
        (more / kind).mkdir(parents=True)
        for photo in sorted((data_root / "image" / "stamp_photos" / kind).iterdir())[18:24]:
            shutil.copy2(photo, more / kind)
    report = json.loads(run("evaluate", tmp_path / "m", more, "--json").stdout)
    assert report["seen_in_training"] == 6
    assert report["used"] == 12
    only_seen = run("evaluate", tmp_path / "m", photos, code=2)
    assert "trained on" in only_seen.stderr


def test_texts_from_a_table_and_from_the_command_line(tmp_path: Path, bases_cache: Path, data_root: Path):
    news = data_root / "text" / "news_topic.csv"
    columns = ("--input-column", "text", "--label-column", "label")
    run("train", news, "-o", tmp_path / "news", *columns, "--base", "wordllama_256", "--json")
    text = "The striker scored twice as the home side won the cup final"
    answers = json.loads(run("predict", tmp_path / "news", text, "--json").stdout)
    assert answers[0]["label"] == "sports"
    lines = json.loads(run("predict", tmp_path / "news", "-", "--json", stdin=f"{text}\n\n{text}\n").stdout)
    assert [a["label"] for a in lines] == ["sports", "sports"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train", "{tmp}/nowhere", "-o", "{tmp}/m"), "nowhere"),
        (("train", "{tmp}", "-o", "{tmp}/m"), "Expected photos, texts or sounds"),
        (("train", "{photos}", "-o", "{tmp}/m", "--base", "efficientnet_lite9"), "efficientnet_lite"),
        (("train", "{photos}", "-o", "{tmp}/m", "--method", "magic"), "frozen"),
        (("train", "{photos}", "-o", "{photos}"), "photos"),
        (("train", "{photos}", "-o", "{tmp}/m", "--base", "minilm_l6"), "text"),
        (("predict", "{tmp}/nowhere", "a.jpg"), "nowhere"),
        (("predict", "{photos}", "a.jpg"), "photos"),
        (("bases", "show", "minilm"), "minilm_l6"),
        (("explain", "embeddin"), "embedding"),
    ],
)  # fmt: skip
def test_mistakes_exit_with_2_and_name_the_cause_and_the_mend(
    arguments: tuple[str, ...], says: str, photos: Path, tmp_path: Path, bases_cache: Path
):
    (tmp_path / "empty").mkdir()
    filled = [
        a.format(tmp=tmp_path / "empty" if a == "{tmp}" else tmp_path, photos=photos) for a in arguments
    ]
    done = run(*filled, code=2)
    assert done.stderr.startswith("Error: ")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) >= 2, "an error without a next step"
    assert not (tmp_path / "m").exists()


def test_ctrl_c_stops_at_once_and_leaves_nothing_half_done(photos: Path, tmp_path: Path, bases_cache: Path):
    from PIL import Image

    large = Image.effect_noise((3000, 3000), 60).convert("RGB")
    for number in range(60):
        large.putpixel((number, 0), (number, 1, 2))
        large.save(photos / "bird" / f"large{number}.jpg", quality=70)
    process = subprocess.Popen(
        [PROGRAM, "train", photos, "-o", tmp_path / "m", "--base", BASE], stderr=subprocess.PIPE, text=True
    )
    kept = bases_cache / "embeddings.sqlite"
    until = time.monotonic() + 120
    while not kept.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)  # embedding begins when the file appears
    assert process.poll() is None, "finished before it could be interrupted: make it longer"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped" in errors
    assert "Traceback" not in errors
    assert not [p for p in tmp_path.iterdir() if p.name not in {"photos", "headstart-cache"}]
    run("train", photos, "-o", tmp_path / "m", "--base", BASE, "--json")


def test_cache_info_and_clear(photos: Path, tmp_path: Path, bases_cache: Path):
    run("train", photos, "-o", tmp_path / "m", "--base", BASE, "--json")
    info = json.loads(run("cache", "info", "--json").stdout)
    assert info["embeddings"] >= 60
    run("cache", "clear")
    assert json.loads(run("cache", "info", "--json").stdout)["embeddings"] == 0


def test_bases_lists_what_is_here_first_and_removes(tmp_path: Path, bases_cache: Path):
    listed = json.loads(run("bases", "--json").stdout)
    for modality in ("image", "text", "audio"):
        here = [base["installed"] for base in listed if base["modality"] == modality]
        assert here == sorted(here, reverse=True)
    assert {base["modality"] for base in listed if base["installed"]} == {"image", "text", "audio"}
    shown = run("bases", "show", "yamnet").stdout
    assert "licence" in shown


def test_the_terminal_speaks_the_language_that_was_asked_for(tmp_path: Path):
    german = run("--language", "de", "explain", "recall").stdout
    assert german.startswith("Von den Beispielen, die wirklich zu einer Klasse gehören")
    assert run("--language", "de", "explain", "Trefferquote").stdout == german
    assert run("explain", "recall").stdout.startswith("Of the examples that really are of a class")
    refused = run("--language", "xx", "explain", "recall", code=2).stderr
    assert "--language must be a language there is, got 'xx'." in refused


def test_errors_and_help_are_told_in_the_language(tmp_path: Path):
    refused = run("--language", "de", "train", tmp_path / "nothing", "-o", tmp_path / "m", code=2).stderr
    assert f"Fehler: Es gibt keine Datei und keinen Ordner {tmp_path / 'nothing'}." in refused
    assert "Die Schreibweise prüfen; der Pfad beginnt hier:" in refused
    wrong = run("--language", "de", "predict", "m", "x.jpg", "--top", "0", code=2).stderr
    assert wrong.startswith("Aufruf: headstart predict")
    assert "Fehler: Ungültiger Wert für '--top': 0 liegt nicht im Bereich x>=1." in wrong
    missing = run("--language", "de", "tran", code=2).stderr
    assert "Fehler: Es gibt keinen Befehl 'tran'. War 'train' gemeint?" in missing
    shown = run("--language", "de", "train", "--help").stdout
    assert "Ein Modell mit den eigenen Beispielen trainieren und ehrlich messen." in shown
    assert "[nötig]" in shown
    commands = run("--language", "de", "--help").stdout
    assert "Einen Begriff in einer Zeile erklären." in commands
    assert "Usage: headstart [OPTIONS] COMMAND [ARGS]..." in run("--help").stdout
