"""Every command and every Python block of the README runs, as written, on real data."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parts import write_parts

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.strip().split("  #")[0].strip()
    for line in README.splitlines()
    if line.startswith("    headstart ") or line.startswith("    headstart\t")
]
PYTHON = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
FETCHING = ("bases get",)

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder laid out as the README supposes: photos/, more_photos/, pile/, new/, reviews.csv, clips/."""
    here = tmp_path_factory.mktemp("reader")
    root = (
        Path(os.environ.get("HEADSTART_TEST_CACHE", Path(__file__).resolve().parents[2] / ".cache")) / "data"
    )
    for kind in sorted((root / "image" / "stamp_photos").iterdir())[:3]:
        for number, photo in enumerate(sorted(kind.iterdir())):
            folder = {0: "new", 1: "new", 2: f"more_photos/{kind.name}", 3: f"more_photos/{kind.name}"}.get(
                number, f"photos/{kind.name}"
            )
            (here / folder).mkdir(parents=True, exist_ok=True)
            shutil.copy2(photo, here / folder)
    shutil.copytree(here / "new", here / "folder")
    (here / "pile").mkdir()
    for kind in sorted((root / "image" / "stamp_photos").iterdir())[3:6]:
        for photo in sorted(kind.iterdir())[:15]:
            shutil.copy2(photo, here / "pile")
    shutil.copy2(next((here / "new").iterdir()), here / "a.jpg")
    for word in ("yes", "no", "stop"):
        shutil.copytree(root / "audio" / "spoken_commands" / word, here / "clips" / word)
    shutil.copy2(next((root / "audio" / "spoken_commands" / "go").iterdir()), here / "new.wav")
    with (root / "text" / "news_topic.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with (here / "reviews.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows[:200])
    _bring_targets(here, root, rows)
    return here


def _bring_targets(here: Path, root: Path, rows: list[list[str]]) -> None:
    """Add what the other targets are shown with: tickets.csv, cars.csv, parts/, new_parts/, manuals/."""
    texts = [row for row in rows[1:] if row[1] in ("business", "sport", "tech")][:120] or rows[1:121]
    with (here / "tickets.csv").open("w", encoding="utf-8", newline="") as file:
        tagged = [(text, f"{label}, long" if len(text) > 1500 else label) for text, label in texts]
        csv.writer(file).writerows([("text", "topics"), *tagged])
    with (here / "cars.csv").open("w", encoding="utf-8", newline="") as file:
        cars = [(f"{year}", km, 30_000 - 900 * (2020 - year) - km / 20 + 37.5 * (km % 7)) for year, km in (
            (2000 + n % 20, 5_000 + 1_731 * n % 150_000) for n in range(120)
        )]  # fmt: skip
        csv.writer(file).writerows([("built", "km", "price"), *cars])
    write_parts(here / "parts", root, good=24)
    write_parts(here / "some", root, good=1, scratches=1, first=500)
    (here / "new_parts").mkdir()
    for photo in (here / "some").rglob("*.*"):
        shutil.copy2(photo, here / "new_parts" / f"{photo.parent.name}.jpg")
    (here / "manuals").mkdir()
    (here / "manuals" / "kettle.md").write_text(
        "# Kettle\n\n## Removing limescale\n\nFill it with 500 ml of water and 50 ml of vinegar. Boil it, "
        "wait an hour, and rinse it twice.\n\n## Cleaning\n\nWipe the outside with a damp cloth.\n",
        encoding="utf-8",
    )


def shell_words(command: str, here: Path) -> list[str]:
    words: list[str] = []
    for word in shlex.split(command):
        found = sorted(str(p.relative_to(here)) for p in here.glob(word)) if "*" in word else []
        words += found or [word]
    return words


def test_the_readme_has_commands_and_python():
    assert len(COMMANDS) >= 10
    assert len(PYTHON) == 2


def test_every_command_of_the_readme_runs_in_the_order_of_the_page(workplace: Path, bases_cache: Path):
    for command in COMMANDS:
        done = subprocess.run(shell_words(command, workplace), cwd=workplace, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        assert done.stdout.strip(), f"{command} said nothing"


def test_every_python_block_of_the_readme_runs(workplace: Path, bases_cache: Path):
    setup = (
        "from pathlib import Path\n"
        "paths = sorted(str(p) for p in Path('photos').rglob('*.jpg'))\n"
        "labels = [Path(p).parent.name for p in paths]\n"
    )
    for block in PYTHON:
        done = subprocess.run(
            [sys.executable, "-W", "error::FutureWarning", "-c", setup + block],
            cwd=workplace,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{block}\n{done.stderr}"
