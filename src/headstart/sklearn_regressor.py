"""A regressor in scikit-learn's conventions; what `X` may be is said in `headstart.sklearn`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d, validate_data

from headstart.data.number_labels import FEWEST, levels_of
from headstart.data.read import from_arrays
from headstart.data.target import CLASSES
from headstart.errors import ParameterError, SourceError
from headstart.heads.conformal import CONFIDENCE
from headstart.heads.numbers.fitting import fit_numbers
from headstart.model import Model
from headstart.sklearn import NotFitted, cache_of, seed_of
from headstart.sklearn_inputs import as_sources, is_table
from headstart.sklearn_labels import warn_of
from headstart.sklearn_tags import FEATURES
from headstart.targets.numbers import NUMBER
from headstart.workflows.training import train

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from sklearn.utils import Tags

    from headstart.heads.numbers.head import NumbersHead
    from headstart.reports import TrainingReport
    from headstart.types import Float64Array

_LEARNED = ("head_", "model_", "n_features_in_", "feature_names_in_", "report_", "n_outputs_")


class TransferRegressor(RegressorMixin, BaseEstimator):
    """A regressor that puts a new ridge head on a base model that stays as it is.

    Where `y` holds a few numbers that come again and again, such as 1 to 5 stars, answers are those levels.

    Parameters
    ----------
    base
        Name of a base model, or ``auto``: measure all that are installed and take the best.
    modality
        ``image``, ``text`` or ``audio``; found by looking at the inputs when None.
    blend
        Whether the head may also see simple features of the raw input where they help.
    use_cache
        Whether embeddings are looked up and kept.
    random_state
        Deals the folds; None is 0, so that results repeat.

    Attributes
    ----------
    model_, report_
        The `headstart.Model` and what training measured; absent after fitting on a table of numbers.
    head_
        The head, after fitting on a table of numbers.
    n_features_in_, feature_names_in_
        Only after fitting on a table of numbers.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.arange(40.0).reshape(40, 1)
    >>> TransferRegressor().fit(X, 2 * X[:, 0]).predict([[7.5]]).round(2).tolist()
    [15.0]
    """

    def __init__(
        self,
        base: str = "auto",
        *,
        modality: str | None = None,
        blend: bool = True,
        use_cache: bool = True,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.base = base
        self.modality = modality
        self.blend = blend
        self.use_cache = use_cache
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Train on inputs `X` with numbers `y`, ``(n,)`` or ``(n, K)``.

        Parameters
        ----------
        groups
            One value for each input; inputs that share it are never split between training and measuring.

        Raises
        ------
        ParameterError
            When `X`, `y` and `groups` do not fit each other.
        DataError
            When too few of the inputs can be read. Inputs that cannot be read are listed in
            ``report_.problems``, and one warning names the first.
        """
        for name in _LEARNED:
            self.__dict__.pop(name, None)
        if y is None:
            raise ParameterError("TransferRegressor requires y to be passed, but the target y is None.")
        if is_table(X, self.modality):
            return self._fit_table(X, y, groups)
        return self._fit_sources(as_sources(X), y, groups)

    def predict(self, X: Any) -> Float64Array:
        """Return the number of each input: ``(n,)``, or ``(n, K)`` after fitting on several.

        Raises
        ------
        NotFittedError
            Before `fit`.
        SourceError
            When an input cannot be read; names it.
        """
        self._require_fitted()
        if "head_" in self.__dict__:
            return self._shaped(self.head_.values({FEATURES: self._table(X)}))
        said = self.model_.predict(as_sources(X), modality=self.modality, cache=cache_of(self.use_cache))
        return self._shaped(np.array([_told(one).values for one in said], dtype=np.float64))

    def predict_interval(self, X: Any, confidence: float = CONFIDENCE) -> Float64Array:
        """Return ``(n, 2)`` or ``(n, K, 2)``: ends that hold the right number as often as `confidence` says.

        Raises
        ------
        ParameterError
            When the confidence takes more examples than there were.
        """
        self._require_fitted()
        if "head_" in self.__dict__:
            ends = self.head_.intervals({FEATURES: self._table(X)}, confidence)
        else:
            said = self.model_.predict(
                as_sources(X), modality=self.modality, confidence=confidence, cache=cache_of(self.use_cache)
            )
            told = [_told(one) for one in said]
            ends = np.array([[one.lows, one.highs] for one in told], np.float64).swapaxes(1, 2)
        return ends[:, 0] if self.n_outputs_ == 0 else ends

    def save(self, path: str | Path, *, link_base: bool = False) -> Path:
        """Save the trained model as a folder; see `headstart.Model.save`.

        Raises
        ------
        ParameterError
            After fitting on a table of numbers: there is no encoder that a saved model could run.
        """
        self._require_fitted()
        if "model_" not in self.__dict__:
            raise ParameterError(
                "Only a model with a base can be saved; this one was fitted on a table of numbers.",
                "Fit it on paths, texts or arrays of images or sounds.",
            )
        return self.model_.save(path, link_base=link_base)

    def _fit_table(self, X: Any, y: ArrayLike, groups: ArrayLike | None) -> Self:
        table, numbers = validate_data(
            self, X, y, dtype=[np.float64, np.float32], multi_output=True, y_numeric=True
        )
        check_consistent_length(table, numbers, groups)
        if len(table) < FEWEST:
            raise ParameterError(
                f"To predict a number takes at least {FEWEST} examples, found n_samples={len(table)}.",
                "Add examples.",
            )
        columns = numbers.reshape(len(numbers), -1).astype(np.float64)
        levels = [levels_of(column) for column in columns.T]
        fitted = fit_numbers(
            {FEATURES: table}, columns, groups, levels=levels, seed=seed_of(self.random_state)
        )
        self.head_: NumbersHead = fitted.head
        self.n_outputs_ = columns.shape[1] if numbers.ndim > 1 else 0
        return self

    def _fit_sources(self, sources: list[Any], y: ArrayLike, groups: ArrayLike | None) -> Self:
        given = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        check_consistent_length(sources, given, groups)
        columns = given.reshape(len(given), -1)
        dataset = from_arrays(
            sources,
            [f"{row:09d}" for row in range(len(sources))],  # finds the numbers of what is left
            modality=self.modality,
            groups=None if groups is None else column_or_1d(groups),
            target=CLASSES,
        )
        examples = []
        for example in dataset.examples:
            row = columns[int(str(example.label))]
            examples.append(replace(example, label=f"{row[0]:g}", value=tuple(row.tolist())))
        size = columns.shape[1]
        names = ("number",) if size == 1 else tuple(f"number {k + 1}" for k in range(size))
        dataset = replace(dataset, examples=tuple(examples), classes=names, target=NUMBER.name)
        result = train(
            dataset,
            base=self.base,
            blend=self.blend,
            use_cache=self.use_cache,
            seed=seed_of(self.random_state),
        )
        self.model_: Model = result.model
        self.report_: TrainingReport = result.report
        self.n_outputs_ = size if given.ndim > 1 else 0
        warn_of(self.report_)
        return self

    def _table(self, X: Any) -> Any:
        return validate_data(self, X, dtype=[np.float64, np.float32], reset=False)

    def _shaped(self, values: Float64Array) -> Float64Array:
        return values[:, 0] if self.n_outputs_ == 0 else values

    def _require_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise NotFitted(
                "This TransferRegressor is not fitted yet.", "Call fit with examples and numbers first."
            )

    def __sklearn_is_fitted__(self) -> bool:
        return "n_outputs_" in self.__dict__

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.three_d_array = True
        tags.target_tags.multi_output = True
        return tags


def _told(prediction: Any) -> Any:
    """Return a prediction, or raise where its input could not be read."""
    if prediction.error is not None:
        raise SourceError(f"{prediction.source}: {prediction.error}", "Leave it out.")
    return prediction
