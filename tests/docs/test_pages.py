"""The docs name everything there is, and the generated pages are fresh."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import headstart
from headstart import errors, settings
from headstart.bases.catalogue import read_card

REPO = Path(__file__).resolve().parents[2]
DOCS = {path.name: path.read_text(encoding="utf-8") for path in (REPO / "docs").glob("*.md")}


def test_generated_pages_are_fresh():
    done = subprocess.run(
        [sys.executable, REPO / "scripts" / "write_docs.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_public_name_is_described():
    for name in headstart.__all__:
        assert f"hs.{name}" in DOCS["python.md"], name


def test_every_error_code_is_described():
    kinds = [errors.HeadstartError]
    for kind in kinds:
        kinds += kind.__subclasses__()
        assert f"`{kind.code}`" in DOCS["reference.md"]


def test_every_variable_that_the_code_reads_is_described():
    source = "".join(p.read_text(encoding="utf-8") for p in Path(settings.__file__).parent.rglob("*.py"))
    for name in set(re.findall(r"HEADSTART_[A-Z_]+", source)):
        assert name in DOCS["reference.md"], name


def test_no_link_leads_nowhere():
    pages = {REPO / "docs" / name: text for name, text in DOCS.items()}
    pages[REPO / "README.md"] = (REPO / "README.md").read_text(encoding="utf-8")
    for page, text in pages.items():
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_card_of_the_docs_is_a_card(tmp_path: Path):
    """Except for the hash, which is left for the reader to fill in."""
    [block] = re.findall(r"```toml\n(.*?)```", DOCS["bases.md"], flags=re.DOTALL)
    card = tmp_path / "card.toml"
    card.write_text(block.replace("…", "0" * 64), encoding="utf-8")
    assert read_card(card).name == "my_model"
