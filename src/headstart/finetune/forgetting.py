"""How much of what a base knew is still there after tuning, without its own training data.

Asked on the person's examples and on a small probe set (see `headstart.finetune.probe`): does the base's own
classifier still say the same (or, where it has none, do things still have the same nearest neighbour), how
alike are the activations of each stage, how far have the weights moved. For weights that have not moved the
four are exactly 1, 0, 1 and 0.

Sources: Kornblith et al. 2019 (CKA, arXiv 1905.00414) with the unbiased estimator of Song et al. 2012, since
the plain one calls independent features alike where there are more of them than examples; using the old
classifier's answers as what is to be kept: Li and Hoiem 2016 (arXiv 1606.09282).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from headstart.errors import ParameterError
from headstart.finetune.adapters import merged
from headstart.finetune.inputs import input_decoder
from headstart.finetune.probe import probe_sources
from headstart.kinds import kind_of
from headstart.wording import ENGLISH
from headstart.wording.gentle import forgetting_lines

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

    from headstart.finetune.tunable import Tunable
    from headstart.types import Float64Array

MOST = 200
"""The person's examples that are asked; evenly spread where there are more."""
_BATCH = 16
_FEWEST = 4  # the unbiased estimator needs that many


@dataclass(frozen=True)
class Kept:
    """What one set of examples says.

    Attributes
    ----------
    n
        Examples asked.
    by
        "classes": what the base's own classifier names first; "neighbours": which example is nearest.
    agreement
        Share of examples for which that is the same before and after.
    divergence
        Mean Kullback-Leibler divergence of the classifier's answers after from those before, in nats; for
        classes that do not exclude one another the sum over classes. None where there is no classifier.
    alike
        Stage to debiased linear CKA of its activations; None where activations do not differ among examples.
    """

    n: int
    by: str
    agreement: float
    divergence: float | None
    alike: Mapping[str, float | None]


@dataclass(frozen=True)
class Forgetting:
    """What tuning has changed of the base.

    Attributes
    ----------
    examples, probe
        What the person's own examples and the probe set say.
    probe_is
        What the probe set consists of.
    moved
        Stage to how far its weights have moved, relative to their own length.
    words
        The same for people.
    """

    examples: Kept
    probe: Kept
    probe_is: str
    moved: Mapping[str, float]
    words: Sequence[str] = field(default_factory=tuple)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "words": list(self.words)}


def measure_forgetting(
    tunable: Tunable, before: Mapping[str, Tensor], after: Mapping[str, Tensor], inputs: Sequence[Any]
) -> Forgetting:
    """Compare a base before and after tuning; the module ends with the weights `after`.

    Parameters
    ----------
    before, after
        State dicts of ``tunable.module``.
    inputs
        The person's examples, decoded (see `headstart.finetune.inputs`).
    """
    spec = tunable.spec
    decode = input_decoder(spec)
    rate = int(spec.recipe.get("rate", 16_000))
    probe = [decode(source) for source in probe_sources(spec.modality, rate=rate)]
    some = np.unique(np.linspace(0, len(inputs) - 1, min(MOST, len(inputs))).astype(int)).tolist()
    sets = [(inputs, some), (probe, list(range(len(probe))))]
    views = []
    for state in (before, after):
        tunable.module.load_state_dict(state)
        tunable.module.eval()
        views.append([_look(tunable, examined, places) for examined, places in sets])
    many = bool(getattr(tunable, "multi_label", False))
    examples, generic = (_compare(tunable, old, new, many) for old, new in zip(*views, strict=True))
    moved = distances(tunable, before, after)
    found = Forgetting(examples, generic, kind_of(spec.modality).words.probe, moved)
    return replace(found, words=forgetting_lines(found.to_dict(), ENGLISH))


def cka(first: ArrayLike, second: ArrayLike, *, debiased: bool = True) -> float | None:
    """Return how alike two views of the same examples are: 1 for views that differ by turning and scaling.

    Parameters
    ----------
    first, second
        ``(n, a)`` and ``(n, b)``, at least four rows.
    debiased
        Whether independent views give about 0 (it may be slightly negative) however wide they are.

    Returns
    -------
    float or None
        None where a view is constant.
    """
    x, y = (np.asarray(view, dtype=np.float64) for view in (first, second))
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or len(x) < _FEWEST:
        raise ParameterError(
            f"CKA needs two tables of the same {_FEWEST} or more rows, got shapes {x.shape} and {y.shape}."
        )
    together = _hsic if debiased else _plain
    grams = [_gram(view) for view in (x, y)]
    own = [together(gram, gram) for gram in grams]
    if min(own) <= 1e-20:
        return None
    if np.array_equal(x, y):
        return 1.0  # not 1 less the last bit
    return together(*grams) / float(np.sqrt(own[0] * own[1]))


def distances(
    tunable: Tunable, before: Mapping[str, Tensor], after: Mapping[str, Tensor]
) -> dict[str, float]:
    """Return how far the weights of each stage have moved, relative to their length."""
    old, new = merged(before), merged(after)
    moved, length = (np.zeros(len(tunable.stages)) for _ in range(2))
    for name, start in old.items():
        stage = tunable.stage_of(name)
        if stage >= 0 and start.is_floating_point():
            moved[stage] += float((new[name].double() - start.double()).square().sum())
            length[stage] += float(start.double().square().sum())
    return {
        stage: float(np.sqrt(moved[place] / length[place])) if length[place] else 0.0
        for place, stage in enumerate(tunable.stages)
    }


@dataclass(frozen=True)
class _View:
    """What a network makes of some examples."""

    stages: Sequence[Float64Array]
    embedding: Float64Array
    logits: Float64Array | None


def _look(tunable: Tunable, inputs: Sequence[Any], places: Sequence[int]) -> _View:
    rows: list[list[Any]] = []
    device = next(tunable.module.parameters()).device
    for first in range(0, len(places), _BATCH):
        value: Any = tunable.collate([inputs[place] for place in places[first : first + _BATCH]], rng=None)
        value = tuple(part.to(device) for part in value) if isinstance(value, tuple) else value.to(device)
        views = []
        with torch.no_grad():
            for stage in range(len(tunable.stages) - 1):
                value = tunable.run(value, stage, stage + 1)
                views.append(tunable.pooled(value))
            embedding = tunable.run(value, len(tunable.stages) - 1)["embedding"]
            logits = tunable.logits(embedding)
        views += [embedding] if logits is None else [embedding, logits]
        rows.append([part.double().cpu().numpy() for part in views])
    joined = [np.concatenate(parts) for parts in zip(*rows, strict=True)]
    count = len(tunable.stages)
    return _View(joined[:count], joined[count - 1], joined[count] if len(joined) > count else None)


def _compare(tunable: Tunable, old: _View, new: _View, many: bool) -> Kept:
    n = len(old.embedding)
    alike: dict[str, float | None] = {}
    for stage, x, y in zip(tunable.stages, old.stages, new.stages, strict=True):
        alike[stage] = cka(x, y) if n >= _FEWEST else None
    if old.logits is not None and new.logits is not None:
        same = old.logits.argmax(1) == new.logits.argmax(1)
        return Kept(n, "classes", float(same.mean()), divergence(old.logits, new.logits, many=many), alike)
    same = _nearest(old.embedding) == _nearest(new.embedding)
    return Kept(n, "neighbours", float(same.mean()), None, alike)


def divergence(before: ArrayLike, after: ArrayLike, *, many: bool = False) -> float:
    """Return the mean divergence of answers from earlier ones, in nats.

    Parameters
    ----------
    before, after
        ``(n, C)`` scores before softmax or sigmoid.
    many
        Whether several classes may be true at once: each is then a question of its own.
    """
    old, new = (np.asarray(scores, dtype=np.float64) for scores in (before, after))
    if many:
        share = np.exp(_log_sigmoid(old))
        each = share * (_log_sigmoid(old) - _log_sigmoid(new))
        each += (1 - share) * (_log_sigmoid(-old) - _log_sigmoid(-new))
        return float(each.sum(1).mean())
    logs = [scores - np.logaddexp.reduce(scores, axis=1, keepdims=True) for scores in (old, new)]
    return float((np.exp(logs[0]) * (logs[0] - logs[1])).sum(1).mean())


def _log_sigmoid(scores: Float64Array) -> Float64Array:
    return -np.logaddexp(0.0, -scores)


def _nearest(rows: Float64Array) -> Any:
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    alike = unit @ unit.T
    np.fill_diagonal(alike, -np.inf)
    return alike.argmax(1)


def _gram(view: Float64Array) -> Float64Array:
    around = view - view.mean(axis=0)
    gram: Float64Array = around @ around.T
    return gram


def _plain(first: Float64Array, second: Float64Array) -> float:
    return float(np.sum(first * second))


def _hsic(first: Float64Array, second: Float64Array) -> float:
    """Return the unbiased estimate of the dependence of two Gram matrices."""
    n = len(first)
    first, second = (gram - np.diag(np.diag(gram)) for gram in (first, second))
    sums = first.sum(axis=0), second.sum(axis=0)
    total = np.sum(first * second)
    total += sums[0].sum() * sums[1].sum() / ((n - 1) * (n - 2))
    total -= 2 * float(sums[0] @ sums[1]) / (n - 2)
    return float(total / (n * (n - 3)))
