"""A real browser, without a network, that tells of everything it was asked to fetch or complained about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from app_process import RunningApp, small_cache
from playwright.sync_api import Browser, Page, Request, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A webcam and a microphone that are always there, and no window that asks.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.fail("No chromium here. Run: bash scripts/system_packages.sh")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield opened
        opened.close()


@dataclass
class Visit:
    """An opened page, with what it asked for beyond its own file and what the console said."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        if not request.url.startswith(("data:", "file:")):
            self.requests.append(request.url)


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Open a page from a file and check, when the test is over, that it was quiet and fetched nothing."""
    visits: list[Visit] = []

    def open_page(html: str, width: int = 1280, **context: object) -> Visit:
        path = tmp_path / f"report-{len(visits)}.html"
        path.write_text(html, encoding="utf-8")
        made = browser.new_context(viewport={"width": width, "height": 800}, **context)
        one = Visit(made.new_page())
        one.page.on("request", one.note)
        one.page.on("console", lambda message: one.complaints.append(message.text))
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.goto(path.as_uri())
        visits.append(one)
        return one

    yield open_page
    for one in visits:
        assert one.requests == []
        assert one.complaints == []
        one.page.context.close()


@pytest.fixture(scope="session")
def app_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all walks through the app, so that no example is embedded twice."""
    return small_cache(tmp_path_factory.mktemp("app-cache"))


@pytest.fixture(scope="session")
def app(browser: Browser, app_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The real program in a process of its own, on a workspace that begins empty."""
    running = RunningApp(browser, tmp_path_factory.mktemp("workspace"), app_cache)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def fresh_app(browser: Browser, app_cache: Path, tmp_path: Path) -> Iterator[RunningApp]:
    """An app of one's own on an empty workspace, to be looked into or killed."""
    running = RunningApp(browser, tmp_path / "workspace", app_cache)
    running.start()
    yield running
    running.close_pages()
    running.stop()


@pytest.fixture
def screen(app: RunningApp) -> Iterator[Callable[..., Page]]:
    """Open the app signed in; when the test is over no page has complained of anything."""
    yield app.open
    app.close_pages()
