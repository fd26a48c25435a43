"""Replay rules of choice on what `choosing.py candidates` kept, and compare two versions of the program."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DEFAULTS = ("whisper_tiny_en", "efficientnet_lite0", "minilm_l6", "features")


@dataclass(frozen=True)
class Draw:
    """What could be taken on one draw.

    Attributes
    ----------
    facts
        Base, kind (``search`` or ``plain``), head, and the log-loss and accuracy on fresh examples, of each.
    held
        ``(M, n)`` held-out losses, as each was measured.
    compared
        The same, those by folds brought to one group left out at a time.
    """

    facts: list[dict]
    held: np.ndarray
    compared: np.ndarray
    groups: np.ndarray

    @classmethod
    def read(cls, path: Path) -> Draw:
        kept = np.load(path)
        facts, held, by_folds = json.loads(str(kept["facts"])), kept["held"], kept["reference"]
        compared = held.astype(float)
        for i, one in enumerate(facts):
            if one["head"] in ("logistic", "lda"):
                own = next(
                    k
                    for k, other in enumerate(facts)
                    if other["head"] == "ridge"
                    and (other["base"], other["kind"]) == (one["base"], one["kind"])
                )
                scale = min(1.0, held[own].mean() / max(by_folds[i].mean(), 1e-12))
                compared[i] = held[own] + scale * (held[i] - by_folds[i])
        return cls(facts, held, compared, np.unique(kept["groups"], return_inverse=True)[1])

    def where(self, **wanted: str) -> list[int]:
        return [i for i, one in enumerate(self.facts) if all(one[k] == v for k, v in wanted.items())]

    def bases(self) -> list[str]:
        return [base for base in dict.fromkeys(one["base"] for one in self.facts) if base != "none"]

    def gain(self, worse: int, better: int, losses: np.ndarray) -> tuple[float, float]:
        """Return how much lower the loss is, and its standard error over groups."""
        gap = losses[worse] - losses[better]
        by_group = np.bincount(self.groups, weights=(gap - gap.mean()) / len(gap))
        return float(gap.mean()), float(np.sqrt(np.square(by_group).sum()))


def head_of(draw: Draw, base: str, home: str, worth: dict[str, float]) -> int:
    """Take the home head on the best mixture, unless another is better by so many standard errors."""
    tried = draw.where(base=base, kind="search") or draw.where(base=base, kind="plain")
    own = next((i for i in tried if draw.facts[i]["head"] == home), tried[0])

    def with_handicap(i: int) -> float:
        error = draw.gain(own, i, draw.compared)[1]
        return float(draw.compared[i].mean()) + worth.get(draw.facts[i]["head"], 0.0) * error

    return own if not worth else min(tried, key=with_handicap)


def rule(home: str, worth: dict[str, float], few: float = 0.0) -> Callable[[Draw], int]:
    """Make a rule: a head for each base, the best base, and a plain setting to beat where groups are few."""

    def take(draw: Draw) -> int:
        options = [head_of(draw, base, home, worth) for base in draw.bases()]
        best = min(options, key=lambda i: draw.compared[i].mean())
        groups = int(draw.groups.max()) + 1
        if few and 2 * groups <= len(draw.groups):
            base = next(base for base in DEFAULTS if base in draw.bases())
            plain = (draw.where(base=base, kind="plain", head="logistic") or [best])[0]
            gain, error = draw.gain(plain, best, draw.compared)
            best = best if gain > np.sqrt(few / groups) * error else plain
        return best

    return take


TAKEN = {"ridge": 0.5, "lda": 0.5, "prototypes": 2.0}
RULES: dict[str, Callable[[Draw], int]] = {
    "ridge unless 1 SE": rule("ridge", {"logistic": 1, "lda": 1, "prototypes": 1}),
    "smallest loss": rule("logistic", {"ridge": 0}),
    "half a SE for all": rule("logistic", dict.fromkeys(TAKEN, 0.5)),
    "1 SE for all": rule("logistic", dict.fromkeys(TAKEN, 1.0)),
    "logistic always": rule("logistic", {}),
    "taken, few 0": rule("logistic", TAKEN),
    "taken, few 5": rule("logistic", TAKEN, 5),
    "taken, few 10": rule("logistic", TAKEN, 10),
    "taken, few 20": rule("logistic", TAKEN, 20),
}


def show_rules(work: Path, grouped: Sequence[str], plain: Sequence[str]) -> None:
    """Print each rule's mean accuracy and log-loss on fresh examples, less the first rule's."""
    found = defaultdict(list)
    for path in sorted((work / "candidates").glob("*/*.npz")):
        draw = Draw.read(path)
        name = path.parent.name
        kind = "groups" if name in grouped else "scikit-learn" if name in plain else "real"
        taken = [draw.facts[take(draw)] for take in RULES.values()]
        found[kind, name, path.stem.split("-")[0]].append(
            [(100 * one["accuracy"], one["loss"]) for one in taken]
        )
    for kind in ("real", "scikit-learn", "groups"):
        means = np.array([np.mean(draws, axis=0) for key, draws in found.items() if key[0] == kind])
        if not len(means):
            continue
        print(f"\n{kind}: {len(means)} sets and sizes, less {next(iter(RULES))!r}")
        for number, name in enumerate(RULES):
            gap = means[:, number] - means[:, 0]
            print(f"  {name:20} accuracy {gap[:, 0].mean():+.2f}   log-loss {gap[:, 1].mean():+.4f}")


def show_comparison(work: Path, before: str, after: str) -> None:
    """Print accuracy and log-loss of two versions of the program on the same draws, and their difference."""
    kept = []
    for label in (before, after):
        lines = (work / f"taken-{label}.jsonl").read_text().splitlines()
        kept.append({(one["task"], one["size"], one["seed"]): one for one in map(json.loads, lines)})
    pairs = defaultdict(list)
    for key in kept[0].keys() & kept[1].keys():
        pairs[key[:2]].append(
            [(100 * one[key]["accuracy"], one[key]["loss"], one[key]["seconds"]) for one in kept]
        )
    print(
        "| set | size | draws | accuracy before | after | difference | log-loss before | after | difference |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for (task, size), found in sorted(pairs.items()):
        table = np.array(found)
        cells = [task, size, str(len(table))]
        for column, digits in ((0, 1), (1, 3)):
            gap = table[:, 1, column] - table[:, 0, column]
            half = 1.96 * gap.std(ddof=1) / np.sqrt(len(gap)) if len(gap) > 1 else float("nan")
            means = table[:, :, column].mean(axis=0)
            cells += [f"{mean:.{digits}f}" for mean in means] + [
                f"{gap.mean():+.{digits}f} ± {half:.{digits}f}"
            ]
        print("| " + " | ".join(cells) + " |")
    seconds = np.array([pair for found in pairs.values() for pair in found])[:, :, 2].sum(axis=0)
    print(f"\nprocessor time of choosing: {seconds[0]:.0f} s before, {seconds[1]:.0f} s after")
