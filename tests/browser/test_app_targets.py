"""Projects of a number and of tags: understood, trained and used; in a real browser on real photos."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from app_process import PATIENCE, RunningApp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]

EACH = 6


@pytest.fixture
def digits(data_root: Path) -> list[Path]:
    """A few real photos of each handwritten digit."""
    folders = sorted((data_root / "image" / "handwritten_digits").iterdir())
    return [path for folder in folders for path in sorted(folder.iterdir())[:EACH]]


@pytest.fixture
def ink(digits: list[Path], tmp_path: Path) -> Path:
    """A table of photos and how bright each is, packed with the photos; one number has lost its point."""
    path = tmp_path / "ink.zip"
    lines = ["photo,brightness"]
    with zipfile.ZipFile(path, "w") as archive:
        for number, photo in enumerate(digits):
            bright = float(np.asarray(Image.open(photo).convert("L")).mean())
            archive.write(photo, f"photos/{number}.png")
            lines.append(f"photos/{number}.png,{bright if number != 9 else 10 * bright:.2f}")
        archive.writestr("ink.csv", "\n".join([*lines, ""]))
    return path


@pytest.fixture
def folders(digits: list[Path], tmp_path: Path) -> Path:
    """A folder for each tag; a photo lies in every folder of which it has the tag."""
    path = tmp_path / "tags.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, photo in enumerate(digits):
            digit = int(photo.parent.name)
            for tag, has in (("even", digit % 2 == 0), ("round", digit in (0, 6, 8, 9)), ("odd", digit % 2)):
                if has:
                    archive.write(photo, f"{tag}/{number}.png")
    return path


def bring(page: Page, name: str, file: Path) -> None:
    page.locator("[data-kind=table]").click()
    page.locator("#new-name").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/table")
    expect(page.locator("#drop")).to_be_visible()
    page.set_input_files("#pick-table", file)


def train(page: Page) -> None:
    page.locator("#next").click()
    page.wait_for_url("**/trained")
    page.locator("#begin").click()
    expect(page.locator("#done")).to_be_visible(timeout=PATIENCE)


def ask(page: Page, photo: Path) -> str:
    page.locator("#next").click()
    page.wait_for_url("**/use")
    page.get_by_label("photo").set_input_files(photo)
    page.locator("#ask").click()
    answer = page.locator("#answer-label")
    expect(answer).to_be_visible(timeout=PATIENCE)
    return answer.inner_text()


def test_a_number_is_found_trained_judged_and_used(
    app: RunningApp, screen: Callable, ink: Path, digits: list[Path]
) -> None:
    page = screen()
    bring(page, "Ink", ink)
    expect(page.get_by_text("Learned: A number: brightness")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("A number is learned: there are")).to_be_visible()
    train(page)
    expect(page.get_by_text(re.compile("always saying the median would be"))).to_be_visible()
    expect(page.get_by_role("heading", name="Numbers that may be wrong")).to_be_visible()
    page.locator("#suspects ~ ul button").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img")).to_be_visible()
    expect(dialog.get_by_text("photos/9.png").first).to_be_visible()
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    page.locator(".opens .dot").nth(3).dispatch_event("click")
    expect(dialog.get_by_role("img")).to_be_visible()
    page.keyboard.press("Escape")
    assert not Axe().run(page).response["violations"]
    number = float(ask(page, digits[0]).replace(",", ""))
    assert 100 < number < 255
    expect(page.get_by_text(re.compile("The right number lies between .* times of 100"))).to_be_visible()
    assert not Axe().run(page).response["violations"]


def test_tags_are_found_in_folders_trained_and_used(
    app: RunningApp, screen: Callable, folders: Path, digits: list[Path]
) -> None:
    page = screen(width=360)
    bring(page, "Tags", folders)
    expect(page.locator("#target")).to_be_visible(timeout=PATIENCE)
    page.select_option("#target", "tags")
    expect(page.get_by_text("Learned: which of 3 tags a row has: even, odd, round")).to_be_visible()
    train(page)
    table = page.locator("table").first
    for head in ("% right", "% found", "average precision", "said from"):
        expect(table.get_by_role("columnheader", name=head)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert not Axe().run(page).response["violations"]
    ask(page, digits[0])
    expect(page.locator("#answer li")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
