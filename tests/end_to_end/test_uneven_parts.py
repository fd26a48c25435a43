"""Many good parts and a few defective ones, told apart as classes: every surface names what is missed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from program import run

from headstart.app.telling import told_check, told_model
from headstart.verdicts import by_class
from headstart.wording import ENGLISH, Words
from parts import part_photo, scratched, shot, write_parts

pytestmark = [pytest.mark.bases, pytest.mark.realdata]

GOOD, LEAKS, SCRATCHED = 48, 12, 4
MISSED = re.compile(
    rf"Not good enough for 'leak' yet: it finds ([0-5]) of {LEAKS}, and takes (\d+) of {GOOD} 'good' for "
    r"something else\."
)


@pytest.fixture
def parts(tmp_path: Path, data_root: Path) -> Path:
    """Good parts, and a few that leak: a scratch shows on some of them, on the others nothing does."""
    folder, part = write_parts(tmp_path / "parts", data_root, good=GOOD), part_photo(data_root)
    (folder / "leak").mkdir()
    for i in range(LEAKS):
        whole = scratched(part, i) if i < SCRATCHED else part
        shot(whole, 700 + i).save(folder / "leak" / f"{i}.jpg", quality=93)
    return folder


def test_the_headline_names_what_is_missed(parts: Path, tmp_path: Path, bases_cache: Path) -> None:
    shown = " ".join(run("train", parts, "-o", tmp_path / "model").stdout.split())
    assert MISSED.search(shown), shown
    assert shown.index("Not good enough") < shown.index("of 100 new photos".capitalize())
    assert "Yes, this can be learned" not in shown
    assert "--target defects" in shown

    page = (tmp_path / "model" / "report.html").read_text()
    assert "Yes, this can be learned" not in page
    assert "leak" in page

    report = json.loads(run("train", parts, "-o", tmp_path / "again", "--json").stdout)
    found = by_class(report)
    assert found is not None
    assert found["missed"]
    told = told_model({"report": report, "gentle": None}, "image", Words("de"))
    assert told["by_class"].startswith(f"Für „leak“ noch nicht gut genug: {found['found']} von {LEAKS}")


def test_the_check_screen_names_it_and_shows_the_way(parts: Path, tmp_path: Path, bases_cache: Path) -> None:
    advice = json.loads(run("check", parts, "--json").stdout)
    result = {"advice": advice, "stale": False}
    told = told_check(result, {"groups": "", "model": None}, ENGLISH)["advice"]["told"]
    assert "Yes, this can be learned" not in told["verdict"]
    if advice["learnable"] == "yes":
        assert MISSED.search(told["verdict"])
        assert told["tone"]["badge"] == "Misses most of a class"
    assert told["steps"][0] == {
        "code": "defects",
        "text": f"{GOOD} good and {LEAKS} defective parts: a project of the kind 'Check parts' learns "
        "from the good ones and finds every part unlike them, new kinds of defect too.",
    }
