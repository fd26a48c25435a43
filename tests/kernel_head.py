"""A head from outside the package that is not linear: each training example votes for its class nearby.

The score of a class is the logarithm of ``least + sum_i exp(-gamma |x - x_i|^2)`` over its examples. To leave
a group out is to leave its votes out, so the held-out scores are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.heads.calibration import fit_temperature, negative_log_likelihood, softmax
from headstart.heads.protocol import HeadFit, HeadKind
from headstart.heads.trial import Trial

LEAST = 1e-6
REACHES = (0.03, 0.1, 0.3, 1.0)
"""Distances tried, as shares of the mean squared distance between two examples."""


@dataclass(frozen=True)
class KernelHead:
    support: np.ndarray  # (n, d) float32
    votes: np.ndarray  # (n, C) float32
    meta: Mapping[str, Any]

    @property
    def blocks(self):
        return tuple(self.meta["widths"])

    @property
    def widths(self):
        return dict(self.meta["widths"])

    @property
    def n_classes(self):
        return self.votes.shape[1]

    def logits(self, blocks):
        rows = np.concatenate([blocks[name] for name in self.blocks], axis=1).astype(np.float64)
        near = np.exp(-self.meta["gamma"] * distances(rows, self.support.astype(np.float64)))
        return self.meta["temperature"] * np.log(LEAST + near @ self.votes)

    def predict_proba(self, blocks):
        return softmax(self.logits(blocks)).astype(np.float32)

    def arrays(self):
        return {"support": self.support, "votes": self.votes}

    def to_graph(self, graph, features):
        joined = graph.node("Concat", *(features[name] for name in self.blocks), axis=1)
        rows, support = graph.cast(joined, "double"), self.support.astype(np.float64)
        both = graph.node("MatMul", rows, graph.const(support.T))
        own = graph.total(graph.mul(rows, rows), 1, keep=True)
        apart = graph.sub(graph.add(own, graph.const(np.square(support).sum(axis=1))), graph.add(both, both))
        near = graph.node("Exp", graph.mul(apart, graph.const(-self.meta["gamma"])))
        votes = graph.node("MatMul", near, graph.const(self.votes))
        logs = graph.node("Log", graph.add(votes, graph.const(LEAST)))
        return graph.mul(logs, graph.const(self.meta["temperature"]))


def read(arrays, meta):
    support, votes = arrays["support"], arrays["votes"]
    if len(support) != len(votes) or support.shape[1] != sum(meta["widths"].values()):
        raise ValueError("each example takes one row of votes")
    return KernelHead(support, votes, meta)


def distances(rows, others):
    squares = np.square(rows).sum(axis=1)[:, None] + np.square(others).sum(axis=1)
    return np.maximum(squares - 2 * rows @ others.T, 0.0)


def fit(task):
    names, examples = task.dense, task.examples
    if not names:
        return None
    rows = np.concatenate([np.asarray(task.blocks[name].rows, np.float32) for name in names], axis=1)
    votes = np.eye(examples.n_classes)[examples.y]
    apart = distances(rows.astype(np.float64), rows.astype(np.float64))
    together = examples.owner[:, None] == examples.owner
    found = []
    for reach in REACHES:
        gamma = 1 / (reach * apart.mean())
        scores = np.log(LEAST + np.where(together, 0.0, np.exp(-gamma * apart)) @ votes)
        temperature = fit_temperature(scores, examples.y)
        loss = negative_log_likelihood(temperature * scores, examples.y).mean()
        found.append((loss, gamma, temperature, scores))
    _, gamma, temperature, scores = min(found, key=lambda one: one[0])
    mixture = tuple((name, 1 / len(names)) for name in names)
    trial = Trial.measured("kernel", mixture, temperature * scores, examples, np.arange(len(rows)))
    widths = {name: int(task.blocks[name].rows.shape[1]) for name in names}

    def finish(meta):
        return KernelHead(rows, votes.astype(np.float32), {**meta, "widths": widths, "gamma": float(gamma)})

    return HeadFit(trial, temperature, finish, {"gamma": float(gamma)})


KERNEL = HeadKind(
    "kernel", fit, lambda task: len(task.examples.y) <= 2000, held_out="exact", handicap=1.0, read=read
)
