"""Use a saved model on new inputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.bundle import hub
from headstart.bundle.load import load
from headstart.data.gather import gather, names_of_files
from headstart.data.given_inputs import Inputs
from headstart.data.own import is_model
from headstart.errors import DataError, ParameterError
from headstart.execution import Executor, ProgressCallback, silent
from headstart.types import Modality, Prediction
from headstart.workflows.result import AnyModel, model_of

if TYPE_CHECKING:
    from headstart.model import Model


def load_model(path: str | Path) -> Model:
    """Load a saved model, checking every file against its recorded hash.

    Parameters
    ----------
    path
        The folder of a saved model; or ``org/name`` or ``org/name@revision`` of one on the Hugging Face Hub,
        where there is no such folder.

    Raises
    ------
    BundleError
        When it is not a model, is damaged (the file is named), or comes from a newer version.
    """
    named = hub.parse_id(str(path))
    if named is not None and not Path(path).exists():
        return load(hub.fetch(*named))
    return load(path)


def require_model_first(path: str | Path, others: Sequence[str | Path], command: str) -> None:
    """Refuse a model and its inputs the wrong way round.

    Raises
    ------
    ParameterError
        When `path` is no model and one of the others is.
    """
    swapped = None if is_model(path) else next((one for one in others if is_model(one)), None)
    if swapped is not None:
        raise ParameterError(
            f"Expected the folder of a saved model first, found {path}; {swapped} is one.",
            f"The model comes first: headstart {command} {swapped} {path}",
        )


def predict(
    model: AnyModel,
    inputs: Sequence[str | Path],
    *,
    top: int = 3,
    confidence: float | None = None,
    input_column: str | None = None,
    modality: str | Modality | None = None,
    heatmaps: str | Path | None = None,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> list[Prediction]:
    """Name files, the files of folders and archives, the rows of tables, or texts.

    Parameters
    ----------
    inputs
        Paths; for a text model also texts themselves, and ``-`` for the lines of standard input.
    top
        How many of the likeliest classes to list for each input.
    confidence
        How often the right class must be among those in ``set``; see `Model.predict`.
    input_column
        For tables: the column that holds the texts or paths.
    modality
        ``text`` says that cells that look like names of files are the texts themselves.
    heatmaps
        Of a model that finds defects: a folder for the pictures with heat maps over them, masks, and boxes in
        ``annotations.json`` (COCO).
    executor
        What runs the encoding; threads of this process where not given. See `headstart.execution`.

    Returns
    -------
    list of Prediction
        In the order of the inputs; those that cannot be read have ``error`` set and come where they stood,
        or last where they never became an input.

    Raises
    ------
    DataError
        When there is nothing to predict at all.
    DoubtUnavailableError, ParameterError
        When the model cannot promise the confidence.
    """
    model = model_of(model)
    model.check_confidence(confidence)
    if heatmaps is not None:
        from headstart.workflows.heatmaps import require_heatmaps  # few ask for maps

        require_heatmaps(model, Path(heatmaps))
    inputs = names_of_files(inputs)
    examples, problems, _ = gather(
        inputs,
        model.modality,
        names_as_texts=model.names_as_texts(modality),
        input_column=input_column,
        progress=progress,
    )
    if not examples and not problems:
        raise DataError(
            f"Nothing to predict in {', '.join(map(str, inputs))}.",
            "Name files, or a folder that has some in it.",
        )
    sources = [example.source for example in examples]
    named = model.predict(
        Inputs(sources),
        names=[example.name for example in examples],
        top=top,
        confidence=confidence,
        progress=progress,
        executor=executor,
    )
    if heatmaps is not None:
        from headstart.workflows.heatmaps import write_heatmaps

        write_heatmaps(model, sources, named, Path(heatmaps), progress=progress)
    return [*named, *(Prediction(problem.source, error=problem.reason) for problem in problems)]
