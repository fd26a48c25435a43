"""Ridge regression on +-1 targets: the default head, for any number of rows.

The factorisation is of whichever is smallest: the n x n Gram matrix, or the d x d scatter matrix, in
memory or, above `MOST_ROWS` rows, in passes over blocks of rows that may lie on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from headstart.errors import NotFittedError
from headstart.heads.calibration import softmax
from headstart.heads.examples import Examples
from headstart.heads.features import Block, FeatureTable, GramStack, Mixture, dense_table, split_weights
from headstart.heads.leaveout import GroupPlan
from headstart.heads.path import Choice, RidgePath, choose_lambda, signed_targets
from headstart.heads.spectrum import MOST_DOUBLE, Spectrum, from_gram, from_rows
from headstart.heads.sufficient import SufficientStatistics

if TYPE_CHECKING:
    from headstart.heads.weights import ClassWeight
    from headstart.types import Float64Array, FloatArray, IntArray

MOST_ROWS = 20_000
"""Above this, rows are read in passes and never held as a whole in float64."""
MOST_GRAM = 4_000
"""Above this many rows, counts are folded to dense columns so that no n x n matrix is needed."""
FOLDED_WIDTH = 2_048
SEARCH_NUMBERS = 2_000_000
"""Scores looked at when choosing lambda; above it, whole groups are drawn at random."""
MOST_SCORES = 200_000_000
"""Held-out scores kept (float32); above it they are kept for the rows drawn for the search alone."""
_BLOCK = 8_192

Split: TypeAlias = "Callable[[Float64Array], dict[str, Float64Array]]"
"""Cuts the weights of a table into each block's own."""


@dataclass(frozen=True)
class RidgeFit:
    """A ridge head on one mixture of blocks.

    Attributes
    ----------
    lam, temperature
        Penalty in absolute units; factor on the scores before softmax.
    scores
        ``(m, C)`` exact held-out scores of the examples in `rows`.
    rows
        ``(m,)`` examples that `scores` are of: all of them unless there are very many.
    losses
        Lambda, in units of the mean squared length, to held-out log-loss.
    path
        Where the factorisation is in memory; None after passes over blocks.
    solve
        Gives each block's weights ``(d, C)`` on its rows as they are.
    lift
        Turns ``(r, C)`` weights on the unweighted principal coordinates into each block's weights.
    """

    mixture: Mixture
    lam: float
    temperature: float
    scores: FloatArray
    rows: IntArray
    losses: Mapping[float, float]
    path: RidgePath | None
    solve: Callable[[], dict[str, Float64Array]]
    lift: Callable[[Float64Array], dict[str, Float64Array]] | None


def fit_ridge(
    blocks: Mapping[str, Block], mixture: Mixture, examples: Examples, grams: GramStack | None = None
) -> RidgeFit:
    """Fit a ridge head with its lambda and temperature on a mixture of blocks.

    Parameters
    ----------
    blocks, mixture
        Prepared blocks, and which to use in which shares.
    grams
        Gram matrices from earlier fits on the same examples, to be used again.
    """
    if len(examples.y) > MOST_ROWS and not _by_gram(blocks, mixture, len(examples.y)):
        table, split = _dense(blocks, mixture)
        return _fit_passes(table, mixture, examples, split)
    factorised = factorise(blocks, mixture, examples.weights, grams)
    path = RidgePath.build(
        factorised.spectrum, signed_targets(examples.y, examples.n_classes), examples.owner
    )
    choice = _choose(path, examples)
    rows = np.arange(len(choice.scores))
    return RidgeFit(
        mixture,
        choice.lam,
        choice.temperature,
        choice.scores,
        rows,
        choice.losses,
        path,
        lambda: factorised.weights(path, choice.lam),
        factorised.lift,
    )


@dataclass(frozen=True)
class Factorised:
    """A mixture of blocks factorised in memory, and the way back to each block's weights.

    Attributes
    ----------
    weights
        Gives each block's weights ``(d, C)`` on its rows as they are, for a path of this spectrum and lambda.
    lift
        Turns ``(r, C)`` weights on the unweighted principal coordinates into each block's weights.
    """

    spectrum: Spectrum
    weights: Callable[[RidgePath, float], dict[str, Float64Array]]
    lift: Callable[[Float64Array], dict[str, Float64Array]]


def factorise(
    blocks: Mapping[str, Block], mixture: Mixture, weights: Float64Array, grams: GramStack | None = None
) -> Factorised:
    """Factorise a mixture of blocks, whatever is learnt of it: the smaller of rows and columns decides how.

    Parameters
    ----------
    weights
        ``(n,)`` weight of each row.
    grams
        Gram matrices from earlier fits on the same rows and weights, to be used again.
    """
    if _by_gram(blocks, mixture, len(weights)):
        return _factorise_gram(blocks, mixture, weights, grams or GramStack(blocks, weights))
    return _factorise_rows(*_dense(blocks, mixture), weights)


def _by_gram(blocks: Mapping[str, Block], mixture: Mixture, n: int) -> bool:
    counts = any(blocks[name].map is not None for name, _ in mixture)
    return n <= MOST_GRAM and (counts or n < sum(blocks[name].rows.shape[1] for name, _ in mixture))


def _dense(blocks: Mapping[str, Block], mixture: Mixture) -> tuple[FeatureTable, Split]:
    table, projections = dense_table(blocks, mixture, FOLDED_WIDTH)

    def split(weights: Float64Array) -> dict[str, Float64Array]:
        return split_weights(table, weights, blocks, mixture, projections)

    return table, split


def _factorise_gram(
    blocks: Mapping[str, Block], mixture: Mixture, weights: Float64Array, grams: GramStack
) -> Factorised:
    spectrum = from_gram(grams.centred(mixture), weights)

    def from_dual(dual: Float64Array) -> dict[str, Float64Array]:
        return {name: blocks[name].weights_from_dual(dual, share) for name, share in mixture}

    def lift(weights: Float64Array) -> dict[str, Float64Array]:
        spread = spectrum.coordinates @ (weights / spectrum.eigenvalues[:, None])
        return from_dual(np.sqrt(spectrum.weights)[:, None] * spread)

    return Factorised(spectrum, lambda path, lam: from_dual(path.dual(lam)), lift)


def _factorise_rows(table: FeatureTable, split: Split, weights: Float64Array) -> Factorised:
    spectrum = from_rows(table, weights)
    vectors = spectrum.vectors
    if vectors is None:
        raise AssertionError("from_rows always knows the columns")

    def solve(path: RidgePath, lam: float) -> dict[str, Float64Array]:
        return split(vectors @ (path.projected / (spectrum.eigenvalues + lam)[:, None]))

    return Factorised(spectrum, solve, lambda weights: split(vectors @ weights))


def _choose(path: RidgePath, examples: Examples) -> Choice:
    """Choose lambda on all rows, or on some of them where there are very many scores."""
    rows = examples.draw(max(2000, SEARCH_NUMBERS // examples.n_classes))
    if len(rows) == len(examples.y):
        return choose_lambda(path, examples.y)
    some = examples.take(rows)
    choice = choose_lambda(path.subset(rows, examples.owner), some.y)
    return Choice(choice.lam, choice.temperature, path.held_out(choice.lam), choice.losses)


def _fit_passes(
    table: FeatureTable,
    mixture: Mixture,
    examples: Examples,
    split: Split,
) -> RidgeFit:
    """Fit in two passes: one for the d x d statistics, one for the held-out scores."""
    statistics = SufficientStatistics(table.width, examples.n_classes)
    n = len(examples.y)
    for start in range(0, n, _BLOCK):
        part = slice(start, min(n, start + _BLOCK))
        statistics.add(table.take(part), examples.y[part], examples.weights[part])
    values, vectors = np.linalg.eigh(statistics.scatter)
    values = np.maximum(values, 0.0)
    projected = vectors.T @ statistics.cross
    mean = statistics.mean
    narrow = vectors.astype(np.float64 if n * table.width <= MOST_DOUBLE else np.float32)

    def path_of(rows: IntArray) -> RidgePath:
        some = examples.take(rows)
        centred = (table.take(rows) - mean) * np.sqrt(some.weights)[:, None]
        coordinates = centred.astype(narrow.dtype, copy=False) @ narrow
        return RidgePath(
            Spectrum(coordinates, values, some.weights),
            signed_targets(some.y, examples.n_classes),
            GroupPlan.from_owner(some.owner),
            projected,
            statistics.target_mean,
            statistics.total,
        )

    drawn = examples.draw(min(MOST_ROWS, max(2000, SEARCH_NUMBERS // examples.n_classes)))
    some = examples.take(drawn)
    choice = choose_lambda(path_of(drawn), some.y)
    scores, rows = choice.scores, drawn
    if n * examples.n_classes <= MOST_SCORES:
        rows = np.arange(n)
        scores = np.empty((n, examples.n_classes), dtype=np.float32)
        for part_rows in _whole_groups(examples.owner):
            scores[part_rows] = path_of(part_rows).held_out(choice.lam)

    def solve() -> dict[str, Float64Array]:
        return split(vectors @ (projected / (values + choice.lam)[:, None]))

    return RidgeFit(mixture, choice.lam, choice.temperature, scores, rows, choice.losses, None, solve, None)


def _whole_groups(owner: IntArray) -> list[IntArray]:
    """Cut all rows into pieces of about a block, no group in two pieces; in order of rows where possible."""
    first = np.full(int(owner.max()) + 1, len(owner))
    np.minimum.at(first, owner, np.arange(len(owner)))
    order = np.argsort(first[owner], kind="stable")
    ends = np.flatnonzero(np.diff(first[owner][order])) + 1
    targets = np.arange(_BLOCK, len(owner), _BLOCK)
    cuts = np.unique(ends[np.minimum(np.searchsorted(ends, targets), len(ends) - 1)]) if len(ends) else ends
    return [np.sort(piece) for piece in np.split(order, cuts)]


@dataclass
class Ridge:
    """A ridge classifier on one table of embeddings, with lambda and temperature chosen held-out.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.array([[0.0], [0.2], [1.0], [1.2]])
    >>> Ridge().fit(rows, np.array([0, 0, 1, 1])).predict_proba(rows).argmax(axis=1).tolist()
    [0, 0, 1, 1]

    Attributes
    ----------
    coef_, intercept_
        ``(d, C)`` and ``(C,)``.
    lambda_, temperature_
        Penalty in absolute units; factor on the scores before softmax.
    loo_scores_
        ``(n, C)`` the score of each example by the fit without its group, exactly.
    """

    class_weight: ClassWeight = "auto"
    coef_: Float64Array | None = field(default=None, init=False, repr=False)

    def fit(
        self, rows: FloatArray, y: IntArray, *, groups: IntArray | None = None, n_classes: int | None = None
    ) -> Ridge:
        """Fit ``(n, d)`` rows with classes 0..C-1.

        Parameters
        ----------
        groups
            ``(n,)`` examples of one group are left out together; None leaves out one at a time.
        n_classes
            C; the largest class + 1 where None.
        """
        examples = Examples.check(y, groups, n_classes, self.class_weight)
        block = Block.prepare("embedding", np.asarray(rows), examples.n_classes)
        blocks = {"embedding": block}
        fitted = fit_ridge(blocks, (("embedding", 1.0),), examples)
        self.coef_ = fitted.solve()["embedding"]
        share = examples.weights / examples.weights.sum()
        target_mean = share @ signed_targets(examples.y, examples.n_classes)
        self.intercept_ = target_mean - block.mean(share) @ self.coef_
        self.lambda_, self.temperature_ = fitted.lam, fitted.temperature
        self.loo_scores_ = fitted.scores
        return self

    def decision_function(self, rows: FloatArray) -> Float64Array:
        """Return ``(n, C)`` scores, near +1 for the right class and -1 for the others."""
        if self.coef_ is None:
            raise NotFittedError("This head is not fitted.", "Call fit(rows, y) first.")
        return np.asarray(np.asarray(rows, dtype=np.float64) @ self.coef_ + self.intercept_)

    def predict_proba(self, rows: FloatArray) -> Float64Array:
        """Return ``(n, C)`` calibrated probabilities."""
        return softmax(self.temperature_ * self.decision_function(rows))
