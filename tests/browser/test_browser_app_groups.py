"""Photos whose names begin with what they show: the app asks what new ones will be like."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from app_process import RunningApp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

LONG = 60_000
pytestmark = [pytest.mark.browser, pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture
def surfaces(data_root: Path, tmp_path: Path) -> Path:
    """Marks on three surfaces, 30 of each surface and class: enough that no processor doubts the groups."""
    for folder in sorted((data_root / "image" / "surface_marks").iterdir()):
        (tmp_path / "marks" / folder.name).mkdir(parents=True)
        for surface in ("brick", "grass", "gravel"):
            for path in sorted(folder.glob(f"{surface}_*"))[:30]:
                shutil.copy(path, tmp_path / "marks" / folder.name)
    return tmp_path / "marks"


def test_the_question_comes_first_on_both_screens(fresh_app: RunningApp, surfaces: Path) -> None:
    page = fresh_app.open(width=1280)
    api = fresh_app.api(page)
    made = api.project("Marks", "image", surfaces)
    api.run(made, "check")
    api.run(made, "train")
    for screen in ("check", "train"):
        page.goto(f"{fresh_app.url}/projects/{made}/{screen}")
        asked = page.locator("#ask")
        expect(asked).to_contain_text(
            "of 100 if new photos come from the same 3 groups as these;", timeout=LONG
        )
        expect(asked).to_contain_text("how the file names begin (brick, grass, gravel)")
        assert [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]] == []
    page.get_by_label("Language").select_option("de")
    expect(page.locator("#ask")).to_contain_text("wenn neue Fotos aus denselben 3 Gruppen kommen wie diese;")
    expect(page.locator("#ask")).to_contain_text("dem Anfang der Dateinamen (brick, grass, gravel)")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_answer_is_measured_at_once_and_can_be_taken_back(fresh_app: RunningApp, surfaces: Path) -> None:
    page = fresh_app.open(width=1280)
    api = fresh_app.api(page)
    made = api.project("Marks", "image", surfaces)
    api.run(made, "check")
    page.goto(f"{fresh_app.url}/projects/{made}/check")
    page.locator("#ask").get_by_role("button", name="From new ones").click()
    settled = page.locator("#settled")
    expect(settled).to_contain_text("Measured for new examples that come from new groups.", timeout=LONG)
    expect(page.locator("#ask")).to_have_count(0)
    advice = page.request.get(f"{fresh_app.url}/api/projects/{made}/check").json()["advice"]
    assert advice["data"]["groups"]["count"] == 3
    assert Axe().run(page).response["violations"] == []
    settled.get_by_role("button", name="Ask again").click()
    page.locator("#ask").get_by_role("button", name="From the same ones").click(timeout=LONG)
    expect(settled).to_contain_text("come from the same groups as these.", timeout=LONG)
    page.reload()
    expect(settled).to_contain_text("come from the same groups as these.")
