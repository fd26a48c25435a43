"""Train a model: examples in, a measured model out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.bundle.save import check_target
from headstart.errors import ParameterError
from headstart.execution import Progress, ProgressCallback, silent
from headstart.features import content_keys
from headstart.finetune.config import FinetuneConfig
from headstart.heads.table import check_head
from headstart.model import Model
from headstart.reports import TrainingReport
from headstart.types import Dataset, EncoderSpec, Modality
from headstart.workflows.advising import advise as answer
from headstart.workflows.choosing import Choice, choose
from headstart.workflows.doubting import make_doubt
from headstart.workflows.gentle import attempt
from headstart.workflows.grouping import suspected_groups
from headstart.workflows.keeping import forget_run, is_helper, require_resumable, run_folder, with_attempt
from headstart.workflows.measuring import measure, measure_floor
from headstart.workflows.preferring import advantage
from headstart.workflows.preparing import Prepared, prepare
from headstart.workflows.reading import load

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.heads.select import HeadName

METHODS = ("frozen", "gentle", "auto")


def train(
    data: Any,
    labels: Sequence[Any] | None = None,
    *,
    target: str | None = None,
    base: str | Sequence[str] = "auto",
    method: str = "frozen",
    head: str = "auto",
    blend: bool = True,
    use_cache: bool = True,
    save_to: str | Path | None = None,
    link_base: bool = False,
    seed: int = 0,
    advise: bool = False,
    finetune: FinetuneConfig | Mapping[str, Any] | None = None,
    resume: bool = False,
    progress: ProgressCallback = silent,
) -> Model:
    """Train a model on examples and measure it honestly.

    Parameters
    ----------
    data
        A `Dataset`, or what `headstart.load` takes: a path, a table in memory, inputs with `labels`.
    target
        ``classes`` takes the labels of a path or a sequence as they are; see `headstart.load`.
    base
        ``auto`` measures every base of this kind of data that is on this machine (and fetches the default
        one where there is none); or one name; or several, which are measured against each other.
    method
        ``frozen``: the base stays as it is and a new head is trained. ``gentle``: the base is then tuned and
        kept so where it is better on the same held-out examples. ``auto``: as ``gentle``, but only tried
        where it may help, and only kept where it is better by a point or beyond doubt.
    head
        ``auto``, ``ridge``, ``logistic``, ``lda`` or ``prototypes``.
    blend
        Whether the head may also see simple features of the raw input, earlier layers of the base, and two
        bases at once, where held-out examples show that it helps.
    use_cache
        Whether embeddings are looked up and kept.
    save_to
        Folder to save the model in; checked before any work is done.
    link_base
        Save a reference to the base instead of a copy.
    seed
        Deals the folds where folds are needed.
    advise
        Whether to answer the three questions too, in ``model.advice``, from what was embedded anyway.
    finetune
        Settings of gentle fine-tuning, as a `FinetuneConfig` or by name.
    resume
        Continue a gentle run that was interrupted; its checkpoints stand beside `save_to`, in ``NAME.run``.
    progress
        Called as work goes on; may raise `Cancelled`.

    Returns
    -------
    Model
        With the training report in ``model.report``.

    Raises
    ------
    HeadstartError
        Naming the cause and the mend; nothing is written then.

    Examples
    --------
    >>> model = train("photos/", save_to="pastries")  # doctest: +SKIP
    >>> model.report.evaluation.accuracy.low  # doctest: +SKIP
    0.91
    """
    start = time.perf_counter()
    wanted_head = _checked_head(method, head)
    config = FinetuneConfig.of(finetune)
    if finetune is None:
        config = replace(config, seed=seed)
    folder = None if save_to is None else run_folder(check_target(Path(save_to)))
    if method != "frozen":
        require_resumable(folder, resume)
    dataset = data if isinstance(data, Dataset) else load(data, labels, target=target, progress=progress)
    read = time.perf_counter() - start
    bases = runnable(dataset.modality, base, progress)
    prepared = prepare(dataset, bases, use_cache=use_cache, progress=progress)
    embed = time.perf_counter() - start - read
    choice = choose(prepared, head=wanted_head, blend=blend, seed=seed, progress=progress)
    doubt, doubts = make_doubt(prepared, choice)
    suspected = suspected_groups(prepared, choice, seed)
    report = replace(_report(prepared, choice, dataset), doubt=doubts, suspected_groups=suspected)
    fit = time.perf_counter() - start - read - embed
    model = replace(_model(prepared, choice, report), doubt=doubt)
    seconds = {"read": read, "embed": embed, "fit": fit}
    if method != "frozen":
        tried = attempt(
            prepared,
            choice,
            method=method,
            config=config,
            folder=folder,
            resume=resume,
            progress=progress,
        )
        model = with_attempt(model, prepared, tried)
        seconds["tune"] = time.perf_counter() - start - read - embed - fit
    if advise:
        found = answer(prepared, choice.of_single_bases(), dataset, seed=seed, progress=progress)
        model = replace(model, advice=replace(found, suspected_groups=suspected))
    if save_to is None or is_helper():
        return _timed(model, seconds, start, None)
    progress(Progress("saving", 0))
    # The times are part of what is saved, so they end where saving begins.
    model = _timed(model, seconds, start, str(save_to))
    # A tuned base is nowhere else than in the model.
    model.save(save_to, link_base=link_base and model.quality["method"] != "gentle")
    if folder is not None and method != "frozen":
        forget_run(folder, model)
    return replace(model, name=Path(save_to).name)


def runnable(
    modality: Modality, base: str | Sequence[str], progress: ProgressCallback
) -> list[tuple[Base, EncoderSpec]]:
    """Return the bases to measure with what each was made ready as.

    Raises
    ------
    UnknownBaseError, BaseUnavailableError
        When a base that was asked for is not to be had.
    ParameterError
        When it is for another kind of data.
    """
    catalogue = load_catalogue()
    if base == "auto":
        cards = catalogue.list(modality)
        here = store.installed_names(cards, modality)
        wanted = [card for card in cards if card.name in here] or [card for card in cards if card.default][:1]
    else:
        names = base.split(",") if isinstance(base, str) else list(base)
        wanted = [catalogue.get(name.strip()) for name in names]
    for card in wanted:
        if card.modality != modality:
            raise ParameterError(
                f"{card.name} is a base for {card.modality}, but these examples are {modality}.",
                f"See which bases there are: headstart bases --kind {modality}",
            )
    return [(card, store.prepare(card, progress=progress)) for card in wanted]


def _checked_head(method: str, head: str) -> HeadName:
    if method not in METHODS:
        raise ParameterError(
            f"method must be {', '.join(METHODS[:-1])} or {METHODS[-1]}, got {method!r}.",
            "Start with --method frozen: it takes seconds.",
        )
    check_head(head)
    return head


def _report(prepared: Prepared, choice: Choice, dataset: Dataset) -> TrainingReport:
    return TrainingReport(
        modality=str(dataset.modality),
        base=choice.taken.base,
        method="frozen",
        classes=prepared.dataset.counts,
        used=len(prepared.y),
        problems=prepared.problems,
        evaluation=measure(prepared, choice),
        seconds={},
        embedded=prepared.embedded,
        from_cache=prepared.from_cache,
        floor=measure_floor(prepared, choice.floor),
        candidates=choice.candidates(),
        ignored=dict(dataset.ignored),
        duplicates=prepared.duplicates,
        groups=len(np.unique(prepared.groups)),
        notes=(*dataset.notes, *prepared.notes, *_advice(prepared, choice)),
    )


def _advice(prepared: Prepared, choice: Choice) -> list[str]:
    """Say what a person would want to know about the choice itself."""
    said = []
    for name in choice.taken.bases:
        card = prepared.cards[name]
        if "-NC" in card.licence:
            said.append(
                f"Licence of {name}: {card.licence}. {card.licence_note} Name other bases with --base."
            )
    said += _without_base(prepared, choice)
    if len(prepared.specs) == 1:
        (only,) = prepared.specs
        others = [
            card.name
            for card in load_catalogue().list(prepared.dataset.modality)
            if card.verified and card.name != only
        ]
        if others:
            said.append(f"Only {only} was measured. To compare: headstart bases get {' '.join(others[:2])}")
    return said


def _without_base(prepared: Prepared, choice: Choice) -> list[str]:
    """Say where no base is better than the bases, be it taken or not."""
    if not choice.taken.bases:
        return ["No base model is used: simple features of the input alone did better here."]
    if choice.floor is None:
        return []
    gain, error = advantage(prepared, choice.taken, choice.floor)
    if gain <= error:
        return []
    # Better, and yet not taken: only where something else was asked for.
    return [
        "Simple features without any base did better here, but another head, or a head on the base alone, "
        "was asked for. To let them be taken, leave --head and --no-blend away."
    ]


def _model(prepared: Prepared, choice: Choice, report: TrainingReport) -> Model:
    used = choice.taken.bases
    return Model(
        modality=prepared.dataset.modality,
        classes=prepared.classes,
        encoders=tuple(prepared.specs[name] for name in used),
        blocks=choice.taken.used,
        head=choice.taken.fitted.head,
        quality=report.to_dict(),
        data_fingerprint=prepared.fingerprint,
        cards={name: prepared.cards[name].to_dict() for name in used},
        report=report,
        seen=content_keys(prepared.seen[used[0]] if used else prepared.contents),
    )


def _timed(model: Model, seconds: dict[str, float], start: float, saved: str | None) -> Model:
    if model.report is None:
        return model
    whole = {**seconds, "total": time.perf_counter() - start}
    report = replace(model.report, seconds={k: round(v, 4) for k, v in whole.items()}, model=saved)
    return replace(model, report=report, quality=report.to_dict())
