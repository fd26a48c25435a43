"""From an empty workspace to a model that one takes away: photos, texts and sounds."""

from __future__ import annotations

import csv
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from app_process import PROGRAM, RunningApp, check_and_train, choose_folder, environment, new_project, some
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]


def taken_away(page: Page, to: Path) -> Path:
    """Download the model from the last screen and unpack it."""
    page.get_by_role("link", name="Improve and take away").click()
    with page.expect_download() as download:
        page.locator("#take").get_by_role("link", name="The model").click()
    download.value.save_as(to / "model.zip")
    with zipfile.ZipFile(to / "model.zip") as archive:
        archive.extractall(to)
    (found,) = to.rglob("manifest.json")
    return found.parent


def command_line(model: Path, cache: Path, *inputs: object) -> list[dict]:
    """What the command line says with the same model."""
    done = subprocess.run(
        [PROGRAM, "predict", str(model), *map(str, inputs), "--json"],
        capture_output=True,
        text=True,
        env=environment(cache),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def same(one: dict, other: dict) -> None:
    assert one["label"] == other["label"]
    assert one["probability"] == pytest.approx(other["probability"], abs=1e-6)


def test_photos_from_an_empty_workspace_to_a_model_that_says_the_same(
    fresh_app: RunningApp, data_root: Path, tmp_path: Path
):
    kinds = ("bird", "coin", "flower")
    photos = some(data_root / "image" / "stamp_photos", tmp_path / "photos", 20, kinds)
    (photos / "bird" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    new = [sorted((data_root / "image" / "stamp_photos" / kind).iterdir())[-1] for kind in kinds]
    page = fresh_app.open()
    expect(page.get_by_role("heading", level=1)).to_have_text("Teach your computer to tell things apart")
    made = new_project(page, "image", "Stamps")
    choose_folder(page, photos)
    expect(page.locator(".class-card[data-class]")).to_have_count(3)
    expect(page.locator(".class-card", has_text="bird")).to_contain_text("20 photos")
    page.get_by_text("Could not be used", exact=True).click()
    expect(page.locator("#problems")).to_contain_text("broken.jpg")

    check_and_train(page)
    page.get_by_role("link", name="Try it").click()
    said = []
    for path in new:
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a photo").click()
        chooser.value.set_files(path)
        said.append(fresh_app.api(page).predict(made, path))
        expect(page.locator("#answer-label")).to_have_text(said[-1]["label"])
    assert [one["label"] for one in said] == list(kinds)
    expect(page.locator("#near li")).to_have_count(6)
    page.get_by_role("button", name="Where did it look?").click()
    expect(page.get_by_role("button", name="Hide")).to_be_visible()
    shaded = """e => {
        const { data } = e.getContext("2d").getImageData(0, 0, e.width, e.height);
        return new Set(data.filter((_, at) => at % 4 === 3)).size;
    }"""
    assert page.locator("#heat").evaluate(shaded) > 20

    model = taken_away(page, tmp_path / "away")
    for one, other in zip(said, command_line(model, fresh_app.cache, *new), strict=True):
        same(one, other)
    assert (fresh_app.workspace / "Stamps" / "examples" / "bird").is_dir()


def test_texts_from_a_table(app: RunningApp, screen: Callable, data_root: Path, tmp_path: Path):
    table = tmp_path / "sections.csv"
    with (data_root / "text" / "package_section.csv").open(newline="", encoding="utf-8") as source:
        rows = [row for row in csv.reader(source) if row[1] in ("label", "games", "science")]
    with table.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target).writerows(rows)
    page = screen()
    made = new_project(page, "text", "Sections")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(table)
    dialog = page.get_by_role("dialog", name="sections.csv")
    expect(dialog.get_by_label("Which column is the class?")).to_have_value("label")
    dialog.get_by_role("button", name="Take it in").click()
    expect(page.locator(".class-card[data-class]")).to_have_count(2)
    page.get_by_role("button", name="Write: games").click()
    page.get_by_label("Write or paste").fill("a duel of two knights\nrace of little cars")
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    expect(page.locator(".class-card", has_text="games")).to_contain_text("132 texts")

    check_and_train(page)
    page.get_by_role("link", name="Try it").click()
    text = "board game of chess for two players"
    page.get_by_label("Write something").fill(text)
    expect(page.locator("#answer-label")).to_contain_text("games")
    page.get_by_role("button", name="Which words count?").click()
    expect(page.locator(".weights")).to_contain_text("chess")
    (other,) = command_line(taken_away(page, tmp_path / "away"), app.cache, text)
    same(app.api(page).predict(made, text), other)


def test_sounds_with_a_microphone(app: RunningApp, screen: Callable, data_root: Path, tmp_path: Path):
    kinds = ("danish", "greek")
    clips = some(data_root / "audio" / "spoken_language", tmp_path / "clips", 24, kinds)
    page = screen()
    made = new_project(page, "audio", "Languages")
    choose_folder(page, clips)
    page.get_by_role("button", name="New class").click()
    page.get_by_label("Name of the class").fill("beeps")
    page.get_by_role("button", name="Add class").click()
    page.get_by_role("button", name="Record: beeps").click()
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_text("Listening: 6 s")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Stop").click()
    recorded = page.locator("#recordings li")
    assert recorded.count() in (6, 7)
    length = recorded.first.locator("audio").evaluate(
        "a => a.duration || new Promise(done => a.addEventListener('loadedmetadata', () => done(a.duration)))"
    )
    assert length == pytest.approx(1.0, abs=0.01)
    page.get_by_role("button", name="Drop recording 1").click()
    kept = recorded.count()
    page.locator("#keep-recordings").click()
    expect(page.locator(".class-card", has_text="beeps")).to_contain_text(f"{kept} sounds")

    check_and_train(page)
    page.get_by_role("link", name="Try it").click()
    page.get_by_role("button", name="Microphone").click()
    expect(page.locator("#answer-label")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Stop").click()
    clip = sorted((data_root / "audio" / "spoken_language" / "greek").iterdir())[-1]
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a sound").click()
    chooser.value.set_files(clip)
    expect(page.locator("#near audio")).to_have_count(6)
    (other,) = command_line(taken_away(page, tmp_path / "away"), app.cache, clip)
    same(app.api(page).predict(made, clip), other)
