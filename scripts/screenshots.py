"""Look at the reports in a real browser and keep the pictures for docs/.

Needs the prepared bases and data sets (make bases data), Chromium and Inter (scripts/system_packages.sh).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from pictures import REPO, SHOTS, keep, launch
from playwright.sync_api import Browser, sync_playwright

CACHE = Path(os.environ.get("HEADSTART_TEST_CACHE", REPO / ".cache"))
LIMIT = 300_000

# Only data that may be shown: no BBC news (research use), no stamps (GPL) in close-up.
# name, data set, width, colour scheme, what to press first, from where and how much to show
SHOTS_TO_TAKE = (
    ("report-phone", "image/stamp_photos", 360, "light", "", "main", 1560),
    ("report-tablet-dark", "image/stamp_photos", 768, "dark", "", "main", 1250),
    ("report-desk", "image/stamp_photos", 1280, "light", "", "main", 1530),
    ("report-confusion", "image/surface_marks", 1280, "light", ".matrix .wrong button", "", 800),
    ("report-curve-dark", "image/stamp_photos", 1280, "dark", "", "[aria-labelledby=amount]", 820),
    ("report-texts", "text/package_section.csv", 768, "light", "", "[aria-labelledby=mistakes]", 900),
    ("report-sounds", "audio/spoken_language", 768, "dark", "", "[aria-labelledby=mistakes]", 900),
)


def main() -> None:
    from headstart.report import render_advice
    from headstart.workflows.checking import check

    os.environ.setdefault("HEADSTART_CACHE", str(CACHE / "headstart"))
    SHOTS.mkdir(exist_ok=True)
    pages: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        for name, data, *view in SHOTS_TO_TAKE:
            if data not in pages:
                print(f"checking {data}", file=sys.stderr)
                title = Path(data).stem.replace("_", " ").capitalize()
                target = 0.98 if data.startswith("image") else None
                pages[data] = render_advice(check(CACHE / "data" / data, target=target), title=title)
            page = Path(folder) / "report.html"
            page.write_text(pages[data], encoding="utf-8")
            shot = _shot(browser, page.as_uri(), *view)
            keep(shot, SHOTS / f"{name}.webp", most=LIMIT, quality=88)
        browser.close()


def _shot(
    browser: Browser, address: str, width: int, scheme: str, press: str, start: str, height: int
) -> bytes:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    top = 0.0
    if press:
        page.locator(press).first.click()
        made = page.screenshot()
    else:
        box = page.locator(start).bounding_box() or {"y": 0.0}
        top = max(0.0, box["y"] - (70 if start == "main" else 24))
        clip = {"x": 0, "y": top, "width": width, "height": height}
        made = page.screenshot(full_page=True, clip=clip)
    context.close()
    return made


if __name__ == "__main__":
    main()
