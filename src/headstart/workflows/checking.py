"""Answer the three questions from a person's own examples, before anything is trained."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from headstart.advice.group_search import suspected_groups
from headstart.advice_report import Advice
from headstart.data.target import parse_target
from headstart.errors import ParameterError
from headstart.execution import Executor, ProgressCallback, silent
from headstart.kinds import kind_of
from headstart.targets import target_of
from headstart.types import Dataset
from headstart.workflows.config import TrainConfig
from headstart.workflows.faces import Faces, faces_of
from headstart.workflows.reading import load
from headstart.workflows.reported import report_of

if TYPE_CHECKING:
    from headstart.reports import TrainingReport
    from headstart.targets import Target


@dataclass(frozen=True)
class TargetAdvice:
    """What was found of examples whose labels are no classes, before anything is trained to be kept.

    Attributes
    ----------
    report
        What a model of them would be worth, what twice as many would bring, and which labels may be wrong.
    faces
        The examples themselves, to be shown.
    """

    report: TrainingReport
    faces: Faces

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return self.report.to_dict()


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
) -> Advice | TargetAdvice:
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
    Advice or TargetAdvice
        Plain data; `to_dict` is what ``headstart check --json`` prints. `TargetAdvice` where tags or numbers
        are learned: what a model of these examples would be worth, whether more of them would help, and
        which labels may be wrong.

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
    wanted = target_of(dataset.target)
    if wanted.examined:
        _refuse_accuracy(accuracy, wanted)
        config = TrainConfig(base=base, use_cache=use_cache, seed=seed, advise=True)
        return _examined(dataset, config, progress, executor)
    wanted.require_advised("check examples")
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


def _examined(
    dataset: Dataset, config: TrainConfig, progress: ProgressCallback, executor: Executor | None
) -> TargetAdvice:
    """Learn from the examples as training would, and keep what was measured alone."""
    learning = kind_of(dataset.modality).learning
    prepared = learning.prepare(
        dataset, config.base, use_cache=config.use_cache, progress=progress, executor=executor
    )
    learned = target_of(dataset.target).learn(prepared, config, progress=progress)
    return TargetAdvice(report_of(prepared, learned, dataset), faces_of(prepared.dataset))


def _refuse_accuracy(accuracy: float | None, target: Target) -> None:
    if accuracy is not None:
        raise ParameterError(
            f"An accuracy is wanted ({accuracy:g}), and what is learned here are {target.words.many}.",
            "Leave it away: how good the answers are is told in measures of their own.",
        )


def _wanted(target: float | str | None) -> tuple[float | None, str | None]:
    """Return the accuracy that is wanted, and whether labels are to be taken as they are."""
    if isinstance(target, str):
        return None, parse_target(target)
    if target is not None and not 0.0 < target < 1.0:
        raise ParameterError(
            f"target must lie between 0 and 1, got {target:g}.", "0.95 means: 95 right of 100."
        )
    return target, None
