"""Walk through the app in a real browser and keep a picture of every screen for docs/.

Needs the prepared bases and data sets (make bases data), Chromium and Inter (scripts/system_packages.sh).
Shows only what may be shown: stamps (GPL) as small thumbnails alone, digits (CC BY 4.0) at any size.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from pictures import REPO, SHOTS, keep, launch
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(REPO / "tests" / "browser"))
LIMIT = 80_000
SIZES = ((1280, 860), (360, 740))
SCHEMES = ("light", "dark")


def main() -> None:
    from app_process import SHARED_CACHE, RunningApp

    SHOTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        app = RunningApp(browser, Path(folder) / "workspace", SHARED_CACHE / "headstart")
        app.start()
        try:
            _walk(app, browser, _projects(app), Path(os.environ.get("SHOTS", SHOTS)))
        finally:
            app.stop()
            browser.close()


def _projects(app) -> dict[str, str]:  # noqa: ANN001 - a fixture of the tests
    """Make the projects that the pictures show."""
    from app_process import SHARED_CACHE

    page = app.open()
    api = app.api(page)
    made = {"digits": api.post("/samples/digits")["id"]}
    made["things"] = api.project("Seven kinds of things", "image", SHARED_CACHE / "data/image/stamp_photos")
    for name in ("things", "digits"):
        print(f"checking and training {name}", file=sys.stderr)
        api.run(made[name], "check")
        api.run(made[name], "train")
    app.close_pages()
    return made


def _walk(app, browser: Browser, made: dict[str, str], to: Path) -> None:  # noqa: ANN001
    shots = {
        "start": "/",
        "examples": f"/projects/{made['things']}/examples",
        "check": f"/projects/{made['things']}/check",
        "train": f"/projects/{made['digits']}/train",
        "try": f"/projects/{made['digits']}/try",
        "improve": f"/projects/{made['digits']}/improve",
    }
    tried = next((app.workspace / "Handwritten digits" / "examples").rglob("*3*.*"))
    for width, height in SIZES:
        for scheme in SCHEMES:
            context = app.context(
                width=width, height=height, color_scheme=scheme, device_scale_factor=1.5 if width < 500 else 1
            )
            for name, path in shots.items():
                page = app.open(path, context)
                page.wait_for_timeout(900)
                if name == "train":
                    page.locator("#begin").click()
                    page.locator("#job-view .now").wait_for()
                    page.wait_for_timeout(1200)
                if name == "try":
                    _try(page, tried)
                keep(
                    page.screenshot(),
                    to / f"app-{name}-{width}-{scheme}.webp",
                    most=LIMIT,
                    quality=82,
                )
                if name == "train":
                    page.locator("#done").wait_for(timeout=120_000)
                page.close()
            context.close()


def _try(page: Page, picture: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator(".drop .button").first.click()
    chooser.value.set_files(picture)
    page.locator("#answer-label").wait_for()
    page.locator("#why").click()
    page.locator("#heat:not([hidden])").wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main()
