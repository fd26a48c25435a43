"""What a person reads and does in a report, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from headstart.reasons import Reason
from headstart.report import render_advice, render_training
from report_samples import advice, training

pytestmark = pytest.mark.browser

SCHEMES = ("light", "dark")
HOSTILE = (
    "<script>window.harmed=1</script>",
    '" onerror="window.harmed=1" x="',
    "'><img src=http://example.invalid/x onerror=window.harmed=1>",
)

CONTRASTS = """
() => {
  const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const parse = text => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const behind = el => {
    for (; el; el = el.parentElement) {
      const c = parse(getComputedStyle(el).backgroundColor);
      if (c[3] === 1) return c;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || el.closest("script,style,.sr,svg") || !el.checkVisibility()) continue;
    const a = light(parse(getComputedStyle(el).color)), b = light(behind(el));
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), text.slice(0, 40)]);
  }
  return found;
}
"""

LENGTHS = """
() => Promise.all([...document.querySelectorAll("audio")].map(a => a.duration || new Promise((done, fail) => {
  a.addEventListener("loadedmetadata", () => done(a.duration));
  a.addEventListener("error", () => fail(a.error.message));
})))
"""

PLAYED = """
async () => {
  const audio = document.querySelector("audio[data-same]");
  audio.muted = true;
  await audio.play();
  return await new Promise(done => audio.addEventListener("timeupdate", () => done(audio.currentTime)));
}
"""


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture(scope="module")
def full() -> str:
    return render_training(training(), advice=advice())


def test_the_verdict_comes_first_and_fits_a_phone_screen(visit: Callable, full: str):
    page = visit(full, width=360).page
    expect(page.locator("h1")).to_have_text("pastries")
    expect(page.locator(".lead")).to_contain_text("Yes, this can be learned")
    assert page.locator(".big").inner_text().split() == (
        "Of 100 new photos like these, expect 87 to 97 to get the right name.".split()
    )
    assert page.locator(".lead").bounding_box()["y"] < 400
    questions = page.locator(".answer h3").all_inner_texts()
    assert questions == [
        "Is there a base model for this kind of data?",
        "How similar is my task to what it learned?",
        "How many examples do I have, and would more help?",
    ]


@pytest.mark.parametrize("modality", ["image", "text", "audio"])
def test_nothing_sticks_out(visit: Callable, modality: str):
    page = visit(render_training(training(modality), advice=advice(modality))).page
    for width in (1280, 768, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert overflow(page) <= 0, width


def test_long_and_hostile_names_neither_act_nor_stick_out(visit: Callable):
    classes = tuple(name + "x" * 5_000 for name in HOSTILE)
    for modality in ("image", "text"):
        found = replace(
            advice(modality, classes, stem=HOSTILE[2]),
            conclusions=[Reason("yes", {}, HOSTILE[0])],
            notes=HOSTILE,
        )
        page = visit(
            render_training(training(modality, classes), advice=found, title=HOSTILE[0]), width=360
        ).page
        assert page.evaluate("window.harmed") is None
        assert overflow(page) <= 0
        assert page.locator("script").count() == 1


def test_a_script_that_got_in_would_not_run(visit: Callable, full: str):
    """The policy is the second lock: the first is that everything is escaped."""
    one = visit(full.replace("</main>", "</main><script>window.harmed=1</script>"))
    assert one.page.evaluate("window.harmed") is None
    assert any("Content Security Policy" in text for text in one.complaints)
    one.complaints.clear()


def test_a_cell_opens_its_examples_by_pointer_and_closes_by_escape(visit: Callable, full: str):
    page = visit(full).page
    page.get_by_role("button", name="5 photos of scone, called croissant: show").click()
    sheet = page.get_by_role("dialog", name="5 photos of scone, called croissant")
    expect(sheet).to_be_visible()
    loaded = sheet.locator("img").evaluate_all("all => all.map(e => e.complete && e.naturalWidth > 0)")
    assert len(loaded) >= 3
    assert all(loaded)
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_cell_opens_by_keyboard_and_gives_the_focus_back(visit: Callable, full: str):
    page = visit(full).page
    cell = page.get_by_role("button", name="5 photos of scone, called croissant: show")
    cell.focus()
    page.keyboard.press("Enter")
    close = page.get_by_role("dialog").get_by_role("button", name="Close")
    expect(close).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(cell).to_be_focused()


def test_a_word_is_explained_by_tap(visit: Callable, full: str):
    page = visit(full, width=360, has_touch=True, is_mobile=True).page
    page.locator("button.term", has_text="confusion matrix").tap()
    tip = page.locator("#word-confusion-matrix")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("right answers on the diagonal")
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    page.locator("h1").tap()
    expect(tip).to_be_hidden()


def test_a_word_is_explained_by_keyboard(visit: Callable, full: str):
    page = visit(full).page
    term = page.locator("button.term", has_text="log-loss").first
    term.focus()
    page.keyboard.press("Space")
    tip = page.locator("#word-log-loss")
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(term).to_be_focused()


def test_a_word_is_explained_by_hovering_and_stays_when_pressed(visit: Callable, full: str):
    page = visit(full).page
    term, tip = (
        page.locator("button.term", has_text="confusion matrix"),
        page.locator("#word-confusion-matrix"),
    )
    term.hover()
    expect(tip).to_be_visible()
    tip.hover()
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    term.click()
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)
    expect(tip).to_be_visible()


def test_words_and_cells_open_without_any_script(visit: Callable, full: str):
    page = visit(full, java_script_enabled=False).page
    page.locator("button.term", has_text="confusion matrix").click()
    expect(page.locator("#word-confusion-matrix")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="5 photos of scone, called croissant: show").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_sound_can_be_played_wherever_it_is_shown(visit: Callable):
    page = visit(render_advice(advice("audio"))).page
    lengths = page.evaluate(LENGTHS)
    assert len(lengths) > 10
    assert all(length == pytest.approx(1.0, abs=0.05) for length in lengths)
    assert page.locator("audio[data-same]").count() > 0
    assert page.evaluate(PLAYED) > 0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read_on_its_ground(visit: Callable, full: str, scheme: str):
    page = visit(full, color_scheme=scheme).page
    found = page.evaluate(CONTRASTS)
    assert len(found) > 150
    assert [one for one in found if one[0] < 4.5] == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(18, 20, 18)") == (scheme == "dark")


@pytest.mark.parametrize(
    ("modality", "scheme"), [("image", "light"), ("image", "dark"), ("text", "light"), ("audio", "dark")]
)
def test_axe_finds_nothing(visit: Callable, modality: str, scheme: str):
    one = visit(render_training(training(modality), advice=advice(modality)), color_scheme=scheme)
    one.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    one.page.get_by_role("button", name="called croissant: show").first.click()
    found = Axe().run(one.page).response["violations"]
    assert [(v["id"], v["impact"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_pictures_have_words(visit: Callable, full: str):
    page = visit(full).page
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    for drawing in page.locator("svg[role=img]").all():
        assert drawing.locator("> title").text_content()
        assert drawing.locator("> desc").text_content()
    assert page.get_by_role("img", name="Learning curve").count() == 1
    page.get_by_text("The figures of this curve").click()
    expect(page.get_by_role("cell", name="forecast").first).to_be_visible()


def test_printing_leaves_out_what_only_a_screen_can_do(visit: Callable, full: str):
    page = visit(full).page
    page.emulate_media(media="print")
    expect(page.locator(".sheet").first).to_be_hidden()
    assert len(page.pdf()) > 10_000
