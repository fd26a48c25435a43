"""Answer the three questions from a person's own examples, before anything is trained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from headstart.advice.group_search import suspected_groups
from headstart.advice_report import Advice
from headstart.data.target import parse_target
from headstart.errors import ParameterError
from headstart.execution import Executor, ProgressCallback, silent
from headstart.kinds import kind_of
from headstart.targets import target_of
from headstart.types import Dataset
from headstart.workflows.reading import load


def check(
    data: Any,
    labels: Sequence[Any] | None = None,
    *,
    target: float | str | None = None,
    base: str | Sequence[str] = "auto",
    use_cache: bool = True,
    seed: int = 0,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> Advice:
    """Tell whether there is a base for these examples, how alike they are, and whether more would help.

    Nothing is trained to be kept, and nothing about the examples is changed.

    Parameters
    ----------
    data
        A `Dataset`, or what `headstart.load` takes: a path, a table in memory, inputs with `labels`.
    target
        Accuracy that is wanted, between 0 and 1: how many examples will it take? Or ``classes``, as for
        `headstart.load`.
    base
        As for `headstart.train`: a preset, one name, or several.
    use_cache
        Whether embeddings are looked up and kept.
    seed
        Draws what is drawn at random; the same seed gives the same answers.
    progress
        Called as work goes on; may raise `Cancelled`.
    executor
        What runs the encoding; threads of this process where not given. See `headstart.execution`.

    Returns
    -------
    Advice
        Plain data; `to_dict` is what ``headstart check --json`` prints.

    Raises
    ------
    HeadstartError
        Naming the cause and the mend.

    Examples
    --------
    >>> advice = check("photos/", target=0.95)  # doctest: +SKIP
    >>> print(advice.verdict)  # doctest: +SKIP
    Yes, this can be learned. ...
    """
    accuracy, insisted = _wanted(target)
    start = time.perf_counter()
    dataset = data if isinstance(data, Dataset) else load(data, labels, target=insisted, progress=progress)
    target_of(dataset.target).require_advised("check examples")
    read = time.perf_counter()
    learning = kind_of(dataset.modality).learning
    prepared = learning.prepare(dataset, base, use_cache=use_cache, progress=progress, executor=executor)
    embedded = time.perf_counter()
    choice = learning.choose(prepared, head="auto", blend=True, seed=seed, progress=progress, pairs=False)
    seconds = {"read": read - start, "embed": embedded - read, "measure": time.perf_counter() - embedded}
    found: Advice = learning.advise(
        prepared,
        choice,
        dataset,
        target=accuracy,
        seed=seed,
        seconds=seconds,
        progress=progress,
    )
    return replace(found, suspected_groups=suspected_groups(prepared, choice, seed))


def _wanted(target: float | str | None) -> tuple[float | None, str | None]:
    """Return the accuracy that is wanted, and whether labels are to be taken as they are."""
    if isinstance(target, str):
        return None, parse_target(target)
    if target is not None and not 0.0 < target < 1.0:
        raise ParameterError(
            f"target must lie between 0 and 1, got {target:g}.", "0.95 means: 95 right of 100."
        )
    return target, None
