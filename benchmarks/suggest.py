"""How many labels `headstart suggest` needs, against labels in random order.

    python benchmarks/suggest.py DATA[:BASE] ... [--draws 20] [--batch 10]

Of each data set (a folder of classes, or a table) 30 of 100 examples are kept for testing, drawn anew each
time; the others are the pile, whose labels are uncovered batch by batch. Both orders train the same head
(ridge, chosen by leave-one-out) on the same embeddings. Printed is the number of labels at which the mean
test accuracy first reaches 90, 95 and 98% of what all labels give, and the share of random order's labels.
The examples that `suggest` draws at random for measuring are not trained on; `--random-share` says how many
more labels they cost, which is counted.
"""

from __future__ import annotations

import argparse
import warnings

import numpy as np

import headstart as hs
from headstart.advice.suggesting import typical, uncertain, uncertainty, unit_rows

SHARES = (0.90, 0.95, 0.98)
BASES = {"image": "efficientnet_lite0", "text": "minilm_l6", "audio": "whisper_tiny_en"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--most", type=int, default=300)
    asked = parser.parse_args()
    print("| data | all labels | order | labels to 90 / 95 / 98% of it | of random order's at 95% |")
    print("| --- | --- | --- | --- | --- |")
    for data in asked.data:
        measure(data, asked)


def measure(data: str, asked: argparse.Namespace) -> None:
    place, _, base = data.partition(":")
    dataset = hs.load(place)
    base = base or BASES[str(dataset.modality)]
    inputs = [
        example.source if dataset.modality == "text" else str(example.source) for example in dataset.examples
    ]
    vectors = np.asarray(hs.Encoder(base=base).fit_transform(inputs), dtype=np.float32)
    labels = np.array([example.label for example in dataset.examples])
    needed: dict[str, list[float]] = {}
    for order in ("random", "suggest"):
        curves, whole = [], []
        for draw in range(asked.draws):
            shuffled = np.random.default_rng(draw).permutation(len(labels))
            test, pile = np.split(shuffled, [round(0.3 * len(labels))])
            whole.append(accuracy(vectors, labels, pile, test))
            curves.append(curve(order, vectors, labels, pile, test, draw, asked))
        steps = min(map(len, curves))
        mean = np.mean([each[:steps] for each in curves], axis=0)
        counts = asked.batch * np.arange(1, steps + 1)
        needed[order] = [reached(counts, mean, share * np.mean(whole)) for share in SHARES]
        told = " / ".join("not reached" if np.isnan(count) else f"{count:.0f}" for count in needed[order])
        share = needed[order][1] / needed["random"][1]
        print(f"| {place} | {np.mean(whole):.3f} | {order} | {told} | {share:.2f} |", flush=True)


def curve(
    order: str,
    vectors: np.ndarray,
    labels: np.ndarray,
    pile: np.ndarray,
    test: np.ndarray,
    draw: int,
    asked: argparse.Namespace,
) -> list[float]:
    unit, groups = unit_rows(vectors[pile]), np.arange(len(pile))
    is_open = np.ones(len(pile), dtype=np.bool_)
    rng = np.random.default_rng([draw, 7])
    reached_so_far = []
    while is_open.any() and (~is_open).sum() < asked.most:
        head = fit(vectors, labels, pile[~is_open])
        if order == "random":
            chosen = rng.permutation(np.flatnonzero(is_open))[: asked.batch]
        elif head is None:
            chosen = typical(unit, groups, is_open, asked.batch, draw)
        else:
            doubt = uncertainty(head.predict_proba(vectors[pile]))
            chosen = uncertain(unit, doubt, groups, is_open, asked.batch, draw)
        is_open[chosen] = False
        reached_so_far.append(accuracy(vectors, labels, pile[~is_open], test))
    return reached_so_far


def fit(vectors: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> hs.TransferClassifier | None:
    if len(set(labels[rows])) < 2:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hs.TransferClassifier(head="ridge").fit(vectors[rows], labels[rows])


def accuracy(vectors: np.ndarray, labels: np.ndarray, rows: np.ndarray, test: np.ndarray) -> float:
    head = fit(vectors, labels, rows)
    said = np.full(len(test), labels[rows[0]]) if head is None else head.predict(vectors[test])
    return float(np.mean(said == labels[test]))


def reached(counts: np.ndarray, accuracies: np.ndarray, wanted: float) -> float:
    above = np.flatnonzero(accuracies >= wanted)
    if not len(above):
        return float("nan")
    at = int(above[0])
    if at == 0:
        return float(counts[0])
    part = (wanted - accuracies[at - 1]) / (accuracies[at] - accuracies[at - 1])
    return float(counts[at - 1] + part * (counts[at] - counts[at - 1]))


if __name__ == "__main__":
    main()
