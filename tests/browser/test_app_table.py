"""A project of a table: brought, understood, trained, used; in a real browser on real words."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from app_process import PATIENCE, RunningApp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture
def parcels(data_root: Path, tmp_path: Path) -> Path:
    """Write real descriptions of programs with a size and a date that depend on their section."""
    with (data_root / "text" / "package_section.csv").open(encoding="utf-8") as file:
        every = list(csv.DictReader(file))
    rows = [row for name in ("games", "science") for row in [r for r in every if r["label"] == name][:60]]
    chance = random.Random(0)
    path = tmp_path / "parcels.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "description", "size", "kept", "section"])
        for number, row in enumerate(rows):
            size = chance.gauss(80 if row["label"] == "games" else 20, 15)
            writer.writerow([number, row["text"], f"{size:.1f}", chance.choice(["yes", "no"]), row["label"]])
    return path


def make_project(page: Page, name: str) -> None:
    page.locator("[data-kind=table]").click()
    page.locator("#new-name").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/table")
    expect(page.locator("#drop")).to_be_visible()  # drawn by the script that takes the file


def test_a_table_is_understood_trained_and_used(
    app: RunningApp, screen: Callable, parcels: Path, tmp_path: Path
):
    page = screen()
    make_project(page, "Parcels")
    page.set_input_files("#pick-table", parcels)
    expect(page.get_by_text("'kept', 'section' all look like classes")).to_be_visible(timeout=PATIENCE)
    page.select_option("#label-column", "section")
    expect(page.get_by_text("Learned: which of 2 classes a row is of: games, science")).to_be_visible()
    expect(page.get_by_label("What size is")).to_have_value("number")
    expect(page.get_by_label("What description is")).to_have_value("text")
    page.get_by_label("What kept is").select_option("ignore")
    expect(page.get_by_label("What kept is")).to_have_value("ignore")
    assert not Axe().run(page).response["violations"]
    page.locator("#next").click()
    page.wait_for_url("**/trained")
    page.locator("#begin").click()
    expect(page.locator("#done")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="What each column adds")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    page.locator("#next").click()
    page.wait_for_url("**/use")
    page.get_by_label("description").fill("arcade game with tanks")
    page.get_by_label("size").fill("85")
    page.locator("#ask").click()
    expect(page.locator("#answer-label")).to_be_visible(timeout=PATIENCE)
    assert not Axe().run(page).response["violations"]
    new = tmp_path / "new.csv"
    new.write_text("description,size,kept\nchess with friends,90,yes\nstatistics of molecules,12,no\n")
    with page.expect_download() as download:
        page.set_input_files("#pick-table", new)
    with Path(download.value.path()).open() as file:
        assert [row["label"] for row in csv.DictReader(file)] == ["games", "science"]
    page.goto(f"{app.url}/")
    expect(page.get_by_text("parcels.csv")).to_be_visible()


def test_a_table_that_cannot_be_learned_says_why(app: RunningApp, screen: Callable, tmp_path: Path):
    page = screen()
    make_project(page, "Codes")
    path = tmp_path / "codes.csv"
    path.write_text("code,word\n" + "".join(f"id-{n},thing {n}\n" for n in range(40)))
    page.set_input_files("#pick-table", path)
    expect(page.get_by_role("alert")).to_be_visible(timeout=PATIENCE)
    page.set_input_files(
        "#pick-table", {"name": "note.docx", "mimeType": "text/plain", "buffer": b"no table"}
    )
    expect(page.get_by_text("is no table")).to_be_visible(timeout=PATIENCE)
    app.complaints[:] = [said for said in app.complaints if "422" not in said]
