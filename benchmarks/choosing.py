"""Which rule of choice loses least: every head fitted on small samples and scored on the rest of the set.

    python benchmarks/choosing.py candidates --data DATA --work FOLDER [--only NAME] [--draws 20]
    python benchmarks/choosing.py taken --label NAME --data DATA --work FOLDER
    python benchmarks/choosing.py rules --work FOLDER
    python benchmarks/choosing.py compare BEFORE AFTER --work FOLDER

`candidates` draws samples of 5, 10 and 20 of each class and halves of each set (whole groups where a set has
groups), fits every head that could be taken, and keeps its held-out losses and its accuracy and log-loss on
the examples that were not drawn. `rules` replays rules of choice on what was kept. `taken` does the same for
what the program itself takes, and `compare` sets two versions of the program beside each other, draw by draw.

Results are kept draw by draw, so a run that was stopped goes on where it was. One thread; DATA is the folder
of real sets (`make data`), and the bases must be prepared (`make bases`).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from choosing_rules import show_comparison, show_rules
from choosing_tasks import GROUPED, PLAIN, REAL, Task, load_task

from headstart.heads import alternatives, select
from headstart.heads.blend import search_mixture
from headstart.heads.calibration import log_loss_rows
from headstart.heads.examples import Examples
from headstart.heads.folds import stratified_group_folds
from headstart.heads.ridge import fit_ridge
from headstart.heads.trial import Trial

SIZES = ("5", "10", "20", "half")
GROUPS = ("5", "7")


def draws(task: Task, size: str, count: int) -> Iterator[tuple[int, np.ndarray]]:
    """Draw rows to learn from: so many of each class, or half; whole groups where there are groups."""
    classes = np.unique(task.y)
    for seed in range(count):
        rng = np.random.default_rng([seed, len(size), len(task.y)])
        if task.name in GROUPED:
            total = int(task.sources.max()) + 1
            some = rng.permutation(total)[: min(int(size), total - 1)]
            rows = np.flatnonzero(np.isin(task.sources, some))
        else:
            owner = rng.permutation(int(task.sources.max()) + 1)[task.sources]
            order = np.argsort(owner, kind="stable")
            parts = []
            for label in classes:
                mine = order[task.y[order] == label]
                parts.append(mine[: len(mine) // 2 if size == "half" else int(size)])
            rows = np.concatenate(parts)
            rows = np.flatnonzero(np.isin(task.sources, task.sources[rows]))
        if all(len(np.unique(task.groups[rows][task.y[rows] == label])) > 1 for label in classes):
            yield seed, rows


def candidates(task: Task, rows: np.ndarray) -> list[dict[str, Any]]:
    """Fit all that could be taken on some rows; judge it held out, and on the rows that are left."""
    part, rest = task.take(rows), task.take(np.setdiff1d(np.arange(len(task.y)), rows))
    found: list[dict[str, Any]] = []
    for base, outputs in part.outputs.items():
        names = {name: (base, name) for name in outputs if name != "logits"}
        if part.raw is not None and part.blends_raw:
            names["raw"] = ("", "")
        found += _on_blocks(base, names, part, rest)
    if part.raw is not None:
        found += _on_blocks("none", {"raw": ("", "")}, part, rest)
    return found


def _on_blocks(base: str, names: dict[str, tuple[str, str]], part: Task, rest: Task) -> list[dict[str, Any]]:
    def tables(of: Task) -> dict[str, Any]:
        return {
            name: of.rows_of("raw" if not where[0] else "encoder", *where) for name, where in names.items()
        }

    examples = Examples.check(part.y, part.groups, len(part.classes))
    blocks = select._prepare(tables(part), examples)
    fresh = tables(rest)
    mixture, _ = search_mixture(blocks, examples)
    plain = ((next(iter(names)), 1.0),)
    folds = stratified_group_folds(examples.y, examples.owner, 10 if len(examples.y) < 200 else 5, 0)
    out = []
    for kind, parts in {"search": mixture, "plain": plain}.items():
        if kind == "plain" and mixture == plain:
            out += [{**one, "kind": "plain"} for one in out]
            continue
        ridge = fit_ridge(blocks, parts, examples)
        own = Trial.measured("ridge", parts, ridge.temperature * ridge.scores, examples, ridge.rows)
        made = {"ridge": select._ridge_weights(ridge, own, examples)}
        if base != "none" or len(examples.y) < 400:
            if alternatives.affordable("logistic", blocks, ridge, examples):
                made["logistic"] = alternatives.logistic(ridge, examples, folds)
            for name in ("lda", "prototypes"):
                if kind == "search" and alternatives.affordable(name, blocks, ridge, examples):
                    head = getattr(alternatives, name)
                    made[name] = (
                        head(blocks, parts, examples, folds) if name == "lda" else head(blocks, examples)
                    )
        by_folds = alternatives.fold_ridge(ridge, examples, folds)
        for head, weights in made.items():
            if weights is None:
                continue
            fitted = select._assemble(blocks, weights, [weights.trial], examples, ridge.rows)
            proba = fitted.predict_proba(fresh)
            reference = by_folds if head in ("logistic", "lda") else own
            out.append(
                {
                    "base": base,
                    "kind": kind,
                    "head": head,
                    "mixture": str(weights.trial.mixture),
                    "held": log_loss_rows(weights.trial.proba, part.y),
                    "correct": weights.trial.proba.argmax(axis=1) == part.y,
                    "reference": log_loss_rows(reference.proba, part.y),
                    "loss": float(log_loss_rows(proba, rest.y).mean()),
                    "accuracy": float((proba.argmax(axis=1) == rest.y).mean()),
                }
            )
    return out


def keep_candidates(task: Task, size: str, count: int, work: Path) -> None:
    folder = work / "candidates" / task.name.replace("/", "_")
    folder.mkdir(parents=True, exist_ok=True)
    for seed, rows in draws(task, size, count):
        target = folder / f"{size}-{seed}.npz"
        if target.exists():
            continue
        found = candidates(task, rows)
        tables = {
            name: np.stack([one.pop(name) for one in found]) for name in ("held", "correct", "reference")
        }
        np.savez(target, groups=task.groups[rows], y=task.y[rows], facts=json.dumps(found), **tables)


def keep_taken(task: Task, size: str, count: int, work: Path, label: str) -> None:
    """Let the program choose on each draw, and score what it takes on the rest."""
    from headstart.evaluation.choosing import choose

    target = work / f"taken-{label}.jsonl"
    lines = target.read_text().splitlines() if target.exists() else []
    known = {(one["task"], one["size"], one["seed"]) for one in map(json.loads, lines)}
    for seed, rows in draws(task, size, count):
        if (task.name, size, seed) in known:
            continue
        part, rest = task.take(rows), task.take(np.setdiff1d(np.arange(len(task.y)), rows))
        start = time.process_time()
        taken = choose(part, head="auto", blend=True, seed=0, progress=lambda _: None).taken
        seconds = time.process_time() - start
        proba = taken.fitted.predict_proba(
            {block.name: rest.rows_of(block.kind, block.encoder, block.output) for block in taken.used}
        )
        line = {
            "task": task.name,
            "size": size,
            "seed": seed,
            "base": taken.base,
            "head": taken.fitted.linear.meta["head"],
            "features": taken.fitted.linear.meta["features"],
            "loss": float(log_loss_rows(proba, rest.y).mean()),
            "accuracy": float((proba.argmax(axis=1) == rest.y).mean()),
            "seconds": seconds,
        }
        with target.open("a") as out:
            out.write(json.dumps(line) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("candidates", "taken", "rules", "compare"))
    parser.add_argument("labels", nargs="*")
    parser.add_argument("--data", type=Path, default=Path(".cache/data"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--sizes", default="")
    parser.add_argument("--label", default="now")
    parser.add_argument("--draws", type=int, default=20)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    if given.what == "rules":
        show_rules(given.work, GROUPED, PLAIN)
        return
    if given.what == "compare":
        show_comparison(given.work, *given.labels)
        return
    for name in (*GROUPED, *PLAIN, *REAL):
        if given.only and name not in given.only.split(","):
            continue
        task = load_task(name, given.data, given.work)
        for size in given.sizes.split(",") if given.sizes else GROUPS if name in GROUPED else SIZES:
            start = time.perf_counter()
            if given.what == "candidates":
                keep_candidates(task, size, given.draws, given.work)
            else:
                keep_taken(task, size, given.draws, given.work, given.label)
            print(f"{name:25} {size:5} {time.perf_counter() - start:7.1f} s", flush=True)


if __name__ == "__main__":
    main()
