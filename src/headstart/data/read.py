"""Read a person's examples: the one door for every layout."""

from __future__ import annotations

from pathlib import Path

from headstart.data.assemble import Reading, assemble, parse_modality, parse_split
from headstart.data.enough import require_trainable
from headstart.data.folder import read_folder
from headstart.data.gather import gather
from headstart.data.memory import from_arrays, from_objects
from headstart.data.names import safe_name
from headstart.data.table import read_table
from headstart.errors import DataError, ParameterError
from headstart.types import Dataset, Modality

__all__ = ["from_arrays", "from_objects", "gather", "load", "require_trainable"]


def load(
    path: str | Path,
    *,
    modality: str | Modality | None = None,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    groups: str | Path | None = None,
    split: str | None = None,
    labelled: bool = True,
) -> Dataset:
    """Read examples from a folder or a table.

    Parameters
    ----------
    path
        A folder: one folder for each class (with ``train``, ``validation``, ``test`` above or below them, or
        not), the Hugging Face layout with ``metadata.csv``, or tables named for their split. Or a table: CSV,
        TSV, JSONL, Parquet, with texts or paths of files in a column.
    modality
        ``image``, ``text`` or ``audio``. When None, what most files are by their first bytes.
    input_column, label_column, group_column
        Columns of a table; guessed when None and there is no doubt.
    groups
        For a folder: a table with the columns ``file`` (as seen from the folder) and ``group``.
    split
        Read only this split. By default a test split is left out (it is for measuring the finished model),
        all others are read, and a note says so. A lone test split is read.
    labelled
        Whether labels are wanted. Without, all files below the folder are read, split or not.

    Returns
    -------
    Dataset
        Usable examples, and a problem for every input that is not usable. Texts have been read and
        normalised; pictures and sounds were only looked at and are decoded later.

    Raises
    ------
    DataError
        When the path or a column is missing.
    LayoutError
        When the arrangement has no single meaning.
    NotEnoughDataError
        When there is nothing of any known kind.
    ParameterError
        When an argument is not allowed.
    """
    wanted = parse_modality(modality)
    _require_name(path)
    split = parse_split(split)
    place = Path(path).expanduser()
    reading = _read(
        place,
        groups=None if groups is None else Path(groups).expanduser(),
        columns={"input_column": input_column, "label_column": label_column, "group_column": group_column},
        labelled=labelled,
    )
    return assemble(reading, modality=wanted, labelled=labelled, split=split)


def _require_name(path: str | Path) -> None:
    if not str(path).strip():  # else it would mean the folder one is in
        raise ParameterError(
            "The name of the folder or table is empty.", "Name one ('.' for the folder you are in)."
        )


def _read(place: Path, *, groups: Path | None, columns: dict[str, str | None], labelled: bool) -> Reading:
    if place.is_dir():
        return read_folder(place, groups=groups, labelled=labelled, **columns)
    if not place.exists():
        raise DataError(
            f"There is no file or folder {safe_name(str(place))}.",
            f"Check the spelling; the path starts from here: {safe_name(str(Path.cwd()))}",
        )
    if groups is not None:
        raise ParameterError("groups= is for folders; a table has a column.", "Name it: --group-column NAME")
    return read_table(place, labelled=labelled, **columns)
