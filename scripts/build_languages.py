"""Build a set of texts in several languages: Debian's descriptions of packages, which people have translated.

    python scripts/build_languages.py OUTPUT_FOLDER

Writes OUTPUT_FOLDER/english.csv to train on, and de.csv, ja.csv, ru.csv, zh.csv, fr.csv and es.csv to test
with (text, label, group); english_test.csv is the German test in English. The label is the section.
What is made of one source package stays on one side: packages of the test in any language are not trained on.

Needs Debian or Ubuntu with apt-get and the network. The lists are fetched into a folder of their own
(DATA_WORK, else a temporary one); those of the system stay as they are.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

SECTIONS = ("games", "graphics", "sound", "editors", "fonts", "science", "mail")
LANGUAGES = {"de": "de", "ja": "ja", "ru": "ru", "zh": "zh_CN", "fr": "fr", "es": "es"}
TRAIN, TEST = 60, 40
"""Texts of each section."""
LONGEST = 600


@dataclass(frozen=True)
class Package:
    """What the index says of a package, with the hash of the English description that was translated."""

    name: str
    source: str
    section: str
    digest: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    output = parser.parse_args().output
    with tempfile.TemporaryDirectory() as passing:
        lists = fetch_lists(Path(os.environ.get("DATA_WORK", passing)) / "apt-languages")
        packages = read_packages(lists)
        texts = {code: read_texts(lists, apt, packages) for code, apt in {"en": "en", **LANGUAGES}.items()}
    output.mkdir(parents=True, exist_ok=True)
    tested = {code: choose(packages, texts[code], TEST) for code in LANGUAGES}
    of_test = {package.source for chosen in tested.values() for package in chosen}
    for code, chosen in tested.items():
        write(output / f"{code}.csv", chosen, texts[code])
    write(output / "english_test.csv", tested["de"], texts["en"])
    rest = {name: package for name, package in packages.items() if package.source not in of_test}
    write(output / "english.csv", choose(rest, texts["en"], TRAIN), texts["en"])


def fetch_lists(work: Path) -> Path:
    """Fetch the package lists of this system's mirror with every translation wanted."""
    lists = work / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    (work / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    settings = [
        "APT::Sandbox::User=root",
        f"Dir::State::Lists={lists}",
        f"Dir::Cache={work}",
        f"Acquire::Languages={','.join(['en', *LANGUAGES.values()])}",
        "Acquire::GzipIndexes=false",
    ]
    options = [part for setting in settings for part in ("-o", setting)]
    if not list(lists.glob("*_Packages")):
        subprocess.run(["apt-get", "-qq", *options, "update"], check=True)
    return lists


def paragraphs(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").split("\n\n")


def field(paragraph: str, name: str) -> str:
    found = re.search(rf"^{name}: (.+)$", paragraph, re.MULTILINE)
    return found[1] if found else ""


def read_packages(lists: Path) -> dict[str, Package]:
    """Return the packages of the wanted sections by name."""
    found = {}
    for path in sorted(lists.glob("*_main_binary-*_Packages")):
        for paragraph in paragraphs(path):
            name, section = field(paragraph, "Package"), field(paragraph, "Section").split("/")[-1]
            if section in SECTIONS:
                source = field(paragraph, "Source").split(" ")[0] or name
                found.setdefault(name, Package(name, source, section, field(paragraph, "Description-md5")))
    return found


def read_texts(lists: Path, language: str, packages: dict[str, Package]) -> dict[str, str]:
    """Return the description of each package in one language, where it is up to date."""
    found = {}
    for path in sorted(lists.glob(f"*_main_i18n_Translation-{language.replace('_', '%5f')}")):
        for paragraph in paragraphs(path):
            package = packages.get(field(paragraph, "Package"))
            said = re.search(rf"^Description-{language}: (.*(?:\n .*)*)", paragraph, re.MULTILINE)
            if package and said and field(paragraph, "Description-md5") == package.digest:
                plain = " ".join(said[1].replace("\n .", "\n").split())
                found[package.name] = plain[:LONGEST].strip()
    return found


def choose(packages: dict[str, Package], texts: dict[str, str], each: int) -> list[Package]:
    """Choose up to `each` packages of a section that have a text, one of each source."""
    by_section: dict[str, dict[str, Package]] = defaultdict(dict)
    for name in sorted(packages):
        if name in texts:
            by_section[packages[name].section].setdefault(packages[name].source, packages[name])
    chosen = []
    for section in SECTIONS:
        pool = list(by_section[section].values())
        random.Random(section).shuffle(pool)
        chosen += pool[:each]
    return chosen


def write(path: Path, chosen: list[Package], texts: dict[str, str]) -> None:
    rows = [(texts[one.name], one.section, one.source) for one in chosen if one.name in texts]
    random.Random(0).shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label", "group"])
        writer.writerows(rows)
    print(f"{path}: {len(rows)} texts")


if __name__ == "__main__":
    main()
