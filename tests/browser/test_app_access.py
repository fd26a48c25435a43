"""For everyone: by keyboard, on a phone, in the dark, in one's own language, explained, and fit for axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from app_process import PATIENCE, RunningApp, some
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]

SCREENS = ("examples", "check", "train", "try", "improve")
KINDS = ("bird", "coin", "flower", "fruit")


@pytest.fixture(scope="module")
def trained(app: RunningApp, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project that was checked and trained, with a wrong label, a bad file and the same photo twice."""
    from app_process import SHARED_CACHE

    photos = some(
        SHARED_CACHE / "data" / "image" / "stamp_photos", tmp_path_factory.mktemp("in") / "p", 16, KINDS
    )
    mislabelled = sorted((SHARED_CACHE / "data" / "image" / "stamp_photos" / "coin").iterdir())[17]
    page = app.open()
    api = app.api(page)
    made = api.project("Stamps for all", "image", photos)
    owner = api.get(f"/projects/{made}/classes")["classes"][0]["id"]
    for name, content in (
        ("wrong.jpg", mislabelled.read_bytes()),
        ("bad.jpg", b"no picture"),
    ):
        part = {"name": name, "mimeType": "image/jpeg", "buffer": content}
        api.post(f"/projects/{made}/examples?class={owner}", multipart={"files": part})
    api.run(made, "check")
    api.run(made, "train")
    app.close_pages()
    return made


def places(project: str) -> list[str]:
    return ["/", *(f"/projects/{project}/{name}" for name in SCREENS)]


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("main h1, main h2").first).to_be_attached()
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.wait_for_timeout(150)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(app: RunningApp, screen: Callable, trained: str, scheme: str):
    page = screen(color_scheme=scheme, reduced_motion="reduce")
    owner = app.api(page).get(f"/projects/{trained}/classes")["classes"][0]["id"]
    empty = app.api(page).project("Nothing yet", "image")
    more = [f"/projects/{trained}/examples?class={owner}", f"/projects/{empty}/examples", "/nowhere"]
    found = []
    for path in [*places(trained), *more]:
        opened(page, app.url + path)
        # The scheme changes colours alone, so in the dark only those are looked at.
        rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else None
        for one in Axe().run(page, options=rules).response["violations"]:
            found.append((path.rsplit("/", 1)[-1], one["id"], one["impact"], one["nodes"][0]["html"][:160]))
    app.complaints[:] = [one for one in app.complaints if "404" not in one]
    assert found == []


@pytest.mark.parametrize("lang", ["en-GB", "de-DE"])
def test_nothing_sticks_out_on_a_phone(app: RunningApp, trained: str, lang: str):
    context = app.browser.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, locale=lang
    )
    app.contexts.append(context)
    context.request.get(f"{app.url}/?token=walk")
    page = app.open("/", context)
    wide = {}
    for path in places(trained):
        opened(page, app.url + path)
        wide[path] = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    assert {path: much for path, much in wide.items() if much > 0} == {}
    page.locator(".steps a").first.tap()
    page.wait_for_url("**/examples")
    app.close_pages()


def test_the_browsers_language_is_spoken_and_can_be_changed(app: RunningApp, trained: str):
    context = app.browser.new_context(locale="de-DE")
    app.contexts.append(context)
    context.request.get(f"{app.url}/?token=walk")
    page = app.open(f"/projects/{trained}/check", context)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#verdict")).to_contain_text("Ja, das lässt sich lernen.")
    page.get_by_label("Sprache").select_option("en")
    expect(page.locator("#verdict")).to_contain_text("Yes, this can be learned.")
    page.goto(app.url)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    app.close_pages()


def test_a_word_is_explained_by_tap_and_by_keyboard(app: RunningApp, screen: Callable, trained: str):
    page = screen(f"/projects/{trained}/check", width=360)
    term, tip = page.locator("button.term", has_text="base model").first, page.locator("#tip")
    term.click()
    expect(tip).to_contain_text("somebody else already trained")
    page.mouse.click(2, 300)
    expect(tip).to_be_hidden()
    term.focus()
    page.keyboard.press("Enter")
    expect(tip).to_be_visible()
    expect(term).to_have_attribute("aria-describedby", "tip")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(term).to_be_focused()


def test_one_key_mends_a_label_and_training_again_is_offered(app: RunningApp, screen: Callable, trained: str):
    api_page = screen(f"/projects/{trained}/improve")
    page = api_page
    suspects = app.api(page).get(f"/projects/{trained}/improve")["suspects"]
    if not suspects:
        pytest.fail("The check named no label to look at; the sample should hold a doubtful one.")
    expect(page.get_by_text(f"1 of {len(suspects)}")).to_be_visible()
    before = app.api(page).get(f"/examples/{suspects[0]['id']}")
    page.keyboard.press("1")
    expect(page.locator(".toast")).to_contain_text("Moved to")
    after = app.api(page).get(f"/examples/{suspects[0]['id']}")
    assert after["class_id"] == suspects[0]["suggested_class_id"] != before["class_id"]
    expect(page.get_by_role("button", name="Train again")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text(f"1 of {len(suspects)}")).to_be_visible()
    assert app.api(page).get(f"/examples/{suspects[0]['id']}")["class_id"] == before["class_id"]


def test_one_number_is_told_on_every_screen(app: RunningApp, screen: Callable, trained: str):
    page = screen(f"/projects/{trained}/train")
    told = page.locator(".big-number").inner_text()
    assert re.fullmatch(r"\d+ to \d+", told)
    page.goto(f"{app.url}/projects/{trained}/improve")
    expect(page.locator("#improve-lead")).to_contain_text(f"it should get {told} right")
    page.goto(f"{app.url}/projects/{trained}/check")
    expect(page.locator(".big-number")).to_have_text(told)
    page.goto(app.url)
    card = page.locator(".project", has=page.get_by_role("link", name="Stamps for all"))
    expect(card).to_contain_text(f"Gets {told} of 100 right")


def test_a_cell_opens_the_pictures_behind_it(app: RunningApp, screen: Callable, trained: str):
    page = screen(f"/projects/{trained}/improve")
    cell = page.locator(".matrix .right button").first
    cell.click()
    pictures = page.get_by_role("dialog").locator("img")
    expect(pictures.first).to_be_visible()
    expect(pictures.first).not_to_have_js_property("naturalWidth", 0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(cell).to_be_focused()


def test_doubt_is_told_where_the_model_has_it(
    app: RunningApp, screen: Callable, trained: str, data_root: Path
):
    page = screen(f"/projects/{trained}/try")
    brick = sorted((data_root / "image" / "surface_marks" / "scratch").iterdir())[0]
    bird = sorted((data_root / "image" / "stamp_photos" / "bird").iterdir())[5]
    for path, known in ((brick, False), (bird, True)):
        page.locator("#pick-files").set_input_files(path)
        expect(page.locator("#near li")).to_have_count(6)
        said = app.api(page).predict(trained, path)
        assert said["doubt"]["known"] is known
        expect(page.locator("#answer-label")).to_contain_text(said["label"])
        expect(page.get_by_text("Perhaps none of these")).to_have_count(0 if known else 1)
        expect(page.locator("#answer button.term", has_text="calibrated")).to_have_count(1 if known else 0)


def test_the_model_is_shared_only_while_the_switch_is_on(app: RunningApp, screen: Callable, trained: str):
    page = screen(f"/projects/{trained}/improve")
    switch = page.get_by_role("switch", name="Let others on this network use the model")
    expect(switch).not_to_be_checked()
    switch.click()
    line = page.get_by_role("textbox", name="What to type on another machine")
    expect(line).to_contain_text("Authorization: Bearer", timeout=PATIENCE)
    assert app.api(page).get(f"/projects/{trained}/share")["on"] is True
    page.reload()
    expect(switch).to_be_checked()
    switch.click()
    expect(page.get_by_text("Off. Only this computer can reach it.")).to_be_visible()
    assert app.api(page).get(f"/projects/{trained}/share")["on"] is False


def press_until(page: Page, wanted: str, most: int = 80) -> None:
    """Walk with Tab until something of that name has the focus, as a person without a mouse does."""
    name = """e => [e.getAttribute("aria-label"), e.labels?.[0]?.textContent, e.textContent]
        .find(Boolean)?.trim() ?? "" """
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted in page.evaluate(f"({name})(document.activeElement)"):
            return
    pytest.fail(f"Tab never reached {wanted!r} on {page.url}")


def test_the_whole_way_by_keyboard_alone(app: RunningApp, screen: Callable):
    page = screen()
    press_until(page, "Texts")
    page.keyboard.press("Enter")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    page.wait_for_url("**/examples")
    lines = {
        "warm": ("sun", "summer", "heat", "hot", "glow"),
        "cold": ("ice", "winter", "frost", "snow", "freeze"),
    }
    for name, words in lines.items():
        press_until(page, "New class")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.locator(".class-card[data-class]").filter(has_text=name)).to_be_visible()
        press_until(page, f"Write: {name}")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.type("\n".join(f"the {word} of day {n}" for word in words for n in range(4)))
        press_until(page, "Add")
        page.keyboard.press("Enter")
        expect(page.locator(".class-card").filter(has_text=name)).to_contain_text("20 texts")
    press_until(page, "Check these examples")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    press_until(page, "Check now")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_be_visible(timeout=PATIENCE)
    press_until(page, "Train the model")
    page.keyboard.press("Enter")
    page.wait_for_url("**/train")
    press_until(page, "Train the model")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your model is ready")).to_be_visible(timeout=PATIENCE)
    press_until(page, "Try it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/try")
    press_until(page, "Write something")
    page.keyboard.type("the frost of winter")
    expect(page.locator("#answer-label")).to_contain_text("cold")
    press_until(page, "Improve and take away")
    page.keyboard.press("Enter")
    page.wait_for_url("**/improve")
    with page.expect_download() as download:
        press_until(page, "The model")
        page.keyboard.press("Enter")
    assert Path(download.value.path()).stat().st_size > 10_000


def flowers(app: RunningApp, page: Page, project: str) -> tuple[str, int]:
    """Return where the examples of one class are shown, and how many it has."""
    classes = app.api(page).get(f"/projects/{project}/classes")["classes"]
    flower = next(each for each in classes if each["name"] == "flower")
    return f"/projects/{project}/examples?class={flower['id']}", flower["count"]


def test_the_examples_are_walked_and_picked_by_keyboard(app: RunningApp, screen: Callable, trained: str):
    page = screen()
    address, count = flowers(app, page, trained)
    page.goto(app.url + address)
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(count)
    expect(options.locator("img")).to_have_count(count)
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("2 picked").first).to_be_visible()
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_have_count(2)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_focused()


def test_keys_pressed_before_the_examples_arrive_pick_the_same_ones(
    app: RunningApp, screen: Callable, trained: str
):
    page = screen()
    address, count = flowers(app, page, trained)
    held: list[Route] = []
    page.route("**/api/projects/*/examples?class=*&offset=*", lambda route: held.append(route))
    page.goto(app.url + address)
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(count)
    page.get_by_role("listbox").focus()
    for key in ("ArrowRight", "Space", "Shift+ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.get_by_role("listbox")).to_have_attribute("aria-activedescendant", "tile-3")
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_text("2 picked").first).to_be_visible()
    for place, picked in enumerate(("false", "true", "true", "false")):
        expect(page.locator(f"#tile-{place}")).to_have_attribute("aria-selected", picked)
    # The walk goes on from where it stood, not from where the picking was when the examples came.
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("listbox")).to_have_attribute("aria-activedescendant", "tile-4")


def test_the_focus_stays_on_the_same_control_when_cards_are_drawn_anew(
    app: RunningApp, screen: Callable, trained: str
):
    page = screen(f"/projects/{trained}/examples")
    card = page.locator(".class-card[data-class]").first
    expect(card).to_be_visible()
    control = card.locator(".class-tools button").first
    control.focus()
    label = control.get_attribute("aria-label")
    made = app.api(page).post(f"/projects/{trained}/classes", {"name": "another class"})
    expect(page.locator(".class-card[data-class]").filter(has_text="another class")).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == label
    page.request.delete(f"{app.url}/api/classes/{made['id']}", headers={"Origin": app.url})
