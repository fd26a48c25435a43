"""The chat of the server in a real browser: on its own page, and on a page of another origin."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from app_process import SHARED_CACHE
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import headstart as hs
from kettle import document, documents
from serving import Server

pytestmark = [pytest.mark.browser, pytest.mark.bases]
TOKEN = "a-token-that-cannot-be-guessed-at-all"
ASKING = "a-token-that-stands-in-pages"
QUESTION = "How do I get rid of limescale?"
HOSTILE = {("The colour of the button",): "The <img src=x onerror=alert(1)> button of the pump is green."}
OLD = {("Returns",): "Goods can be sent back within 14 days, in their box. The customer pays for the parcel."}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class Site:
    """A web site of somebody else: a folder behind a port of its own."""

    folder: Path
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        serve = functools.partial(Quiet, directory=str(self.folder))
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), serve)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def put(self, script: str, policy: str = "") -> None:
        meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
        page = (
            f'<!doctype html><html lang="en"><meta charset="utf-8">{meta}<title>A shop</title>'
            f"<main><h1>A shop</h1><p>Kettles.</p></main><script type=module src={script}></script>"
        )
        (self.folder / "index.html").write_text(page)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    allowed, other = Site(tmp_path_factory.mktemp("a")), Site(tmp_path_factory.mktemp("b"))
    yield allowed, other
    for site in (allowed, other):
        site.server.shutdown()
        site.server.server_close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, sites: tuple[Site, Site]) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(SHARED_CACHE / "headstart"))
        patch.setenv("HEADSTART_NO_CACHE", "1")
        read = [
            *documents(),
            document("pump.html", HOSTILE, "The pump"),
            document("old.pdf", OLD, "Terms of 2019"),
        ]
        made = hs.assist(read)
        support = made.save(tmp_path_factory.mktemp("s") / "support")
    env = {"HEADSTART_TOKEN": TOKEN, "HEADSTART_ASK_TOKEN": ASKING}
    server = Server([support], "--allow-origin", sites[0].origin, env=env)
    yield server
    assert server.stop() == 0


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".said").last).to_have_text(question)
    expect(page.locator(".told").last).not_to_have_attribute("aria-busy", "true")


def shot(page: Page, name: str) -> None:
    if "SHOTS" in os.environ:
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png")


def test_the_chat_works_on_a_page_of_an_allowed_origin(
    page: Page, running: Server, sites: tuple[Site, Site]
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    script = f"{running.url}/widget.js#assistant=support&token={ASKING}&title=Ask+us"
    sites[0].put(script, f"default-src 'none'; script-src {running.url}; connect-src {running.url}")
    page.goto(sites[0].origin)
    opener = page.get_by_role("button", name="Questions?")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    ask(page, QUESTION)
    expect(page.locator("blockquote").first).to_contain_text("50 ml of vinegar")
    expect(page.locator(".told").last).to_contain_text("manual.pdf, Care > Removing limescale, page 3")
    assert not Axe().run(page).response["violations"]
    shot(page, "widget-1280")
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    ask(page, "and why?")
    expect(page.locator(".told").last).to_contain_text(f"Understood as going on from “{QUESTION}”")
    ask(page, "What colour is the button of the pump?")
    expect(page.locator(".told").last).to_contain_text("<img src=x onerror=alert(1)>")
    assert (
        page.locator("headstart-chat").evaluate("host => host.shadowRoot.querySelectorAll('img').length") == 0
    )
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.set_viewport_size({"width": 360, "height": 640})
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "widget-360")
    assert complaints == []


def test_it_does_not_on_a_page_of_another_origin(
    page: Page, running: Server, sites: tuple[Site, Site]
) -> None:
    sites[1].put(f"{running.url}/widget.js#assistant=support&token={ASKING}")
    with page.expect_console_message(lambda message: "widget.js" in message.text + message.location["url"]):
        page.goto(sites[1].origin)
    expect(page.locator("headstart-chat")).to_have_count(0)
    asked = page.evaluate(
        """async ([url, token]) => fetch(`${url}/v1/assistants/support:ask`, {
            method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
            body: JSON.stringify({ question: "How?" }) }).then(() => "read", () => "refused")""",
        [running.url, ASKING],
    )
    assert asked == "refused"


def test_the_page_of_the_server_is_for_sharing(browser: Browser, running: Server) -> None:
    context = browser.new_context(locale="de-DE", color_scheme="dark", viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(f"{running.url}/assistant#token={ASKING}")
    page.get_by_label("Deine Frage").fill(QUESTION)
    page.get_by_role("button", name="Fragen", exact=True).click()
    expect(page.locator("blockquote").first).to_contain_text("50 ml of vinegar")
    expect(page.locator(".told")).to_contain_text("sicher.")
    assert not Axe().run(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "shared-360")
    page.goto("about:blank")
    page.goto(f"{running.url}/assistant")
    page.get_by_label("Deine Frage").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Dieser Server verlangt einen Schlüssel.")
    context.close()


def test_a_token_for_asking_opens_nothing_else(running: Server) -> None:
    headers = {"Authorization": f"Bearer {ASKING}"}
    with running.client() as client:
        feedback = "/v1/assistants/support:feedback"
        assert client.post("/v1/assistants/support:ask", json={"question": QUESTION}).status_code == 401
        for path in ("/v1/models", "/metrics"):
            assert client.get(path, headers=headers).status_code == 401
        assert client.get("/v1/assistants", headers=headers).status_code == 200
        refused = client.post(
            feedback, headers=headers, json={"question": QUESTION, "answer": "Buy a new one."}
        )
        assert refused.status_code == 403
        assert "this token may only ask" in refused.json()["message"]
        assert client.get("/widget.json?lang=fr").json()["ask"] == "Ask"
        assert "script-src 'self'" in client.get("/assistant").headers["content-security-policy"]


def test_documents_that_disagree_are_shown_side_by_side(
    page: Page, running: Server, sites: tuple[Site, Site]
) -> None:
    sites[0].put(f"{running.url}/widget.js#assistant=support&token={ASKING}")
    page.goto(sites[0].origin)
    page.get_by_role("button", name="Questions?").click()
    ask(page, "Within how many days can I send goods back?")
    told = page.locator(".told").last
    expect(told).to_contain_text("Two documents seem to disagree. Look at both.")
    expect(told.get_by_role("listitem")).to_have_count(2)
    for text in ("within 30 days", "within 14 days", "shop.md, Returns", "old.pdf, Returns, page 1"):
        expect(told.get_by_role("list")).to_contain_text(text)
    shot(page, "widget-disagree")
    ask(page, "How do I get rid of limescale, and how long is the warranty?")
    told = page.locator(".told").last
    expect(told).to_contain_text("manual.pdf, Care > Removing limescale, page 3; shop.md, Warranty")
    shot(page, "widget-two")
