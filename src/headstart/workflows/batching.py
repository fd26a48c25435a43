"""Name any number of inputs in bounded memory, going on where an earlier run was stopped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.data.archives import is_archive
from headstart.data.gather import names_of_files
from headstart.data.given_inputs import Inputs
from headstart.data.own import NONE, UNSURE
from headstart.data.stream import Given, Stream
from headstart.errors import DataError, ParameterError, SourceError
from headstart.execution import Executor, Progress, ProgressCallback, silent
from headstart.targets import target_of
from headstart.types import Modality, Prediction
from headstart.workflows import tables
from headstart.workflows.drifting import drifting
from headstart.workflows.journal import Journal, Known, identity_of
from headstart.workflows.result import AnyModel, model_of
from headstart.workflows.sorting import Sorter

if TYPE_CHECKING:
    from headstart.model import Model

CHUNK = 256
"""Inputs between two times that rows are written: what is done again, at most, after a run was stopped."""

NAMING = "naming"
_UNREAD = "\0"
_UNREADABLE = {"source": "string", "error": "string"}


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What a long run did.

    Attributes
    ----------
    done
        Inputs that have a row.
    resumed
        How many of them had one before, from a run that was stopped.
    unreadable
        How many could not be read; their rows say why.
    answers
        Class name (or ``unsure``, ``none of these``) to how many got it.
    out
        The table; None where none was asked for.
    sorted_into
        The folder of folders; None where none was asked for.
    placed, there
        Files that were put into it, and that lay there already.
    drift
        What the test for drift says of the parts so far, and the ``path`` of its state; None where the target
        has no such test.
    """

    done: int
    resumed: int
    unreadable: int
    answers: Mapping[str, int] = field(default_factory=dict)
    out: str | None = None
    sorted_into: str | None = None
    placed: int = 0
    there: int = 0
    seconds: float = 0.0
    drift: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


def predict_many(
    model: AnyModel,
    inputs: Sequence[str | Path],
    *,
    out: str | Path | None = None,
    sort_into: str | Path | None = None,
    link: bool = False,
    top: int = 3,
    confidence: float | None = None,
    input_column: str | None = None,
    modality: str | Modality | None = None,
    progress: ProgressCallback = silent,
    executor: Executor | None = None,
) -> BatchReport:
    """Name any number of inputs, and write a table, or sort the files into folders, or both.

    Rows are kept in a journal beside the result as they are made. After Ctrl-C, or whatever else ended it,
    the same call goes on from there. The result itself appears when all is done.

    Parameters
    ----------
    inputs, top, confidence, input_column, modality
        As in `predict`; read one after the other.
    out
        The table: a name that ends in ``.csv``, ``.jsonl`` or ``.parquet``. An older one is replaced.
    sort_into
        A folder that gets one folder for each class (and ``unsure``, ``none of these``) with copies of the
        files, and ``unreadable.csv``. Nothing in it is ever written over.
    link
        Whether to link the files instead of copying them.
    progress
        Called as inputs are done; may raise `Cancelled`.
    executor
        What runs the encoding; threads of this process where not given. See `headstart.execution`.

    Raises
    ------
    ParameterError
        When neither `out` nor `sort_into` is given, or an unfinished run with other settings is there.
    DataError
        When there is nothing to predict.
    StorageError
        When something cannot be written. What was done so far is kept.
    """
    start = time.perf_counter()
    model = model_of(model)
    model.check_confidence(confidence)
    inputs = names_of_files(inputs)
    target, sorter = _checked(model, inputs, out, sort_into, link)
    place = _journal_place(target, sorter)
    drift = None if target is None else drifting(model, identity_of(model), target.parent)
    apart = [path for path in (target, place, sorter.root if sorter else None) if path is not None]
    stream = Stream(
        inputs,
        model.modality,
        names_as_texts=model.names_as_texts(modality),
        input_column=input_column,
        apart=apart,
        progress=progress,
    )
    total = stream.count()
    if total == 0:
        raise DataError(
            f"Nothing to predict in {', '.join(map(str, inputs))}.",
            "Name files, or a folder that has some in it.",
        )
    run = {
        "model": identity_of(model), "top": top, "confidence": confidence, "input_column": input_column,
        "sorted": bool(sorter), "link": link,
    }  # fmt: skip
    with Journal(place, run) as journal:
        resumed = journal.done
        progress(Progress(NAMING, resumed, total))
        for chunk in _new(stream, journal):
            told = partial(_tell, progress, journal.done, total)
            how = {"top": top, "confidence": confidence, "progress": told, "executor": executor}
            rows = _rows(model, chunk, how, sorter)
            journal.append(rows)
            progress(Progress(NAMING, journal.done, total))
        answers = _finish(journal, _columns(model, stream, confidence), target, sorter)
        drifted = None if drift is None else drift.told(journal.rows())
        journal.remove()
    return BatchReport(
        done=journal.done,
        resumed=resumed,
        unreadable=answers.pop(_UNREAD, 0),
        answers=dict(answers.most_common()),
        out=None if target is None else str(target),
        sorted_into=None if sorter is None else str(sorter.root),
        placed=0 if sorter is None else sorter.placed,
        there=0 if sorter is None else sorter.there,
        seconds=round(time.perf_counter() - start, 3),
        drift=drifted,
    )


def _tell(progress: ProgressCallback, done: int, total: int | None, step: Progress) -> None:
    progress(Progress(NAMING, done + step.done, total))


def _checked(
    model: Model,
    inputs: Sequence[str | Path],
    out: str | Path | None,
    sort_into: str | Path | None,
    link: bool,
) -> tuple[Path | None, Sorter | None]:
    if out is None and sort_into is None:
        raise ParameterError("Nothing says where the answers go.", "Give out='results.csv', or sort_into=.")
    if link and sort_into is None:
        raise ParameterError("link is for sorting files into folders.", "Give sort_into= too.")
    packed = next((path for path in inputs if link and is_archive(path)), None)
    if packed is not None:
        raise ParameterError(
            f"{packed} is an archive: its files can be copied, not linked.", "Leave link away."
        )
    target = None
    if out is not None:
        target = Path(out).expanduser()
        tables.writer_of(target)
        tables.check_writable(target, "--out", inputs)
    if sort_into is None:
        return target, None
    if not target_of(model.target).sortable:
        things = target_of(model.target).words.many
        raise ParameterError(
            f"Files are sorted by their class, but this model learned {things}.", "Use --out results.csv"
        )
    sorter = Sorter(Path(sort_into).expanduser(), model.classes, link=link)
    sorter.check()
    return target, sorter


def _journal_place(target: Path | None, sorter: Sorter | None) -> Path:
    if target is not None:
        return target.with_name(f".{target.name}.headstart-part")
    assert sorter is not None  # one of the two is there
    return sorter.root / ".headstart-part"


def _new(stream: Stream, journal: Journal) -> Iterator[list[Given]]:
    """Yield the inputs that have no row yet, a chunk at a time."""
    known = Known(journal)
    fresh = (given for given in stream if not known.has(given.name))
    while chunk := list(islice(fresh, CHUNK)):
        yield chunk


def _rows(
    model: Model, chunk: Sequence[Given], how: Mapping[str, Any], sorter: Sorter | None
) -> list[dict[str, Any]]:
    readable = [(given, given.source) for given in chunk if given.source is not None]
    named = iter(
        model.predict(
            Inputs([source for _, source in readable]),
            names=[given.name for given, _ in readable],
            **how,
        )
    )
    rows = []
    for given in chunk:
        said = Prediction(given.name, error=given.reason) if given.source is None else next(named)
        if sorter is not None and said.error is None and given.path is not None:
            said = _sorted(sorter, given.path, said)
        rows.append(tables.row_of(said, given.own_id))
    return rows


def _sorted(sorter: Sorter, path: Path, said: Prediction) -> Prediction:
    """Put the file where it belongs; one that has gone since it was read becomes an error of its own."""
    try:
        sorter.put(path, sorter.folder_of(str(said.label), unsure=bool(said.unsure), known=said.known))
    except SourceError as error:
        return Prediction(said.source, error=error.message)
    return said


def _columns(model: Model, stream: Stream, confidence: float | None) -> Mapping[str, str]:
    return tables.columns(
        doubted=confidence is not None,
        own_ids=stream.has_tables,
        target=model.target,
        outputs=model.classes,
    )


def _finish(
    journal: Journal, names: Mapping[str, str], target: Path | None, sorter: Sorter | None
) -> Counter[str]:
    """Write what was asked for from the rows, and count the answers."""
    if target is not None:
        tables.write_table(journal.rows(), target, names)
    answers: Counter[str] = Counter()
    for row in journal.rows():
        answers[_answer(row)] += 1
    answers.pop("", None)  # answers that are not one of a few, such as numbers
    if sorter is not None and answers[_UNREAD]:
        unreadable = (row for row in journal.rows() if "error" in row)
        sorter.add_list(lambda place: tables.write_table(unreadable, place, _UNREADABLE))
    return answers


def _answer(row: Mapping[str, Any]) -> str:
    if "error" in row:
        return _UNREAD
    if row.get("known") is False:
        return NONE
    return UNSURE if row.get("unsure") else str(row.get("label") or "")
