"""Fit heads anew without some of the examples: for the frozen way's answers, and for tuning to start from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import ParameterError
from headstart.execution import Phase, Progress
from headstart.heads.select import fit_head
from headstart.heads.sparse import Sparse

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice, Option
    from headstart.execution import ProgressCallback
    from headstart.features import Block
    from headstart.finetune.config import FinetuneConfig
    from headstart.finetune.tunable import Tunable
    from headstart.heads.features import Rows
    from headstart.preparing import Prepared
    from headstart.types import Float32Array, IntArray


def open_best(prepared: Prepared, choice: Choice, config: FinetuneConfig) -> tuple[Option, Tunable]:
    """Open the best base that can be tuned."""
    from headstart.finetune.opening import open_for

    singles = [o for o in choice.ranked if len(o.bases_offered) == 1]
    first: ParameterError | None = None
    for option in singles:
        (name,) = option.bases_offered
        try:
            return option, open_for(prepared.specs[name], prepared.cards[name], config)
        except ParameterError as error:
            first = first or error
    raise first or ParameterError("No base was measured that could be tuned.", "Name one with --base.")


def make_task(
    prepared: Prepared,
    option: Option,
    tunable: Tunable,
    folds: IntArray,
    progress: ProgressCallback,
    *,
    memory: int | None = None,
) -> Any:
    """Return what is to be learnt: inputs, folds, and the exact head that each run starts from."""
    from headstart.finetune.inputs import decode_inputs
    from headstart.finetune.tuning import Task

    rows = _rows(prepared, option.blocks)
    count = int(folds.max()) + 1
    progress(Progress("fitting the heads to start from", 0, count + 1, phase=Phase.ADAPTING))
    heads = [
        _fit(prepared, rows, folds != fold, "ridge") for fold in range(count + 1)
    ]  # no fold has the last number: that head sees every example
    return Task(
        inputs=decode_inputs(tunable.spec, prepared.dataset.sources, memory=memory, progress=progress),
        y=prepared.y,
        n_classes=len(prepared.classes),
        folds=folds,
        heads=heads,
        outputs={name: block.output for name, block in option.blocks.items() if block.kind == "encoder"},
        rows=rows,
    )


def _rows(prepared: Prepared, blocks: Mapping[str, Block]) -> dict[str, Rows]:
    return {
        name: prepared.outputs[block.encoder][block.output] if block.kind == "encoder" else prepared.raw
        for name, block in blocks.items()
    }


def _fit(prepared: Prepared, rows: Mapping[str, Rows], train: Any, head: Any) -> Any:
    at = np.flatnonzero(train)
    some = {name: _take(block, at) for name, block in rows.items()}
    return fit_head(some, prepared.y[at], prepared.groups[at], n_classes=len(prepared.classes), head=head)


def _take(rows: Rows, at: IntArray) -> Rows:
    return rows.take(at) if isinstance(rows, Sparse) else rows[at]


def frozen_answers(prepared: Prepared, option: Option, folds: IntArray) -> Float32Array:
    """Return the ``(n, C)`` answers of the frozen model, made anew without each fold."""
    rows = _rows(prepared, option.blocks)
    answers = np.empty((len(prepared.y), len(prepared.classes)), dtype=np.float32)
    head = str(option.fitted.head.meta.get("head", "ridge"))
    for fold in range(int(folds.max()) + 1):
        mine = np.flatnonzero(folds == fold)
        fitted = _fit(prepared, rows, folds != fold, head)
        answers[mine] = fitted.head.predict_proba({name: _take(b, mine) for name, b in rows.items()})
    return answers
