"""Measure every real data set with one command each, and write the README's table of accuracy.

Usage: python scripts/readme_table.py          (needs make bases and make data; a quiet machine for the times)
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
DATA = REPO / ".cache" / "data"
MARK = "<!-- accuracy-table -->"
GROUPS = "--groups", "meta/{}-groups.csv"
COLUMNS = "--input-column", "text", "--label-column", "label"
TASKS = [
    ("photos of 7 kinds of things", "image/stamp_photos", ()),
    ("handwritten digits", "image/handwritten_digits", ()),
    ("scratches and spots, source photos kept apart", "image/surface_marks", GROUPS),
    ("news by topic", "text/news_topic.csv", COLUMNS),
    ("software by section, one line each", "text/package_section.csv", COLUMNS),
    ("spoken commands, voices kept apart", "audio/spoken_commands", GROUPS),
    ("language of a spoken word", "audio/spoken_language", ()),
    ("the same, recordings kept apart", "audio/spoken_language", GROUPS),
]


def main() -> None:
    headstart = Path(sys.executable).parent / "headstart"
    lines = [
        "| data set | examples, classes | accuracy | without a base | guessing | base taken | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for title, path, options in TASKS:
            cache = Path(folder, "cache")
            subprocess.run(["rm", "-rf", cache], check=True)
            cache.mkdir()
            (cache / "bases").symlink_to(REPO / ".cache" / "headstart" / "bases")
            groups = path.replace("/", "-")
            filled = [str(DATA / o.format(groups)) if o.startswith("meta/") else o for o in options]
            done = subprocess.run(
                [headstart, "train", DATA / path, "-o", Path(folder, "model"), "--json", *filled],
                capture_output=True,
                text=True,
                env={**os.environ, "HEADSTART_CACHE": str(cache)},
            )
            if done.returncode:
                sys.exit(done.stderr)
            lines.append(_row(title, json.loads(done.stdout)))
            print(lines[-1], flush=True)
    readme = REPO / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, _, after = text.partition(MARK)
    rest = after.split("\n\n", 2)
    tail = rest[2] if len(rest) > 2 and rest[1].startswith("|") else after.lstrip("\n")
    readme.write_text(f"{before}{MARK}\n\n" + "\n".join(lines) + "\n\n" + tail, encoding="utf-8")


def _row(title: str, report: dict) -> str:
    accuracy, floor = report["accuracy"], report["floor"]
    return (
        f"| {title} | {report['used']}, {len(report['classes'])} | **{accuracy['estimate']:.3f}**"
        f" ({accuracy['low']:.3f} to {accuracy['high']:.3f}) | {floor['estimate']:.3f}"
        f" ({floor['low']:.3f} to {floor['high']:.3f}) | {report['guessing']:.3f} | {report['base']}"
        f" | {report['seconds']['total']:.1f} |"
    )


if __name__ == "__main__":
    main()
