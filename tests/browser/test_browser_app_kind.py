"""A kind of data that another package brings, in the app: every screen shows it by what its record says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from app_process import RunningApp, check_and_train, choose_folder, new_project
from playwright.sync_api import Browser, expect

TOY = Path(__file__).parents[1] / "contract" / "toy"
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
pytestmark = [pytest.mark.browser]


@pytest.fixture
def tunes(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for name, scale in SCALES.items():
        folder = tmp_path / "moods" / name
        folder.mkdir(parents=True)
        for number in range(12):
            lines = [f"{60 + pitch} 1" for pitch in random.choice(scale, 16)]
            (folder / f"{number}.notes").write_text("\n".join(["notes 1", *lines]))
    return tmp_path / "moods"


@pytest.fixture
def toy_app(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningApp]:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TOY), os.environ.get("PYTHONPATH", "")]))
    (tmp_path / "cache").mkdir()
    app = RunningApp(browser, tmp_path / "ws", tmp_path / "cache")
    app.start()
    yield app
    app.stop()


def test_a_project_of_tunes_from_its_first_file_to_an_answer(toy_app: RunningApp, tunes: Path) -> None:
    page = toy_app.open(width=1280)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    expect(page.locator("[data-kind=tune]")).to_contain_text("Tunes")
    new_project(page, "tune", "Moods")
    expect(page.locator("#drop")).to_contain_text("Drop your tunes here")
    assert page.locator("#pick-files").get_attribute("accept") == ".notes"
    choose_folder(page, tunes)
    expect(page.locator("main")).to_contain_text("24 tunes")
    check_and_train(page)
    expect(page.locator("main")).to_contain_text("Of 100 new tunes like these, expect")
    page.goto(page.url.replace("/train", "/try"))
    page.locator("#pick-files").set_input_files(tunes / "major" / "0.notes")
    expect(page.locator("#answer")).to_contain_text("major")
    expect(page.locator("#input")).to_contain_text("0.notes")
    expect(page.locator("#why, #live, audio")).to_have_count(0)
    assert faults == []
