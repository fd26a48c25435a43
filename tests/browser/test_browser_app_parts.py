"""A project that checks parts: good photos in, a promise out, and where defects are; in a real browser."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from app_process import PATIENCE, PROGRAM, RunningApp, environment
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from parts import write_parts

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture
def parts(data_root: Path, tmp_path: Path) -> Path:
    """Photos of one real part, taken again and again: 24 good ones, 6 with a scratch."""
    return write_parts(tmp_path / "parts", data_root, good=24, scratches=6)


def choose(page: Page, name: str, what: Path | list[Path]) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=name, exact=True).click()
    with page.expect_response(lambda r: "/examples?batch=" in r.url, timeout=PATIENCE):
        chooser.value.set_files(what)
    expect(page.locator("#upload")).to_be_hidden(timeout=PATIENCE)


def start_project(page: Page, name: str) -> str:
    page.locator("[data-kind=parts]").click()
    page.locator("#new-name").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/examples")
    expect(page.locator("#drop-defects .button").first).to_be_visible()
    return page.url.split("/")[-2]


def is_clean(page: Page) -> bool:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    return not Axe().run(page).response["violations"]


def test_good_parts_give_a_promise_and_defects_are_shown(fresh_app: RunningApp, parts: Path, tmp_path: Path):
    page = fresh_app.open()
    project = start_project(page, "Boards")
    expect(page.locator("#next")).not_to_have_attribute("href", re.compile(".+"))
    choose(page, "Choose a folder", parts / "good")
    choose(page, "Choose a folder of defects", parts / "scratch")
    expect(page.locator("#next-why")).to_have_text("24 photos of good parts, 6 of known defects.")
    assert is_clean(page)
    page.locator("#next").click()
    page.wait_for_url("**/detector")
    page.locator("#begin").click()
    expect(page.locator("#promise")).to_have_text(
        re.compile(r"Of 100 good parts about \d+ will be flagged \(\d+ to \d+\)"), timeout=PATIENCE
    )
    expect(page.locator("#caught")).to_contain_text("of 6 known defects are caught")
    expect(page.get_by_role("heading", name="Good photos least like the rest")).to_be_visible()
    assert is_clean(page)

    before = page.locator("#promise").inner_text()
    page.locator("#strict").press("End")
    page.get_by_role("button", name="Keep this setting").click()
    expect(page.get_by_text("Kept in the model")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#promise")).not_to_have_text(before)
    kept = page.locator("#promise").inner_text()
    described = subprocess.run(
        [PROGRAM, "bundle", "info", str(next(fresh_app.workspace.glob("*/model")))],
        capture_output=True, text=True, env=environment(fresh_app.cache), check=True,
    ).stdout  # fmt: skip
    assert f"about {re.search('about ([0-9.]+)', kept)[1]} will be called defective" in described
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#promise")).to_have_text(before)

    page.close()
    fresh_app.stop(signal.SIGKILL)
    fresh_app.start(int(fresh_app.url.rsplit(":", 1)[1]))
    page = fresh_app.open(f"/projects/{project}/inspect")
    strange = tmp_path / "none.png"
    strange.write_bytes(b"no picture")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    good, bad = sorted((parts / "good").iterdir())[:3], sorted((parts / "scratch").iterdir())[:2]
    chooser.value.set_files([*good, *bad, strange])
    expect(page.locator(".part")).to_have_count(6, timeout=PATIENCE)
    expect(page.locator(".part[data-answer=defect] svg rect").first).to_be_visible()
    expect(page.locator("#sum")).to_contain_text("1 not read")
    fresh_app.complaints[:] = [said for said in fresh_app.complaints if "422" not in said]
    assert is_clean(page)
    report = page.get_by_role("link", name="The report").get_attribute("href")
    assert page.request.get(f"{fresh_app.url}{report}").ok
    page.set_viewport_size({"width": 360, "height": 740})
    assert is_clean(page)


def test_few_good_parts_promise_nothing_and_say_so(app: RunningApp, screen: Callable, parts: Path):
    page = screen()
    start_project(page, "Few")
    choose(page, "Choose files", sorted((parts / "good").iterdir())[:8])
    expect(page.locator("#next-why")).to_contain_text(
        "8 photos of good parts. Below 20 nothing can be promised"
    )
    page.locator("#next").click()
    page.wait_for_url("**/detector")
    page.locator("#begin").click()
    expect(page.locator("#promise")).to_contain_text(
        "With 8 good photos nothing can be promised", timeout=PATIENCE
    )
    expect(page.locator("#caught")).to_contain_text("cannot be said without photos of defective parts")
    expect(page.locator("#strict")).to_have_count(0)
