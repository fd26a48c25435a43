"""Reports of real data: what a check of photos, texts and recordings really says on the page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from headstart.report import render_advice
from headstart.workflows.checking import check

pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]


def some(source: Path, target: Path, n: int) -> Path:
    """Copy the first files of each class: enough to look at, little to embed."""
    for folder in sorted(source.iterdir()):
        (target / folder.name).mkdir(parents=True)
        for path in sorted(folder.iterdir())[:n]:
            shutil.copy(path, target / folder.name)
    return target


@pytest.mark.usefixtures("bases_cache")
def test_photos(visit: Callable, data_root: Path, tmp_path: Path):
    photos = some(data_root / "image" / "stamp_photos", tmp_path / "stamps", 18)
    (photos / "bird" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    found = check(photos, base="efficientnet_lite0")
    html = render_advice(found, title="Stamps")
    assert len(html) < 1_000_000
    page = visit(html, width=360).page
    told = re.search(r"expect (\d+) to (\d+) to get", " ".join(page.locator(".big").inner_text().split()))
    interval = found.evaluation.accuracy
    assert [int(n) for n in told.groups()] == [round(100 * interval.low), round(100 * interval.high)]
    expect(page.locator(".answer .short").nth(1)).to_have_text("Familiar")
    expect(page.locator(".looks")).to_contain_text("street sign")
    expect(page.get_by_text("bird/broken.jpg")).to_be_visible()
    cell = page.locator(".matrix .wrong button").first
    label = cell.get_attribute("aria-label").removesuffix(": show")
    cell.click()
    sheet = page.get_by_role("dialog", name=label)
    expect(sheet.locator("img").first).to_be_visible()
    assert sheet.locator("img").first.evaluate("e => Math.max(e.naturalWidth, e.naturalHeight)") == 96
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.usefixtures("bases_cache")
def test_recordings(visit: Callable, data_root: Path, tmp_path: Path):
    words = some(data_root / "audio" / "spoken_language", tmp_path / "words", 12)
    html = render_advice(check(words, base="speech_embedding"))
    assert len(html) < 5_000_000
    page = visit(html).page
    expect(page.locator(".big")).to_contain_text("Of 100 new recordings")
    page.locator(".matrix button").first.click()
    expect(page.get_by_role("dialog").locator("audio").first).to_be_visible()


@pytest.mark.usefixtures("bases_cache")
def test_texts(visit: Callable, data_root: Path, tmp_path: Path):
    lines = (data_root / "text" / "news_topic.csv").read_text(encoding="utf-8")
    few = tmp_path / "news.csv"
    few.write_text("\n".join(lines.splitlines()[:121]) + "\n", encoding="utf-8")
    page = visit(render_advice(check(few, base="wordllama_256")), width=360).page
    expect(page.locator(".big")).to_contain_text("Of 100 new texts")
    page.locator(".matrix .wrong button").first.click()
    expect(page.get_by_role("dialog").locator("blockquote").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
