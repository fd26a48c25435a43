"""Measure what `headstart check` promises, on the real tasks: forecasts, label errors, the choice of base.

    python benchmarks/advice.py forecast|labels|regret DATA [--tasks image/stamp_photos,…] [--draws 100]

DATA is the folder that scripts/build_data.py made. Embeddings come from the cache; each figure is printed as
a line of the tables in docs/checking.md. ``labels`` also writes the held-out probabilities to
``labels-*.npz`` in the current folder, for measuring cleanlab on the same ones.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from headstart.advice.label_errors import check_labels, confident_class
from headstart.advice.learning_curve import forecast, measure_curve
from headstart.bases.runnable import runnable
from headstart.evaluation.choosing import choose
from headstart.evaluation.resampling import repeated_holdout
from headstart.execution import silent
from headstart.heads.features import Block
from headstart.heads.select import fit_head
from headstart.heads.sparse import Sparse
from headstart.preparing import Prepared, prepare
from headstart.types import Modality
from headstart.workflows.reading import load

TASKS = {
    "image/stamp_photos": "efficientnet_lite0",
    "image/handwritten_digits": "efficientnet_lite0",
    "image/surface_marks": "efficientnet_lite0",
    "text/news_topic": "minilm_l6",
    "text/package_section": "minilm_l6",
    "audio/spoken_commands": "whisper_tiny_en",
    "audio/spoken_language": "whisper_tiny_en",
}


def read(data: Path, task: str, base: str = "auto") -> Prepared:
    path = data / (f"{task}.csv" if task.startswith("text") else task)
    groups = data / "meta" / f"{task.replace('/', '-')}-groups.csv"
    dataset = load(path, groups=groups if groups.is_file() else None)
    return prepare(dataset, runnable(dataset.modality, base, silent).bases, use_cache=True, progress=silent)


def subset(prepared: Prepared, rows: Any) -> Prepared:
    """Return some of the examples, as if they were all there is."""

    def some(values: Any) -> Any:
        return values.take(rows) if isinstance(values, Sparse) else values[rows]

    return replace(
        prepared,
        dataset=replace(prepared.dataset, examples=tuple(prepared.dataset.examples[i] for i in rows)),
        y=prepared.y[rows],
        groups=np.unique(prepared.groups[rows], return_inverse=True)[1].reshape(-1),
        outputs={b: {o: some(v) for o, v in out.items()} for b, out in prepared.outputs.items()},
        raw=some(prepared.raw),
        contents=[prepared.contents[i] for i in rows],
    )


def some_groups(owner: Any, share: float, rng: np.random.Generator) -> Any:
    """Draw whole groups until they hold about `share` of the examples."""
    sizes = np.bincount(owner)
    order = rng.permutation(len(sizes))
    kept = order[: max(2, int(np.searchsorted(np.cumsum(sizes[order]), share * len(owner)) + 1))]
    return np.flatnonzero(np.isin(owner, kept))


def run_forecast(data: Path, task: str, draws: int) -> tuple[float, int]:
    """Return the share of draws whose band held, and how many had a band."""
    prepared = read(data, task, TASKS[task])
    y, owner, n_classes = prepared.y, prepared.groups, len(prepared.classes)
    vectors = np.asarray(prepared.outputs[TASKS[task]]["embedding"])
    gram = Block.prepare("embedding", vectors, n_classes).gram()
    full = measure_curve(gram, y, owner, n_classes, repeats=1)
    truth = 1.0 - float(full.mean[-1]) if full else float("nan")
    held, widths, none = [], [], 0
    rng = np.random.default_rng(0)
    for number in range(draws):
        rows = some_groups(owner, 1 / 3, rng)
        group = np.unique(owner[rows], return_inverse=True)[1].reshape(-1)
        curve = None
        if len(np.unique(y[rows])) == n_classes:
            curve = measure_curve(gram[np.ix_(rows, rows)], y[rows], group, n_classes, seed=number)
        if curve is None:
            none += 1
            continue
        low, high = forecast(curve, seed=number).band(len(y))
        held.append((1 - high) - 1e-9 <= truth <= (1 - low) + 1e-9)
        widths.append(high - low)
    side = np.mean(held) if held else float("nan")
    width = np.mean(widths) if widths else float("nan")
    n_groups = len(np.unique(owner))
    cells = f"{len(y)} | {n_groups} | {truth:.3f} | {side:.0%} of {len(held)} | {width:.3f} | {none}"
    print(f"| {task} | {cells} |", flush=True)
    return float(side), len(held)


def planted(prepared: Prepared, base: str, share: float, seed: int) -> tuple[Any, Any, Any]:
    """Return labels with errors, where they are, and held-out probabilities."""
    rng = np.random.default_rng(seed)
    y, n_classes = prepared.y, len(prepared.classes)
    wrong = rng.permutation(len(y))[: round(share * len(y))]
    given = y.copy()
    given[wrong] = (given[wrong] + rng.integers(1, n_classes, len(wrong))) % n_classes
    blocks = {k: v for k, v in prepared.outputs[base].items() if k != "logits"}
    fitted = fit_head(blocks, given, prepared.groups, n_classes=n_classes, head="ridge", seed=seed)
    return given, np.isin(np.arange(len(y)), wrong), fitted.loo_proba_


def run_labels(data: Path, task: str, draws: int) -> list[Any]:
    """Return precision, recall and count of the labels listed, for each share of errors."""
    rows = []
    prepared = read(data, task, TASKS[task])
    for share in (0.0, 0.05, 0.10):
        table = []
        for seed in range(draws if share else 1):
            given, wrong, proba = planted(prepared, TASKS[task], share, seed)
            found = check_labels(proba, given)
            guess = confident_class(proba, given)
            both = (found.margin > 0) & (guess >= 0) & (guess != given)
            table.append([*_score(found.doubted, wrong), *_score(both, wrong)])
            name = f"labels-{task.replace('/', '-')}-{share}-{seed}.npz"
            np.savez(name, given=given, wrong=wrong, proba=proba)
        cells = " | ".join(f"{value:.2f}" for value in np.nanmean(table, axis=0))
        print(f"| {task} | {share:.0%} | {cells} |", flush=True)
        rows.append(np.nanmean(table, axis=0)[:3])
    return rows


def _score(flagged: Any, wrong: Any) -> tuple[float, float, float]:
    """Return precision, recall, and how many were flagged."""
    hits = float((flagged & wrong).sum())
    return hits / max(int(flagged.sum()), 1), hits / max(int(wrong.sum()), 1), float(flagged.sum())


def run_regret(data: Path, task: str, draws: int) -> float:
    """Return how many points the chosen bases stay behind the best base on fresh halves, on average.

    Printed beside it: behind the base that happens to be best on each half, which chance alone makes larger.
    """
    prepared = read(data, task)
    regrets, taken, scores = [], [], []
    for train, test in repeated_holdout(prepared.y, prepared.groups, 0.5, draws):
        if len(np.unique(prepared.y[train])) < len(prepared.classes):
            continue
        part = subset(prepared, train)
        choice = choose(part, head="auto", blend=True, seed=0, progress=silent, pairs=False)
        fresh = subset(prepared, test)
        found = {}
        for option in choice.options:
            if option is choice.floor:
                continue
            values = {
                name: fresh.raw if block.kind == "raw" else fresh.outputs[block.encoder][block.output]
                for name, block in option.blocks.items()
                if name in option.fitted.linear.blocks
            }
            found[option.base] = (option.fitted.predict_proba(values).argmax(axis=1) == fresh.y).mean()
        taken.append(found[choice.taken.base])
        regrets.append(max(found.values()) - taken[-1])
        scores.append([found[base] for base in prepared.outputs])
    means = " ".join(
        f"{base} {value:.3f}" for base, value in zip(prepared.outputs, np.mean(scores, axis=0), strict=True)
    )
    behind = float(100 * (np.mean(scores, axis=0).max() - np.mean(taken)))
    each = 100 * float(np.mean(regrets))
    print(f"| {task} | {behind:.2f} | {each:.2f} | {len(regrets)} | {means} |", flush=True)
    return behind


def main(arguments: Iterator[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["forecast", "labels", "regret"])
    parser.add_argument("data", type=Path)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--draws", type=int, default=0)
    options = parser.parse_args(arguments)
    run, draws = {"forecast": (run_forecast, 100), "labels": (run_labels, 5), "regret": (run_regret, 20)}[
        options.what
    ]
    for task in options.tasks.split(","):
        if Modality(task.split("/")[0]) and task in TASKS:
            run(options.data, task, options.draws or draws)
        else:
            sys.exit(f"unknown task {task}")


if __name__ == "__main__":
    main()
