"""Training as a person sees it: told as it happens, cancelled, and outliving the page and the app."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from app_process import PATIENCE, RunningApp, some
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]


def begin(app: RunningApp, page: Page, folder: Path, name: str) -> str:
    """Start to train a project that takes a while, for none of it was ever embedded."""
    made = app.api(page).project(name, "image", folder)
    page.goto(f"{app.url}/projects/{made}/train")
    page.get_by_role("button", name="Train the model").click()
    expect(page.locator("#job-view")).to_be_visible()
    return made


@pytest.fixture
def digits(data_root: Path, tmp_path: Path) -> Path:
    return some(data_root / "image" / "handwritten_digits", tmp_path / "digits", 12, ("3", "5", "8"))


def test_reloading_in_the_middle_of_training_finds_it_going_on(
    app: RunningApp, screen: Callable, digits: Path
):
    page = screen()
    begin(app, page, digits, "Digits")
    ring = page.get_by_role("progressbar", name="Training your model")
    expect(ring).to_be_visible()
    page.reload()
    expect(
        page.locator("#job-view").or_(page.get_by_role("heading", name="Your model is ready"))
    ).to_be_visible()
    expect(page.get_by_role("heading", name="Your model is ready")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".expect .big-number")).to_contain_text("to")


def test_cancelling_leaves_nothing_and_can_be_begun_again(
    app: RunningApp, screen: Callable, data_root: Path, tmp_path: Path
):
    page = screen()
    many = some(data_root / "image" / "handwritten_digits", tmp_path / "many", 25, ("1", "2", "4", "7"))
    made = begin(app, page, many, "Cancelled")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped. Nothing was changed.")).to_be_visible(timeout=PATIENCE)
    assert app.api(page).get(f"/projects/{made}")["model"] is None
    expect(page.get_by_role("button", name="Train the model")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_progress_is_asked_for_where_it_cannot_be_told(app: RunningApp, screen: Callable, digits: Path):
    page = screen()
    page.route("**/events", lambda route: route.abort())
    made = app.api(page).project("Polled", "image", digits)
    page.goto(f"{app.url}/projects/{made}/train")
    page.get_by_role("button", name="Train the model").click()
    expect(page.get_by_role("heading", name="Your model is ready")).to_be_visible(timeout=PATIENCE)
    app.complaints[:] = [one for one in app.complaints if "/events" not in one]


def test_a_killed_app_goes_on_with_training_when_it_is_opened_again(
    fresh_app: RunningApp, data_root: Path, tmp_path: Path
):
    own = fresh_app
    page = own.open()
    some(data_root / "image" / "handwritten_digits", tmp_path / "all", 90, ("0", "6", "9"))
    begin(own, page, tmp_path / "all", "Killed")
    port = int(own.url.rsplit(":", 1)[1])
    own.stop(signal.SIGKILL)
    expect(page.get_by_text("The app does not answer.")).to_be_visible()
    own.start(port)
    expect(page.get_by_role("heading", name="Your model is ready")).to_be_visible(timeout=PATIENCE)
    own.complaints.clear()  # the browser tells that nobody answered for a while
