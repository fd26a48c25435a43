"""The gentle way as a person goes it: chosen, watched, interrupted, cancelled, and told what came of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from app_process import PATIENCE, RunningApp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]

CLASSES = ("graphics", "database", "mail")


@pytest.fixture
def project(fresh_app: RunningApp, data_root: Path) -> tuple[Page, str]:
    """Real texts, 15 in each of three classes: few enough to be tuned in some seconds."""
    page = fresh_app.open(width=1280)
    api = fresh_app.api(page)
    made = api.project("Sections", "text")
    with (data_root / "text" / "package_section.csv").open(encoding="utf-8", newline="") as file:
        rows = [tuple(row.values())[:2] for row in csv.DictReader(file)]
    for name in CLASSES:
        owner = api.post(f"/projects/{made}/classes", {"name": name})["id"]
        lines = "\n".join([" ".join(text.split()) for text, label in rows if label == name][:15])
        api.post(f"/projects/{made}/texts", {"class_id": owner, "text": lines, "split": "lines"})
    page.goto(f"{fresh_app.url}/projects/{made}/train")
    return page, made


def begin(page: Page) -> None:
    """Choose the gentle way and press the button, and wait until it is being tuned."""
    expect(page.locator("#takes")).to_have_text("Usually under a minute, on this computer.")
    page.locator("#ways summary").click()
    page.get_by_role("radio", name="gentle").check()
    expect(page.locator("#lead")).to_contain_text("lets that adjust a little")
    expect(page.locator("#takes")).to_contain_text("Takes minutes")
    page.get_by_role("button", name="Train the model").click()
    expect(page.locator(".stages .now")).to_contain_text("Round ", timeout=PATIENCE)


def quiet(page: Page) -> None:
    assert [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]] == []


def test_it_is_told_as_it_goes_outlives_its_process_and_is_compared(
    fresh_app: RunningApp, project: tuple[Page, str]
):
    page, made = project
    begin(page)
    figures = page.locator(".figures")
    expect(figures).to_contain_text("Right before adjusting")
    expect(page.locator("#time-left")).to_contain_text("left", timeout=PATIENCE)
    expect(figures.locator("dd").nth(1)).to_contain_text("of 100", timeout=PATIENCE)
    expect(figures.locator("dd").nth(2)).not_to_have_text("…")
    expect(page.locator(".stages .done")).to_have_count(3)
    quiet(page)
    fresh_app.kill_worker()
    expect(page.get_by_text("It was interrupted, and goes on")).to_be_visible(timeout=PATIENCE)
    page.reload()
    expect(page.get_by_role("heading", name="Your model is ready")).to_be_visible(timeout=PATIENCE)
    told = fresh_app.api(page).get(f"/projects/{made}/model")["gentle"]
    card = page.locator("#gentle")
    expect(card).to_contain_text("Gentle fine-tuning was")
    expect(card).to_contain_text("kept")
    shown = card.locator("dd").all_inner_texts()
    assert len(shown) == (1 if told["code"] == "nothing" else 2)
    assert shown[0].strip() == f"{round(100 * told['frozen'], 1):g} of 100"
    expect(card).to_contain_text("both learned from 80 of 100 examples")
    quiet(page)


def test_it_is_cancelled_in_the_middle_and_begun_again(fresh_app: RunningApp, project: tuple[Page, str]):
    page, made = project
    begin(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped. Nothing was changed.")).to_be_visible(timeout=PATIENCE)
    assert fresh_app.api(page).get(f"/projects/{made}")["model"] is None
    page.get_by_role("button", name="Train the model").click()
    expect(page.get_by_role("heading", name="Your model is ready")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#gentle")).to_have_count(0)
    assert not (fresh_app.workspace / "Sections" / "model.run").exists()
