"""From a pile without classes to a model, by keys alone; in a real browser on real photos."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from app_process import PATIENCE, RunningApp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture
def pile(data_root: Path, tmp_path: Path) -> list[Path]:
    """Real photos of two kinds in one folder, called for what they show."""
    folder = tmp_path / "pile"
    folder.mkdir()
    for name in ("coin", "flower"):
        for number, path in enumerate(sorted((data_root / "image" / "stamp_photos" / name).iterdir())[:20]):
            shutil.copy(path, folder / f"{name}-{number}{path.suffix}")
    return sorted(folder.iterdir())


def shown(page: Page) -> str:
    """The name of the photo that is shown."""
    return page.locator(".sort-view figcaption bdi").inner_text()


def new_class(page: Page, name: str) -> None:
    page.keyboard.press("n")
    page.locator("#class-name").fill(name)
    page.keyboard.press("Enter")


def sort_one(page: Page) -> None:
    name = shown(page)
    page.keyboard.press({"coin": "1", "flower": "2"}[name.split("-")[0]])
    page.wait_for_function("name => document.querySelector('.sort-view bdi')?.textContent !== name", arg=name)


def test_a_pile_becomes_a_model_by_keys_alone(app: RunningApp, screen: Callable, pile: list[Path]):
    page = screen()
    page.locator("[data-kind=image]").click()
    page.locator("#new-name").fill("Pile")
    page.keyboard.press("Enter")
    page.wait_for_url("**/examples")
    page.set_input_files("#pick-files", pile)
    expect(page.get_by_text("40 photos are not sorted yet")).to_be_visible(timeout=PATIENCE)
    assert not Axe().run(page).response["violations"]
    page.locator("#sort-them").click()
    page.wait_for_url("**/sort")
    expect(page.locator("#sort-left")).to_have_text("40 photos left to sort.")
    expect(page.get_by_text("It stands for many others.")).to_be_visible(timeout=PATIENCE)

    first = shown(page).split("-")[0]
    new_class(page, first)
    expect(page.locator("#sort-left")).to_contain_text("39 photos")
    while shown(page).startswith(first):
        page.keyboard.press("ArrowRight")
    new_class(page, "coin" if first == "flower" else "flower")
    expect(page.locator("#sort-left")).to_contain_text("38 photos")
    for _ in range(10):
        sort_one(page)
    page.locator("[data-many]").first.wait_for(timeout=PATIENCE)  # it has looked again
    assert not Axe().run(page).response["violations"]

    left = page.locator("#sort-left").inner_text()
    sort_one(page)
    page.keyboard.press("Control+z")
    expect(page.locator("#sort-left")).to_have_text(left)

    page.locator("[data-many]").first.click()
    assert not Axe().run(page).response["violations"]
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("photos sorted")).to_be_visible()
    while page.locator("#sort-done").count() == 0:
        if page.locator("[data-many]").count():
            before = page.locator("#sort-left").inner_text()
            page.locator("[data-many]").first.click()
            page.get_by_role("button", name="Confirm").click()
            expect(page.locator("#sort-left")).not_to_have_text(before)
        else:
            left = page.locator("#sort-left").inner_text()
            name = shown(page)
            page.keyboard.press({"coin": "1", "flower": "2"}[name.split("-")[0]])
            expect(page.locator("#sort-left")).not_to_have_text(left)
    expect(page.locator("#sort-done")).to_have_text("All sorted")
    page.locator("#next").click()
    page.wait_for_url("**/check")
