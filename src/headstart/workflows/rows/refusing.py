"""What cannot be done with rows of a table yet, said before any work is done."""

from __future__ import annotations

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
