"""Use a saved model on new inputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headstart.data.gather import gather
from headstart.errors import DataError
from headstart.execution import ProgressCallback, silent
from headstart.model import Model
from headstart.types import Prediction


def load_model(path: str | Path) -> Model:
    """Load a saved model, checking every file against its recorded hash.

    Raises
    ------
    BundleError
        When it is not a model, is damaged (the file is named), or comes from a newer version.
    """
    return Model.load(path)


def predict(
    model: Model,
    inputs: Sequence[str | Path],
    *,
    top: int = 3,
    input_column: str | None = None,
    progress: ProgressCallback = silent,
) -> list[Prediction]:
    """Name files, the files of folders, the rows of tables, or texts.

    Parameters
    ----------
    inputs
        Paths; for a text model also texts themselves, and ``-`` for the lines of standard input.
    top
        How many of the likeliest classes to list for each input.
    input_column
        For tables: the column that holds the texts or paths.

    Returns
    -------
    list of Prediction
        In the order of the inputs; those that cannot be read have ``error`` set and come where they stood,
        or last where they never became an input.

    Raises
    ------
    DataError
        When there is nothing to predict at all.
    """
    examples, problems, _ = gather(inputs, model.modality, input_column=input_column)
    if not examples and not problems:
        raise DataError(
            f"Nothing to predict in {', '.join(map(str, inputs))}.",
            "Name files, or a folder that has some in it.",
        )
    named = model.predict(
        [example.source for example in examples],
        names=[example.name for example in examples],
        top=top,
        progress=progress,
    )
    return [*named, *(Prediction(problem.source, error=problem.reason) for problem in problems)]
