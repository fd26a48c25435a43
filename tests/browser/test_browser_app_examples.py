"""The screen of the examples: adding, changing, taking back, and what cannot be used."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from app_process import RunningApp, some
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from headstart.app.locks import FileLock

pytestmark = [pytest.mark.browser, pytest.mark.realdata]

HOSTILE = "<img src=x onerror=window.harmed=1>"


@pytest.fixture
def stamps(data_root: Path, tmp_path: Path) -> Path:
    return some(data_root / "image" / "stamp_photos", tmp_path / "stamps", 4, ("bird", "coin"))


@pytest.fixture
def project(app: RunningApp, screen: Callable, stamps: Path) -> tuple[Page, str]:
    page = screen()
    made = app.api(page).project("Some stamps", "image", stamps)
    page.goto(f"{app.url}/projects/{made}/examples")
    return page, made


def card(page: Page, name: str):
    return page.locator(".class-card", has=page.get_by_role("button", name=name, exact=True))


def drop(page: Page, path: Path, onto: str) -> None:
    """Drop a file or folder from the file manager, as Chromium itself does it."""
    box = page.locator(onto).bounding_box()
    session = page.context.new_cdp_session(page)
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **where, "data": data})


def test_a_dropped_folder_of_folders_makes_the_classes(app: RunningApp, screen: Callable, stamps: Path):
    page = screen()
    made = app.api(page).project("Dropped", "image")
    page.goto(f"{app.url}/projects/{made}/examples")
    drop(page, stamps, "#drop")
    expect(page.locator(".class-card[data-class]")).to_have_count(2)
    expect(card(page, "bird")).to_contain_text("4 photos")
    drop(page, stamps / "coin", ".class-card:has-text('bird')")
    expect(card(page, "bird")).to_contain_text("8 photos")


def test_deleting_is_taken_back_by_the_toast_and_by_the_keyboard(project: tuple[Page, str]):
    page, _ = project
    card(page, "bird").get_by_role("button", name="bird", exact=True).click()
    page.locator(".tile").first.click()
    page.locator(".tile").nth(1).click()
    expect(page.get_by_text("2 picked").first).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#one-class h1")).to_have_text("bird · 2 photos")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(page.locator("#one-class h1")).to_have_text("bird · 4 photos")
    page.get_by_role("button", name="All classes").click()
    page.get_by_role("button", name="More for bird").click()
    page.get_by_role("menuitem", name="Delete class").click()
    expect(page.locator(".class-card[data-class]")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator(".class-card[data-class]")).to_have_count(2)
    expect(card(page, "bird")).to_contain_text("4 photos")


def test_classes_are_renamed_merged_and_moved_between(project: tuple[Page, str]):
    page, _ = project
    page.get_by_role("button", name="More for bird").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Name of the class").fill("bird of prey")
    page.get_by_role("button", name="Save").click()
    expect(card(page, "bird of prey")).to_be_visible()
    card(page, "coin").get_by_role("button", name="coin", exact=True).click()
    page.locator(".tile").first.click()
    page.get_by_role("button", name="Move…").click()
    page.get_by_role("button", name="Put them there").click()
    page.get_by_role("button", name="All classes").click()
    expect(card(page, "bird of prey")).to_contain_text("5 photos")
    page.get_by_role("button", name="More for coin").click()
    page.get_by_role("menuitem", name="Merge").click()
    page.get_by_role("button", name="Put together").click()
    expect(page.locator(".class-card[data-class]")).to_have_count(1)
    expect(card(page, "bird of prey")).to_contain_text("8 photos")


def test_what_is_picked_stays_picked_when_news_draw_the_tiles_anew(
    app: RunningApp, project: tuple[Page, str]
):
    page, made = project
    api = app.api(page)
    card(page, "bird").get_by_role("button", name="bird", exact=True).click()
    page.locator(".tile").first.click()
    page.locator(".tile").nth(2).click()
    picked = page.locator(".tile[aria-selected=true]")
    first, second = (one.get_attribute("data-id") for one in picked.all())
    page.get_by_role("button", name="Move…").focus()
    [bird] = [one["id"] for one in api.get(f"/projects/{made}/classes")["classes"] if one["name"] == "bird"]
    api.patch(f"/classes/{bird}", {"name": "birds"})
    expect(page.locator("#one-class h1")).to_have_text("birds · 4 photos")
    expect(picked).to_have_count(2)
    expect(page.get_by_role("button", name="Move…")).to_be_focused()
    api.post(f"/projects/{made}/examples/delete", {"ids": [first]})
    expect(page.locator("#one-class h1")).to_have_text("birds · 3 photos")
    expect(page.get_by_text("1 picked").first).to_be_visible()
    expect(picked).to_have_count(1)
    assert picked.get_attribute("data-id") == second


def test_a_bad_file_is_told_and_stops_nothing(project: tuple[Page, str], tmp_path: Path, stamps: Path):
    page, _ = project
    bad = tmp_path / "holiday.jpg"
    bad.write_bytes(b"this is no picture")
    good = sorted((stamps / "bird").iterdir())[0]
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Photos: coin").click()
    chooser.value.set_files([bad, good])
    expect(page.locator(".toast")).to_contain_text("Added 1 photo; 1 could not be used.")
    page.locator(".toast button").click()
    expect(page.locator("#problems")).to_contain_text("holiday.jpg")
    page.get_by_text("One thing under two names").click()
    page.get_by_role("button", name="It is bird").click()
    expect(page.get_by_text("One thing under two names")).to_have_count(0)
    expect(card(page, "coin")).to_contain_text("4 photos")


def test_a_burst_from_the_webcam(project: tuple[Page, str]):
    page, _ = project
    page.get_by_role("button", name="Webcam: coin").click()
    expect(page.locator("dialog video")).to_be_visible()
    expect(page.locator("dialog video")).not_to_have_js_property("videoWidth", 0)
    shoot = page.get_by_role("button", name="Hold to take photos")
    shoot.hover()
    page.mouse.down()
    told = page.locator("dialog [role=status]")
    expect(told).to_have_text(re.compile(r"^([4-9]|\d\d+) photos taken$"))
    page.mouse.up()
    page.wait_for_timeout(300)
    taken = int(told.inner_text().split()[0])
    page.locator("#keep-shots").click()
    expect(card(page, "coin")).to_contain_text(f"{4 + taken} photos")


def test_a_second_tab_sees_what_the_first_does(app: RunningApp, project: tuple[Page, str]):
    page, made = project
    other = app.open(f"/projects/{made}/examples", page.context)
    expect(other.locator(".class-card[data-class]")).to_have_count(2)
    page.bring_to_front()
    page.get_by_role("button", name="New class").click()
    page.get_by_label("Name of the class").fill("castle")
    page.get_by_role("button", name="Add class").click()
    expect(card(page, "castle")).to_be_visible()
    other.bring_to_front()
    expect(card(other, "castle")).to_be_visible()
    other.locator("#undo").click()
    expect(card(page, "castle")).to_have_count(0)


def test_hostile_names_are_shown_as_text(app: RunningApp, screen: Callable, stamps: Path):
    page = screen()
    api = app.api(page)
    made = api.post("/projects", {"name": HOSTILE, "modality": "image"})["id"]
    owner = api.post(f"/projects/{made}/classes", {"name": HOSTILE})["id"]
    photo = sorted((stamps / "bird").iterdir())[0].read_bytes()
    for content in (photo, b"none"):
        part = {"name": f"{HOSTILE}.jpg", "mimeType": "image/jpeg", "buffer": content}
        api.post(f"/projects/{made}/examples?class={owner}", multipart={"files": part})
    for path in ("/", f"/projects/{made}/examples", f"/projects/{made}/examples?class={owner}"):
        page.goto(app.url + path)
        expect(page.get_by_text(HOSTILE).first).to_be_visible()
        for summary in page.locator("summary").all():
            if summary.is_visible():
                summary.click()
        assert page.evaluate("window.harmed") is None
        assert page.locator("img[src=x]").count() == 0
    assert app.complaints == []


def test_ten_thousand_examples_keep_few_of_them_on_the_page(app: RunningApp, screen: Callable):
    page = screen()
    api = app.api(page)
    made = api.project("Many", "text")
    owner = api.post(f"/projects/{made}/classes", {"name": "lines"})["id"]
    for first in (0, 5_000):
        lines = "\n".join(f"line number {n}" for n in range(first, first + 5_000))
        api.post(f"/projects/{made}/texts", {"class_id": owner, "text": lines, "split": "lines"})
    page.goto(f"{app.url}/projects/{made}/examples?class={owner}")
    expect(page.locator(".tile").first).to_contain_text("line number 0")
    page.locator("#grid").focus()
    page.keyboard.press("End")
    expect(page.get_by_text("line number 9999")).to_be_visible()
    assert page.locator(".tile").count() < 200


def test_a_folder_that_takes_long_is_told_of_and_then_shown(app: RunningApp, screen: Callable, stamps: Path):
    page = screen()
    made = app.api(page).project("By hand", "image")
    shutil.copytree(stamps / "bird", app.workspace / "By hand" / "examples" / "bird")
    lock = FileLock(app.workspace / ".headstart" / "locks" / made)
    with lock.held(30):  # as long as this is held, the app cannot end its look
        page.goto(f"{app.url}/projects/{made}/examples")
        expect(page.get_by_role("heading", name="Looking at the files in your folder")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_count(1)
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    expect(card(page, "bird")).to_contain_text("4 photos")
