"""Compare frozen, gentle and from scratch on the real data sets; print the table that docs/gentle.md shows.

Results are kept in a JSON file as they come, so that a run that was stopped goes on where it was:

    python scripts/compare_table.py DATA --out compare_table.json --per-class 20

Examples per class can be limited, since networks are trained here on every fold; the same examples and folds
serve every way. ``--table`` prints what is there without running anything.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np

from headstart.execution import Progress
from headstart.types import Dataset
from headstart.workflows import compare, load

TASKS = {
    "stamp_photos": ("image/stamp_photos", "efficientnet_lite0", True),
    "handwritten_digits": ("image/handwritten_digits", "efficientnet_lite0", False),
    "surface_marks": ("image/surface_marks", "efficientnet_lite0", True),
    "news_topic": ("text/news_topic.csv", "minilm_l6", True),
    "package_section": ("text/package_section.csv", "minilm_l6", True),
    "spoken_language": ("audio/spoken_language", "whisper_tiny_en", True),
    "spoken_commands": ("audio/spoken_commands", "whisper_tiny_en", True),
    "spoken_commands_yamnet": ("audio/spoken_commands", "yamnet", True),
}
"""Name to folder or table, base, and whether mirroring leaves a picture what it is."""


def examples(data: Path, place: str, per_class: int | None) -> Dataset:
    """Read a task, with its groups, and at most so many examples of each class, drawn once for all."""
    groups = data / "meta" / f"{Path(place).with_suffix('').as_posix().replace('/', '-')}-groups.csv"
    dataset = load(data / place, groups=groups if groups.is_file() else None)
    if per_class is None:
        return dataset
    kept, seen = [], defaultdict(int)
    for at in np.random.default_rng(0).permutation(len(dataset)):
        one = dataset.examples[at]
        seen[one.label] += 1
        if seen[one.label] <= per_class:
            kept.append(int(at))
    return replace(dataset, examples=tuple(dataset.examples[at] for at in sorted(kept)))


def run(args: argparse.Namespace) -> None:
    for name in args.tasks or TASKS:
        for ways in args.ways.split(";"):
            done = json.loads(args.out.read_text()) if args.out.is_file() else {}
            key = f"{name}:{ways}:{args.per_class}:{args.folds}:{args.epochs}"
            if key in done:
                continue
            place, base, flip = TASKS[name]
            settings = {"flip": flip} | ({"epochs": args.epochs} if args.epochs else {})
            began = time.time()
            dataset = examples(args.data, place, args.per_class)
            groups = len({one.group or one.name for one in dataset.examples})
            found = compare(
                dataset,
                base=base,
                ways=ways.split(","),
                folds=min(args.folds, groups),  # surface marks come from three photos
                finetune=settings,
                progress=_Told(name),
            )
            done = json.loads(args.out.read_text()) if args.out.is_file() else {}
            args.out.write_text(json.dumps({**done, key: found.to_dict()}, indent=1))
            print(f"{name}: {time.time() - began:.0f} s", *found.verdict, sep="\n  ", flush=True)


class _Told:
    """Says twice a minute how far a task is."""

    def __init__(self, name: str) -> None:
        self.name, self.last = name, time.time()

    def __call__(self, progress: Progress) -> None:
        if time.time() - self.last > 30:
            self.last = time.time()
            print(f"  {self.name}: {progress.stage} {progress.done}/{progress.total}", file=sys.stderr)


def table(done: dict[str, dict]) -> str:
    """Return the rows in Markdown: what each way gets right, and how the others differ from frozen."""
    headings = ("task, base", "examples (groups)", "floor", "scratch", "frozen", "gentle")
    headings += ("gentle - frozen", "scratch - frozen", "auto", "processor s: scratch / frozen / gentle")
    lines = [f"| {' | '.join(headings)} |", "|" + " --- |" * len(headings)]
    tasks = defaultdict(list)
    for key, found in done.items():
        tasks[key.partition(":")[0]].append(found)
    for name, several in tasks.items():
        ways = {way["name"]: way for found in several for way in found["ways"]}
        pairs = {(p["first"], p["second"]): p for found in several for p in found["pairs"]}
        auto = next((f["auto"] for f in several if any(w["name"] == "gentle" for w in f["ways"])), "–")
        first = several[0]
        cells = [
            f"{name.removesuffix('_yamnet')}, {first['base']}",
            f"{first['used']} ({first['groups']})",
            *(_share(ways.get(way)) for way in ("floor", "scratch", "frozen", "gentle")),
            *(_gap(pairs.get((way, "frozen"))) for way in ("gentle", "scratch")),
            auto,
            " / ".join(_cost(ways.get(way)) for way in ("scratch", "frozen", "gentle")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _share(way: dict | None) -> str:
    return "–" if way is None else f"{100 * way['accuracy']:.1f}"


def _gap(pair: dict | None) -> str:
    if pair is None:
        return "–"
    gap, low, high = (100 * pair[end] for end in ("difference", "low", "high"))
    return f"{gap:+.1f} ({low:+.1f} to {high:+.1f}), p {pair['p_value']:.2g}"


def _cost(way: dict | None) -> str:
    return "–" if way is None else f"{way['cpu_seconds']:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with image/, text/, audio/ and meta/")
    parser.add_argument("--out", type=Path, default=Path("compare_table.json"))
    parser.add_argument("--tasks", nargs="*", choices=list(TASKS))
    parser.add_argument(
        "--ways", default="floor,frozen,gentle,scratch", help="several runs may be parted by ;"
    )
    parser.add_argument("--per-class", type=int, default=None)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--table", action="store_true", help="print the table and run nothing")
    args = parser.parse_args()
    if not args.table:
        run(args)
    print(table(json.loads(args.out.read_text())))


if __name__ == "__main__":
    main()
