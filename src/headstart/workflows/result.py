"""What training gives: the model, what it was measured to be worth, and what the examples told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from headstart.execution import Executor, silent
from headstart.model import CHUNK, Model
from headstart.workflows.faces import Faces

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.encoders.cache import EmbeddingCache
    from headstart.execution import ProgressCallback
    from headstart.reports import TrainingReport
    from headstart.types import EncoderSpec, Float32Array, Modality, Neighbour, Prediction

__all__ = ["AnyModel", "TrainingResult", "model_of"]


@dataclass(frozen=True, eq=False, repr=False)
class TrainingResult:
    """What `headstart.train` returns.

    The methods and properties are shortcuts to those of `model`, so that three lines train, predict and save.

    Attributes
    ----------
    model
        What predicts.
    report
        What training measured.
    advice
        What checking the same examples found; None unless training was asked for it with ``advise=True``.
    faces
        The examples themselves, to be shown in a report.

    Examples
    --------
    >>> result = headstart.train("photos/")  # doctest: +SKIP
    >>> result.report.evaluation.accuracy.low  # doctest: +SKIP
    0.91
    >>> result.save("pastries")  # doctest: +SKIP
    """

    model: Model
    report: TrainingReport
    advice: Advice | None = None
    faces: Faces = field(default_factory=Faces)

    @property
    def modality(self) -> Modality:
        """What the model takes: images, texts or sounds."""
        return self.model.modality

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of the columns of `predict_proba`."""
        return self.model.classes

    @property
    def encoders(self) -> tuple[EncoderSpec, ...]:
        """The base models it runs; none where simple features do."""
        return self.model.encoders

    @property
    def quality(self) -> Mapping[str, Any]:
        """The report as plain data, as it is saved with the model."""
        return self.model.quality

    @property
    def created(self) -> str:
        """When the model was trained (UTC, ISO 8601)."""
        return self.model.created

    @property
    def name(self) -> str:
        """What the model is called; empty until it is saved by training."""
        return self.model.name

    def predict(
        self,
        sources: Any,
        *,
        names: Sequence[str] | None = None,
        top: int = 3,
        confidence: float | None = None,
        input_column: str | None = None,
        modality: str | Modality | None = None,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
        executor: Executor | None = None,
    ) -> list[Prediction]:
        """Name each input; see `headstart.Model.predict`."""
        return self.model.predict(
            sources,
            names=names,
            top=top,
            confidence=confidence,
            input_column=input_column,
            modality=modality,
            cache=cache,
            progress=progress,
            executor=executor,
        )

    def predict_iter(
        self,
        sources: Any,
        *,
        names: Iterable[str] | None = None,
        top: int = 3,
        confidence: float | None = None,
        input_column: str | None = None,
        modality: str | Modality | None = None,
        chunk: int = CHUNK,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
        executor: Executor | None = None,
    ) -> Iterator[Prediction]:
        """Name inputs one after the other; see `headstart.Model.predict_iter`."""
        return self.model.predict_iter(
            sources,
            names=names,
            top=top,
            confidence=confidence,
            input_column=input_column,
            modality=modality,
            chunk=chunk,
            cache=cache,
            progress=progress,
            executor=executor,
        )

    def predict_proba(
        self,
        sources: Any,
        *,
        names: Sequence[str] | None = None,
        input_column: str | None = None,
        modality: str | Modality | None = None,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
    ) -> Float32Array:
        """Return the probability of each class for each input; see `headstart.Model.predict_proba`."""
        return self.model.predict_proba(
            sources, names=names, input_column=input_column, modality=modality, cache=cache, progress=progress
        )

    def nearest(
        self,
        sources: Any,
        k: int = 5,
        *,
        cache: EmbeddingCache | None = None,
        progress: ProgressCallback = silent,
    ) -> list[list[Neighbour]]:
        """Return the training examples most like each input; see `headstart.Model.nearest`."""
        return self.model.nearest(sources, k, cache=cache, progress=progress)

    def save(self, path: str | Path, *, link_base: bool = False) -> Path:
        """Save the model to the folder `path`; see `headstart.Model.save`."""
        return self.model.save(path, link_base=link_base)

    def push_to_hub(self, repo: str, *, private: bool = True, token: str | None = None) -> str:
        """Upload the model to the Hugging Face Hub; see `headstart.Model.push_to_hub`."""
        return self.model.push_to_hub(repo, private=private, token=token)

    def with_report(self, report: TrainingReport, **changes: Any) -> TrainingResult:
        """Return the result with another report, which the model is saved with, and other `changes` of it."""
        return replace(self, report=report, model=replace(self.model, quality=report.to_dict(), **changes))

    def __repr__(self) -> str:
        return f"<TrainingResult: {self.model!r}>"


AnyModel: TypeAlias = Model | TrainingResult


def model_of(model: AnyModel) -> Model:
    """Return what predicts: what training returned may be given wherever a model is."""
    return model.model if isinstance(model, TrainingResult) else model
