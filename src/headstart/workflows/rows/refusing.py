"""What cannot be done with rows of a table yet, said before any work is done."""

from __future__ import annotations

from typing import Any, NoReturn

from headstart.errors import ParameterError
from headstart.row import TABLE


def refuse_rows(modality: str, what: str, instead: str) -> None:
    """Refuse to do something with rows.

    Raises
    ------
    ParameterError
        Where `modality` says that the examples are rows with several columns.
    """
    if modality == TABLE:
        raise ParameterError(
            f"headstart cannot {what} for rows with several columns yet; it can for one column of photos, "
            "texts or sounds.",
            instead,
        )


def explain(*_: Any, **__: Any) -> NoReturn:
    """Refuse to explain an answer for a row."""
    refuse_rows(TABLE, "explain an answer", "The report says what each column adds.")
    raise AssertionError


def made_inputs() -> NoReturn:
    """Refuse to make up rows: a model cannot be compared with what was exported from it."""
    refuse_rows(
        TABLE, "export a model", "Use the saved model: headstart predict or serve, Model.load in Python."
    )
    raise AssertionError
