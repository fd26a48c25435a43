"""From measured options to advice: every part of `headstart check` put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.advice import findings, wording
from headstart.advice.amount import judge_amount
from headstart.advice.availability import Hints, offers
from headstart.advice.chance import LEVEL, chance_p_value
from headstart.advice.learning_curve import MOST_ROWS, measure_curve
from headstart.advice.transferability import knn_accuracy, logme, shrunk_h_score
from headstart.advice_report import Advice
from headstart.advice_types import Offer, RankedBase, SecondOpinions, Similarity
from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.encoders.contract import RAW
from headstart.encoders.encoder import EMBEDDING
from headstart.evaluation.chosen import measure, measure_floor
from headstart.evaluation.comparison import paired_difference
from headstart.evaluation.measure import evaluate
from headstart.evaluation.options import Choice, Option, common_rows, losses_at
from headstart.evaluation.selection import pick
from headstart.execution import Phase, Progress, ProgressCallback, ThreadExecutor, silent
from headstart.heads.examples import Examples
from headstart.heads.features import Block
from headstart.kinds import kind_of
from headstart.reports import Interval, TrainingReport
from headstart.settings import current
from headstart.wording import reason

if TYPE_CHECKING:
    from headstart.advice_report import ConfusionCell, Mistake, Suspect
    from headstart.advice_types import DataFinding
    from headstart.heads.select import FittedHead
    from headstart.preparing import Prepared
    from headstart.types import BoolArray, Dataset, Float64Array, IntArray

FEWEST_FOR_NO = 40
"""With fewer independent examples nobody can say that there is nothing to learn."""
STAGE = "weighing the answers"


@dataclass(frozen=True, slots=True)
class AboutBases:
    """How a kind of data speaks of bases; `OF_ONE_INPUT` is that of kinds with one input an example.

    Attributes
    ----------
    rank
        Called with prepared examples and the choice: the bases that were measured.
    alike
        Called with prepared examples and this ranking: how similar they are to what each base learned, and
        which bases there are.
    worth
        Called with prepared examples and the choice: accuracy without any base, and what the bases are worth.
    outliers_in
        Called with the choice: in whose embeddings to look for examples unlike all others; None for nowhere.
    """

    rank: Callable[[Prepared, Choice], list[RankedBase]]
    alike: Callable[[Prepared, Sequence[RankedBase]], tuple[list[Similarity], list[Offer]]]
    worth: Callable[[Prepared, Choice], tuple[Interval | None, Interval | None]]
    outliers_in: Callable[[Choice], str | None]


def advise(
    prepared: Prepared,
    choice: Choice,
    dataset: Dataset,
    *,
    target: float | None = None,
    seed: int = 0,
    seconds: Mapping[str, float] | None = None,
    known: TrainingReport | None = None,
    about: AboutBases | None = None,
    progress: ProgressCallback = silent,
) -> Advice:
    """Answer the three questions from options that were measured.

    Parameters
    ----------
    prepared, choice
        Embedded examples, and the heads that were tried on them; those on two bases at once are left out.
    dataset
        The examples as they were read, to show those that were left out.
    target
        Accuracy that is wanted; None where none was named.
    seconds
        What was spent before.
    known
        What training has measured of the same choice already; None where nothing is trained.
    about
        How to speak of bases, where an example is not one input.
    """
    about = about or OF_ONE_INPUT
    start = time.perf_counter()
    choice = choice.of_single_bases()
    taken, classes = choice.taken, prepared.classes
    progress(Progress(STAGE, 0, 3, phase=Phase.WEIGHING))
    rows = Examples.check(prepared.y, prepared.groups, len(classes)).draw(MOST_ROWS, seed)
    gram = chosen_gram(prepared, taken, rows)
    y, owner = prepared.y[rows], np.unique(prepared.groups[rows], return_inverse=True)[1].reshape(-1)
    learnable, curve, data, ranking = together(
        lambda: judge_learnable(gram, y, owner, len(classes), taken.fitted, seed),
        lambda: measure_curve(gram, y, owner, len(classes), seed=seed),
        lambda: findings.describe_data(prepared, about.outliers_in(choice), gram, rows),
        lambda: about.rank(prepared, choice),
    )
    progress(Progress(STAGE, 1, 3, phase=Phase.WEIGHING))
    evaluation = measure(prepared, choice)
    amount = judge_amount(
        curve, classes, target=target, accuracy=evaluation.accuracy, used=len(prepared.y), seed=seed
    )
    progress(Progress(STAGE, 2, 3, phase=Phase.WEIGHING))
    similarity, availability = about.alike(prepared, ranking)
    floor, worth = about.worth(prepared, choice)
    suspects, unsure = findings.find_suspects(prepared, taken.fitted, learnable == "yes")
    confusion, mistakes = findings.find_mistakes(prepared, taken.fitted)
    spoken = _spoken_of(data, suspects, mistakes, confusion)
    three = ranking, similarity, amount
    progress(Progress(STAGE, 3, 3, phase=Phase.WEIGHING))
    spent = {**(seconds or {}), "weigh": time.perf_counter() - start}
    return Advice(
        data=data,
        availability=availability,
        ranking=ranking,
        similarity=similarity,
        amount=amount,
        labels_to_check=suspects,
        learnable=learnable,
        conclusions=wording.conclusions(data, learnable, evaluation, *three, floor, worth),
        steps=wording.next_steps(data, learnable, *three, availability, len(suspects), _named(dataset)),
        evaluation=evaluation,
        floor=floor,
        worth=worth,
        confusion=confusion,
        mistakes=mistakes,
        calibration=findings.calibration_bins(prepared, taken.fitted),
        notes=(*taken.fitted.notes, *unsure, *wording.say_disagreement(ranking, len(prepared.y))),
        seconds={name: round(value, 3) for name, value in {**spent, "total": sum(spent.values())}.items()},
        embedded=prepared.embedded,
        from_cache=prepared.from_cache,
        sources=findings.sources_of(dataset, spoken, [*data.duplicates, *data.conflicts]),
    )


def _named(dataset: Dataset) -> str:
    """Return what to write after ``headstart train``."""
    return dataset.origin if dataset.origin and Path(dataset.origin).exists() else "DATA"


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run independent pieces of work side by side; return what they return, in order.

    One core each: on matrices of this size several cores on one piece spend most of their time waiting.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

    with threadpool_limits(1, user_api="blas"):
        return list(ThreadExecutor(current().threads).map(lambda job: job(), jobs))


def _spoken_of(
    data: DataFinding,
    suspects: Sequence[Suspect],
    mistakes: Sequence[Mistake],
    confusion: Sequence[ConfusionCell],
) -> list[str]:
    """Return the names of all examples that the answers mention, so that a page can show them."""
    spoken = [o.source for o in data.outliers] + [s.source for s in suspects] + [m.source for m in mistakes]
    spoken += [name for cell in confusion for name in cell.examples]
    return spoken + [name for alike in data.groups.near_duplicates for name in alike]


def chosen_gram(prepared: Prepared, option: Option, rows: IntArray) -> Float64Array:
    """Return the ``(n, n)`` inner products of the features that the chosen head looks at."""
    mixture = next(trial.mixture for trial in option.fitted.candidates if trial.chosen)
    total = np.zeros((len(rows), len(rows)))
    for name, share in mixture:
        block = option.blocks[name]
        if block.kind == RAW:
            gram_block = prepared.raw_block
        else:
            values = prepared.outputs[block.encoder][block.output]
            gram_block = Block.prepare(name, values, len(prepared.classes))
        total += share * (gram_block if len(rows) == len(prepared.y) else gram_block.take(rows)).gram()
    return total


def judge_learnable(
    gram: Float64Array, y: IntArray, owner: IntArray, n_classes: int, fitted: FittedHead, seed: int
) -> str:
    """Return ``yes``, ``no`` or ``unknown``: with few examples the best answers could still be luck."""
    if fitted.loo_proba_ is None:
        return "unknown"
    if chance_p_value(gram, y, owner, n_classes, seed=seed) <= LEVEL:
        return "yes"
    return "no" if len(np.unique(owner)) >= FEWEST_FOR_NO else "unknown"


def rank(prepared: Prepared, choice: Choice) -> list[RankedBase]:
    """List the bases, the chosen one first, then by held-out loss."""
    options = [option for option in choice.options if option is not choice.floor]
    if not options:
        return []
    tied = ties(prepared, options)
    ranking = [_ranked(prepared, option, choice, tied[i]) for i, option in enumerate(options)]
    return sorted(
        ranking,
        key=lambda ranked: (not ranked.chosen, np.inf if ranked.log_loss is None else ranked.log_loss),
    )


def ties(prepared: Prepared, options: Sequence[Option]) -> BoolArray:
    """Return which options are within one standard error of the best."""
    if any(option.fitted.loo_proba_ is None for option in options):
        return np.ones(len(options), dtype=np.bool_)
    rows = common_rows(options)
    table = np.stack([losses_at(option, rows) for option in options], axis=1)
    return pick(table, [option.cost_ms for option in options], prepared.groups[rows]).tied


def _held_out(option: Option, rows: IntArray) -> Float64Array:
    proba = option.fitted.loo_proba_
    if proba is None:
        raise ValueError("an option without held-out answers has none to give")
    return np.asarray(proba[np.searchsorted(option.fitted.rows, rows)], dtype=np.float64)


def _ranked(prepared: Prepared, option: Option, choice: Choice, tied: bool) -> RankedBase:
    chosen = next(trial for trial in option.fitted.candidates if trial.chosen)
    return RankedBase(
        base=option.base,
        log_loss=chosen.log_loss,
        accuracy=accuracy_of(prepared, option.fitted),
        second_opinions=second_opinions(prepared, option.base),
        cost_ms=option.cost_ms,
        tied=bool(tied),
        chosen=option is choice.taken,
        head=chosen.head,
        features=chosen.features,
    )


def accuracy_of(prepared: Prepared, fitted: FittedHead) -> Interval:
    """Return accuracy with its interval, corrected for the settings tried on this base."""
    if fitted.loo_proba_ is None:
        why = reason("unmeasured", "one-group")
        return Interval(None, 0.0, 1.0, how=why.text, reason=why)
    tried = [trial.proba for trial in fitted.candidates if trial.proba is not None]
    same = [proba for proba in tried if len(proba) == len(fitted.loo_proba_)]
    y, owner = prepared.y[fitted.rows], prepared.groups[fitted.rows]
    return evaluate(
        fitted.loo_proba_,
        y,
        owner,
        prepared.classes,
        how=fitted.how,
        dependence=fitted.dependence,
        candidates=same,
    ).accuracy


def second_opinions(prepared: Prepared, base: str) -> SecondOpinions:
    """Return other measures of how well the embeddings of a base suit the labels."""
    examples = Examples.check(prepared.y, prepared.groups, len(prepared.classes))
    rows = examples.draw(MOST_ROWS)
    vectors, y = np.asarray(prepared.outputs[base][EMBEDDING])[rows], prepared.y[rows]
    return SecondOpinions(
        knn=knn_accuracy(vectors, y, prepared.groups[rows]),
        logme=logme(vectors, y),
        hscore=shrunk_h_score(vectors, y),
    )


def worth_of_base(prepared: Prepared, choice: Choice) -> Interval | None:
    """Return by how much the chosen base beats the floor, on the same examples."""
    floor, taken = choice.floor, choice.taken
    if floor is None or floor is taken or floor.fitted.loo_proba_ is None or taken.fitted.loo_proba_ is None:
        return None
    rows = np.intersect1d(taken.fitted.rows, floor.fitted.rows, assume_unique=True)
    right = [_held_out(option, rows).argmax(axis=1) == prepared.y[rows] for option in (taken, floor)]
    difference = paired_difference(right[0], right[1], prepared.groups[rows], repeats=2000)
    if not np.isfinite(difference.low):
        return None
    return Interval(
        difference.estimate,
        difference.low,
        difference.high,
        difference.level,
        "accuracy with the base minus without",
    )


def alike_and_available(
    prepared: Prepared, ranking: Sequence[RankedBase]
) -> tuple[list[Similarity], list[Offer]]:
    """Judge how similar the examples are to what each base learned, and list the bases there are."""
    cards = load_catalogue().list(prepared.dataset.modality)
    here = store.installed_names(cards, prepared.dataset.modality)
    judged = [(card, card.name in here or card.name in prepared.specs) for card in cards]
    resemble = kind_of(prepared.dataset.modality).resemble
    if resemble is None or not ranking:
        return [], offers(judged, Hints())
    similar, hints = resemble(prepared, [prepared.cards[ranked.base] for ranked in ranking])
    return similar, offers(judged, hints)


def _floor_and_worth(prepared: Prepared, choice: Choice) -> tuple[Interval | None, Interval | None]:
    return measure_floor(prepared, choice.floor), worth_of_base(prepared, choice)


def _outliers_in(choice: Choice) -> str:
    return choice.taken.bases[0] if choice.taken.bases else choice.options[0].base


OF_ONE_INPUT = AboutBases(rank, alike_and_available, _floor_and_worth, _outliers_in)
