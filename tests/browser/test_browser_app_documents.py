"""A project of documents: brought, read, asked, put right, brought in step; in a real browser."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_process import PATIENCE, SHARED_CACHE, RunningApp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.bases]

REPO = Path(__file__).resolve().parents[2]
PAGES = ("documents", "assistant", "serving", "batch", "export")
"""Real documents that are always there: pages of this project's own documentation."""


@pytest.fixture(scope="module")
def talking(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app of its own, with the base that assistants have."""
    found = next(iter((SHARED_CACHE / "headstart" / "bases").glob("minilm_l6-*")), None)
    if found is None:
        pytest.fail(f"No prepared minilm_l6 in {SHARED_CACHE}. Run: make bases")
    cache = tmp_path_factory.mktemp("talk-cache")
    (cache / "bases").mkdir()
    (cache / "bases" / found.name).symlink_to(found, target_is_directory=True)
    running = RunningApp(browser, tmp_path_factory.mktemp("talk"), cache)
    running.start()
    yield running
    running.close_pages()
    running.stop()


@pytest.fixture
def manuals(tmp_path: Path) -> Path:
    folder = tmp_path / "manuals"
    (folder / "more").mkdir(parents=True)
    for name in PAGES:
        shutil.copy(REPO / "docs" / f"{name}.md", folder / f"{name}.md")
    (folder / "more" / "hostile.html").write_text(
        "<title>Colours</title><h1>The colour of the button</h1><p>The button of the pump is &lt;img src=x "
        "onerror=alert(1)&gt; green, and it turns red when the pump is hot.</p><script>alert(1)</script>"
    )
    (folder / "more" / "scan.pdf").write_bytes(b"%PDF-1.4 this is none")
    return folder


def ask(page: Page, question: str) -> None:
    page.fill("#question", question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last.locator(".said")).to_have_text(question)
    expect(page.locator(".told").last).not_to_have_attribute("aria-busy", "true", timeout=PATIENCE)


def clean(page: Page) -> None:
    assert not Axe().run(page).response["violations"]


def test_documents_are_read_asked_put_right_and_brought_in_step(
    talking: RunningApp, manuals: Path, tmp_path: Path
):
    page = talking.open()
    page.locator("[data-kind=documents]").click()
    page.locator("#new-name").fill("Support")
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents")
    expect(page.locator("#drop")).to_be_visible()
    clean(page)
    page.set_input_files("#pick-folder", manuals)
    expect(page.get_by_text("manuals/more/hostile.html")).to_be_visible(timeout=PATIENCE)
    page.set_input_files("#pick-files", {"name": "a.xyz", "mimeType": "text/plain", "buffer": b"x"})
    expect(page.get_by_text("a.xyz: A file that ends in .xyz is no document")).to_be_visible(timeout=PATIENCE)
    page.locator("#begin").click()
    expect(page.get_by_text("6 documents in")).to_be_visible(timeout=PATIENCE)
    page.locator("#problems summary").click()
    expect(page.locator("#problems").get_by_text("scan.pdf")).to_be_visible()
    expect(page.get_by_text("Questions of people are harder: expect less.")).to_be_visible()
    clean(page)
    _chat(page)
    _review(page)
    _in_step(page, tmp_path)
    page.goto(f"{talking.url}/")
    expect(page.get_by_text("Answers questions")).to_be_visible()


def _chat(page: Page) -> None:
    page.locator("#next").click()
    page.wait_for_url("**/chat")
    ask(page, "What are the limits of reading one document?")
    told = page.locator(".told").last
    expect(told.locator("mark").first).to_be_visible()
    expect(told.locator(".source").first).to_contain_text("manuals/documents.md")
    expect(told.get_by_text("sure that this is the right passage")).to_be_visible()
    told.get_by_role("button", name="Yes").click()
    expect(told.get_by_text("Noted")).to_be_visible()
    told.get_by_role("button", name="Show in the document").first.click()
    expect(page.locator("dialog .here mark").first).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    ask(page, "and of a PDF?")
    expect(page.get_by_text("Understood as going on from")).to_be_visible()
    page.get_by_role("button", name="Ask it by itself").click()
    expect(page.locator(".turn")).to_have_count(3)
    ask(page, "What colour does the button of the pump have?")
    expect(page.locator(".told").last).to_contain_text("<img src=x")  # as text: nothing of it ran
    ask(page, "Who won the world cup in 1998?")
    expect(page.locator(".told").last.get_by_role("button", name="Write the answer")).to_be_visible()
    ask(page, "Hello!")
    clean(page)


def _review(page: Page) -> None:
    page.get_by_role("link", name="Missing").click()
    page.wait_for_url("**/review")
    line = page.locator("li", has_text="Who won the world cup in 1998?")
    expect(line).to_contain_text("asked once")
    clean(page)
    line.get_by_role("button", name="Write the answer").click()
    page.fill("#answer", "France, at home.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#written ~ ul")).to_contain_text("France, at home.")
    page.get_by_role("link", name="Ask", exact=True).first.click()
    page.wait_for_url("**/chat")
    ask(page, "Who won the world cup in 1998?")
    expect(page.locator(".told").last.locator("mark").first).to_have_text("France, at home.")


def _in_step(page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="Documents").click()
    page.wait_for_url("**/documents")
    page.get_by_role("button", name="Remove manuals/more/hostile.html").click()
    expect(page.get_by_text("0 new, 0 changed, 1 gone. Passages that were new: 0.")).to_be_visible(
        timeout=PATIENCE
    )
    table = b"question,answer\nDo you sell spare lids?,Yes. For 4 pounds.\n"
    page.set_input_files("#pick-files", {"name": "faq.csv", "mimeType": "text/csv", "buffer": table})
    expect(page.get_by_text("1 document has changed since.")).to_be_visible(timeout=PATIENCE)
    page.locator("#begin").click()
    expect(page.get_by_text("1 new, 0 changed, 0 gone. Passages that were new: 1.")).to_be_visible(
        timeout=PATIENCE
    )
    asked = b"question,file\nHow large may a PDF be?,manuals/documents.md\nDo you sell lids?,faq.csv\n"
    page.set_input_files("#pick-questions", {"name": "q.csv", "mimeType": "text/csv", "buffer": asked})
    expect(page.get_by_text("Measured on 2 questions that you brought.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Look for personal data").click()
    expect(page.get_by_text("Names and addresses are not looked for.")).to_be_visible()
    page.locator("#share").click()
    expect(page.get_by_role("textbox", name="Address of the chat")).to_contain_text(
        "/assistant#token=", timeout=PATIENCE
    )
    clean(page)
    page.locator("#share").click()
    expect(page.get_by_text("Off. Only this computer can reach it.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="The assistant").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "Support-assistant/assistant.json" in archive.namelist()


def test_a_reading_whose_process_is_killed_goes_on(talking: RunningApp, manuals: Path):
    page = talking.open()
    api = talking.api(page)
    project = api.project("Killed", "documents")
    for path in sorted(manuals.glob("*.md")):
        part = {"name": path.name, "mimeType": "text/markdown", "buffer": path.read_bytes() * 2}
        api.post(f"/projects/{project}/documents", multipart={"files": part})
    job = api.post(f"/projects/{project}/jobs", {"kind": "index"})
    page.goto(f"{talking.url}/projects/{project}/documents")
    expect(page.locator("#job-view")).to_be_visible()
    page.wait_for_function(
        "async (id) => (await (await fetch(`/api/jobs/${id}`)).json()).progress.stage === 'embedding'",
        arg=job["id"],
    )
    talking.kill_worker()
    expect(page.get_by_text("5 documents in")).to_be_visible(timeout=PATIENCE)
    assert api.get(f"/jobs/{job['id']}")["attempt"] == 2


@pytest.mark.parametrize("width", [360, 1280])
def test_a_chat_fits_the_width_of_a_phone_and_of_a_desk_in_german_too(talking: RunningApp, width: int):
    context = talking.context(width=width, color_scheme="dark" if width == 360 else "light")
    page = talking.open(context=context)
    page.select_option("#language-choice", "de")
    expect(page.get_by_text("Beantwortet Fragen").first).to_be_visible()
    page.get_by_role("link", name="Support").click()
    for screen in ("documents", "chat", "review"):
        page.goto(f"{page.url.rsplit('/', 1)[0]}/{screen}")
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), screen
        if screen == "chat":
            ask(page, "What are the limits of reading one document?")
        clean(page)
        if "SHOTS" in os.environ:
            page.screenshot(path=f"{os.environ['SHOTS']}/{screen}-{width}.png", full_page=screen != "chat")
