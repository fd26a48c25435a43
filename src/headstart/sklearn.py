"""headstart in scikit-learn's conventions: a classifier and a transformer for pipelines and searches.

What `X` may be, for both:

- a list, array or Series of paths (images, sounds) or of texts; a table (a DataFrame, a Dataset, a dict of
  columns) with one such column;
- a list of Pillow images, open files, encoded bytes, arrays or tensors, one image or sound each;
- an array of images, ``(n, H, W)`` or ``(n, H, W, channels)``;
- for `TransferClassifier`, a table of numbers ``(n, d)``: these are taken as features already, so no base
  model is used and ``base`` has no meaning. With ``modality="audio"`` each row is a sound instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, column_or_1d, validate_data

from headstart import settings
from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import prepare
from headstart.data.given_inputs import take
from headstart.data.mixed.given import rows_given
from headstart.data.read import from_arrays, from_objects
from headstart.data.target import CLASSES
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.open import Encoder as GraphEncoder
from headstart.encoders.open import open_encoder
from headstart.errors import NotFittedError, ParameterError, SourceError
from headstart.heads.select import HeadName, fit_head
from headstart.kinds import has_columns
from headstart.model import EMBEDDING, Model
from headstart.sklearn_inputs import as_sources, is_table
from headstart.sklearn_labels import Labels, read_labels, warn_of
from headstart.sklearn_tags import FEATURES, fit_tagged, proba_of_sources, said_at
from headstart.targets.tags import TAGS
from headstart.types import EncoderSpec
from headstart.workflows.training import train

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from sklearn.utils import Tags

    from headstart.heads.protocol import Head
    from headstart.reports import TrainingReport
    from headstart.types import Dataset, Float32Array

_LEARNED = ("classes_", "class_names_", "head_", "model_", "n_features_in_", "feature_names_in_", "report_")
_OPEN: dict[tuple[str, Path], GraphEncoder] = {}


class NotFitted(NotFittedError, SklearnNotFittedError):
    """Used before `fit`: both headstart's error and scikit-learn's, so that either can be caught."""


class TransferClassifier(ClassifierMixin, BaseEstimator):
    """A classifier that puts a new linear head on a base model that stays as it is.

    Parameters
    ----------
    base
        Name of a base model, or ``auto``: measure all that are installed and take the best.
    head
        ``auto``, ``ridge``, ``logistic``, ``lda`` or ``prototypes``.
    modality
        ``image``, ``text`` or ``audio``; found by looking at the inputs when None.
    target
        ``tags``: `y` is a matrix with a column of 1 and 0 for each tag (NaN where it is not known), or a list
        of tags for each input; `predict` returns such a matrix, of integers. ``classes`` takes every value of
        `y` as a class. Without, numbers with many values, dates, and several
        labels for one input are refused, as by `headstart.load`.
    columns
        What the columns of a table with several are, as for `headstart.load`: ``auto``, or a role for each.
        By default inputs are one column.
    blend
        Whether the head may also see simple features of the raw input where they help.
    use_cache
        Whether embeddings are looked up and kept: in a search or cross-validation each input then runs
        through the base model once, whatever the number of fits.
    measure
        Of tags: what the threshold of each is chosen for, ``f1``, ``precision>=0.9`` or ``recall>=0.9``.
    random_state
        Deals the folds that compare heads; None is 0, so that results repeat.

    Attributes
    ----------
    classes_
        The labels, sorted, in the dtype of `y`; texts where one class is spelled by several types. For tags
        their names, in the order of the columns of a matrix.
    class_names_
        What the model calls each of them; absent after fitting on a table of numbers.
    model_
        The `headstart.Model`; absent after fitting on a table of numbers.
    report_
        What training measured; absent after fitting on a table of numbers.
    head_
        The head, after fitting on a table of numbers.
    n_features_in_, feature_names_in_
        Only after fitting on a table of numbers.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 1.0], [0.1, 0.9], [1.0, 0.0], [0.9, 0.1]])
    >>> TransferClassifier().fit(X, ["up", "up", "right", "right"]).predict([[0.0, 0.8]]).tolist()
    ['up']
    """

    def __init__(
        self,
        base: str = "auto",
        head: HeadName = "auto",
        *,
        modality: str | None = None,
        target: str | None = None,
        columns: str | Mapping[str, str] | None = None,
        blend: bool = True,
        use_cache: bool = True,
        measure: str | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.base = base
        self.head = head
        self.modality = modality
        self.target = target
        self.columns = columns
        self.blend = blend
        self.use_cache = use_cache
        self.measure = measure
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Train on inputs `X` (see the module) with labels `y`.

        An input with a missing label (None, NaN, …) is left out, and one warning tells of it.

        Parameters
        ----------
        groups
            One value for each input; inputs that share it are never split between training and measuring.

        Raises
        ------
        ParameterError
            When `X`, `y` and `groups` do not fit each other.
        DataError
            When too few of the inputs can be read, or `y` holds no classes. Inputs that cannot be read are
            listed in ``report_.problems``, and one warning names the first.
        """
        for name in _LEARNED:
            self.__dict__.pop(name, None)
        seed = seed_of(self.random_state)
        if self.target == TAGS:
            fit_tagged(self, X, y, groups, seed)
            return self
        if self.columns is not None:
            return self._fit_rows(X, y, groups, seed)
        if is_table(X, self.modality):
            return self._fit_table(X, y, groups, seed)
        return self._fit_sources(as_sources(X), y, groups, seed)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest label of each input, in the dtype of `y`; for tags ``(n, T)`` of 1 and 0."""
        proba = self.predict_proba(X)
        if self.target == TAGS:
            return said_at(self, proba)
        return np.asarray(self.classes_[proba.argmax(axis=1)])

    def predict_proba(self, X: Any) -> Float32Array:
        """Return ``(n, len(classes_))`` probabilities.

        Raises
        ------
        NotFittedError
            Before `fit`.
        SourceError
            When an input cannot be read; names it.
        """
        self._require_fitted()
        if "head_" in self.__dict__:
            table = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
            return self.head_.predict_proba({FEATURES: table})
        if self.target == TAGS:
            return proba_of_sources(self, X, cache=cache_of(self.use_cache))
        given = X if has_columns(self.model_.modality) else as_sources(X)
        found = self.model_.predict_proba(given, modality=self.modality, cache=cache_of(self.use_cache))
        names = self.class_names_
        out = np.zeros((len(found), len(names)), dtype=found.dtype)
        out[:, [names.index(name) for name in self.model_.classes]] = found
        return out

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

    def _fit_table(self, X: Any, y: ArrayLike, groups: ArrayLike | None, seed: int) -> Self:
        table, labels = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(labels)
        check_consistent_length(table, labels, groups)
        classes, index = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise ParameterError(
                f"y must hold at least 2 classes, found 1 class in n_samples={len(table)}.",
                "Add examples of another class.",
            )
        self.head_: Head = fit_head(
            {FEATURES: table}, index, groups, n_classes=len(classes), head=self.head, seed=seed
        ).head
        self.classes_: NDArray[Any] = classes
        return self

    def _fit_rows(self, X: Any, y: ArrayLike, groups: ArrayLike | None, seed: int) -> Self:
        count = len(rows_given(X)[0])
        labels: Labels = read_labels(y, count, self.target)
        dataset = from_objects(
            X,
            labels.names,
            groups=None if groups is None else list(column_or_1d(groups)),
            roles=self.columns,
            target=CLASSES,  # settled already
        )
        return self._fit_dataset(dataset, labels, seed)

    def _fit_sources(self, sources: Sequence[Any], y: ArrayLike, groups: ArrayLike | None, seed: int) -> Self:
        if y is None:
            raise ParameterError("TransferClassifier requires y to be passed, but the target y is None.")
        labels: Labels = read_labels(y, len(sources), self.target)
        check_consistent_length(sources, groups)
        dataset = from_arrays(
            sources,
            labels.names,
            modality=self.modality,
            groups=None if groups is None else column_or_1d(groups),
            target=CLASSES,  # settled already
        )
        return self._fit_dataset(dataset, labels, seed)

    def _fit_dataset(self, dataset: Dataset, labels: Labels, seed: int) -> Self:
        dataset = replace(dataset, notes=(*labels.notes, *dataset.notes))
        result = train(
            dataset,
            base=self.base,
            head=self.head,
            blend=self.blend,
            use_cache=self.use_cache,
            seed=seed,
        )
        self.model_: Model = result.model
        self.report_: TrainingReport = result.report
        warn_of(self.report_)
        self.classes_, self.class_names_ = labels.classes, labels.class_names
        return self

    def _require_fitted(self) -> None:
        if "classes_" not in self.__dict__:
            raise NotFitted(
                "This TransferClassifier is not fitted yet.", "Call fit with examples and labels first."
            )

    def __sklearn_is_fitted__(self) -> bool:
        return "classes_" in self.__dict__

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.three_d_array = True
        return tags


class Encoder(TransformerMixin, BaseEstimator):
    """A transformer from images, texts or sounds to the embeddings of a base model.

    It learns nothing: `transform` works without `fit`.

    Parameters
    ----------
    base
        Name of a base model; ``headstart bases`` lists them. It is fetched when it is not here yet.
    output
        Which output of the base: ``embedding``, or for some ``logits`` or an earlier layer.
    use_cache
        Whether embeddings are looked up and kept.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> classifier = make_pipeline(Encoder("efficientnet_lite0"), LogisticRegression())
    """

    def __init__(
        self, base: str = "efficientnet_lite0", *, output: str = EMBEDDING, use_cache: bool = True
    ) -> None:
        self.base = base
        self.output = output
        self.use_cache = use_cache

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters; nothing is learned.

        Raises
        ------
        BaseError
            When there is no such base, or it cannot be fetched.
        ParameterError
            When the base has no such output.
        """
        self._spec()
        return self

    def transform(self, X: Any) -> Float32Array:
        """Return ``(n, width)`` float32 embeddings of the inputs `X` (see the module).

        Raises
        ------
        SourceError
            When an input cannot be read; names it.
        """
        spec = self._spec()
        if is_table(X, spec.modality):
            raise ParameterError(
                f"Encoder takes {spec.modality} inputs, got a table of numbers.",
                "Give paths, texts, or arrays of images or sounds.",
            )
        found = _opened(spec).encode(
            take(as_sources(X), spec.modality, names_as_texts=True).sources,
            extras=() if self.output == EMBEDDING else (self.output,),
            cache=cache_of(self.use_cache),
        )
        for position, reason, code in found.failures:
            raise SourceError(f"Input {position + 1}: {reason}", "Leave it out.", code)
        return found.vectors if self.output == EMBEDDING else found.extras[self.output]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return ``<base>_<number>`` for each column; `input_features` is ignored."""
        width = self._spec().outputs[self.output]
        return np.array([f"{self.base}_{number}" for number in range(width)], dtype=object)

    def _spec(self) -> EncoderSpec:
        spec = prepare(load_catalogue().get(self.base))
        if self.output not in spec.outputs:
            raise ParameterError(
                f"output must be one of {', '.join(spec.outputs)} for {self.base}, got {self.output!r}."
            )
        return spec

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        return tags


def seed_of(random_state: int | np.random.RandomState | None) -> int:
    """Return the seed that a `random_state` stands for."""
    if random_state is None or isinstance(random_state, int | np.integer):
        return int(random_state or 0)
    return int(check_random_state(random_state).randint(2**31 - 1))


def cache_of(wanted: bool) -> EmbeddingCache | None:
    """Return the cache of embeddings, where it is wanted and in use."""
    now = settings.current()
    return EmbeddingCache(now.embeddings) if wanted and now.use_embedding_cache else None


def _opened(spec: EncoderSpec) -> GraphEncoder:
    """Return the running encoder; kept outside the estimator, which stays small to pickle and clone."""
    key = spec.fingerprint, spec.files["encoder"]
    if key not in _OPEN:
        _OPEN[key] = open_encoder(spec)
    return _OPEN[key]
