"""A tunable network of a few hundred weights, and a task that it can learn by moving and not by its head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headstart.finetune.tuning import Task
from headstart.heads.folds import stratified_group_folds
from headstart.heads.select import fit_head
from headstart.types import EncoderSpec, Modality

IN, MID, OUT = 6, 12, 8
STAGES = ("first", "second", "third")


class SmallTunable:
    """Three layers; ``layer_mid`` is what the second gives out."""

    at_once = 64

    def __init__(self, seed: int = 0, *, fresh: bool = False) -> None:
        self.spec = EncoderSpec(
            "small", Modality.IMAGE, "f" * 64, OUT, {"embedding": OUT, "layer_mid": MID}, {}, {}
        )
        generator = torch.Generator().manual_seed(seed)
        layers = [nn.Linear(IN, MID), nn.Linear(MID, MID), nn.Linear(MID, OUT)]
        for layer in layers:
            nn.init.normal_(layer.weight, std=0.5, generator=generator)
            nn.init.zeros_(layer.bias)
        self.module = nn.ModuleDict(dict(zip(STAGES, layers, strict=True)))
        with torch.no_grad():
            layers[0].weight[:, :2] *= 0.1  # it looks past what decides the classes of `small_task`
        if fresh:
            self.module["norm"] = nn.BatchNorm1d(OUT)
        self.fresh = fresh
        self.stages = STAGES
        self.width = OUT

    def stage_of(self, parameter_name: str) -> int:
        first = parameter_name.split(".")[0]
        return STAGES.index(first) if first in STAGES else len(STAGES) - 1

    def collate(self, inputs: Sequence[Any], *, rng: np.random.Generator | None, flip: bool = True) -> Tensor:
        rows = np.stack(inputs).astype(np.float32)
        if rng is not None:
            rows = rows + 0.05 * rng.standard_normal(rows.shape).astype(np.float32)
        return torch.from_numpy(rows)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        value, *taps = batch if isinstance(batch, tuple) else (batch,)
        for number in range(3)[start:stop]:
            value = torch.tanh(self.module[STAGES[number]](value))
            if number == 1:
                taps = [value]
        if stop is not None:
            return (value, *taps) if taps else value
        if self.fresh:
            value = self.module["norm"](value)
        return {"embedding": value, "layer_mid": taps[0]}

    def logits(self, embeddings: Tensor) -> None:
        return None

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        raise NotImplementedError


def small_task(
    tunable: SmallTunable, n: int = 90, folds: int = 3, seed: int = 0, noise: bool = False
) -> Task:
    """Three classes by the direction of the first two numbers, which the network hardly looks at."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(n, IN)).astype(np.float32)
    turn = np.arctan2(inputs[:, 1], inputs[:, 0]) / (2 * np.pi) % 1
    y = np.minimum(np.floor(3 * turn), 2).astype(np.int64)
    if noise:
        y = rng.permutation(y)
    with torch.no_grad():
        outputs = tunable.run(torch.from_numpy(inputs))
    rows = {name: value.numpy() for name, value in outputs.items()}
    fold = stratified_group_folds(y, None, folds, seed)
    heads = []
    for number in range(folds + 1):
        at = np.flatnonzero(fold != number)
        heads.append(fit_head({k: v[at] for k, v in rows.items()}, y[at], n_classes=3, head="ridge"))
    return Task(list(inputs), y, 3, fold, heads, {name: name for name in rows}, rows)
