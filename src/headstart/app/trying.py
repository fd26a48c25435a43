"""Try a model: what it says of something new, why, and which examples it knows are most like that."""

from __future__ import annotations

import base64
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app import projects, store, views
from headstart.app.faults import NoModelError, NotFoundError
from headstart.app.names import new_id, suffix_of
from headstart.app.workspace import MODEL
from headstart.errors import DoubtUnavailableError, ParameterError, SourceError
from headstart.heads.conformal import CONFIDENCE
from headstart.kinds import is_inline, is_kind, is_of_files, kind_of
from headstart.row import Row
from headstart.targets import target_of

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace
    from headstart.features import FeatureSet
    from headstart.model import Model

_MODELS = 2
_MOST_TRIED = 50
_LISTED = 10
_LEAST_CONFIDENT = 0.7


class Trier:
    """Keeps the models that were used last in memory, and answers with them.

    Parameters
    ----------
    workspace
        Whose projects.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._models: OrderedDict[str, tuple[Model, tuple[int, int]]] = OrderedDict()
        self._lock = threading.Lock()

    def path_for(self, name: str) -> tuple[str, Path]:
        """Return an id for an input to come, and where to write it."""
        ident = new_id() + suffix_of(name)
        return ident, self.workspace.tried / ident

    def path_of(self, ident: str) -> Path:
        """Return where an input that was tried is.

        Raises
        ------
        NotFoundError
            When it is not kept any more.
        """
        path = self.workspace.tried / ident
        if not ident[:32].isalnum() or suffix_of("x" + ident[32:]) != ident[32:] or not path.is_file():
            raise NotFoundError("This is not here any more.", "Drop it again.")
        return path

    def predict(self, project: str, path: Path, *, nearest: int, keep: bool) -> dict[str, Any]:
        """Say what a new input is.

        Parameters
        ----------
        path
            Where its bytes are.
        nearest
            How many of the most alike examples to list.
        keep
            Whether the input may be asked about again.

        Raises
        ------
        NoModelError
            When the project has no model.
        SourceError
            When the input cannot be read.
        """
        start = time.perf_counter()
        try:
            model = self._model(project)
            features = model.features([_source(path, model)])
            for reason, code in features.failures.values():
                raise SourceError(reason, kind=code)
            answer = {
                **_said(model, features),
                "upload_id": path.name if keep else None,
                "nearest": self._nearest(project, model, features, nearest) if nearest else [],
                "milliseconds": round(1000 * (time.perf_counter() - start), 1),
            }
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if keep:
            self._forget_old()
        else:
            path.unlink(missing_ok=True)
        return answer

    def predict_row(self, project: str, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Say what the model of a table makes of a new row; cells that are empty are missing.

        Raises
        ------
        NoModelError
            When the project has no model.
        SourceError
            When a cell cannot be used.
        """
        start = time.perf_counter()
        model = self._model(project)
        files = _file_columns(model)
        known = {
            name: None if value in ("", None) else _sent(name, value) if name in files else value
            for name, value in cells.items()
        }
        features = model.features([Row(known, "the new row")])
        for reason, code in features.failures.values():
            raise SourceError(reason, kind=code)
        confidence = _confidence(model)
        (said,) = model.answer(features, ["the new row"], top=_LISTED, confidence=confidence)
        spent = round(1000 * (time.perf_counter() - start), 1)
        plain = {**said.to_dict(), "answer": said.answer, "detail": said.detail, "milliseconds": spent}
        return plain if confidence is None else {**plain, "confidence": confidence}

    def predict_table(self, project: str, table: Path, out: Path) -> None:
        """Answer every row of a table, into a CSV file."""
        from headstart.workflows import predict_many

        predict_many(self._model(project), [table], out=out)

    def explain(self, project: str, ident: str, label: str | None) -> dict[str, Any]:
        """Say where in an input the answer came from."""
        start = time.perf_counter()
        path, model = self.path_of(ident), self._model(project)
        source = _source(path, model)
        kind = kind_of(model.modality)
        found = kind.require("explain", "explain an answer")(model, source, label).to_dict()
        spent = round(1000 * (time.perf_counter() - start), 1)
        return {"kind": kind.name, **found, "how": kind.words.explained, "milliseconds": spent}

    def _model(self, project: str) -> Model:
        from headstart.workflows import load_model

        folder = projects.home(self.workspace, project) / MODEL
        try:
            status = (folder / "manifest.json").stat()
        except OSError as error:
            raise NoModelError from error
        stamp = (status.st_ino, status.st_mtime_ns)
        with self._lock:
            there = self._models.get(project)
            if there is None or there[1] != stamp:
                there = self._models[project] = (load_model(folder), stamp)
            self._models.move_to_end(project)
            while len(self._models) > _MODELS:
                self._models.popitem(last=False)
            return there[0]

    def _nearest(self, project: str, model: Model, features: FeatureSet, count: int) -> list[dict[str, Any]]:
        """Return the examples that the model learned from and that are most like this, if they are known."""
        try:
            (found,) = model.nearest(features, count)
        except DoubtUnavailableError:
            return []
        with self.workspace.database.reading() as connection:
            result = store.results.get(connection, project, "train")
            told = result is not None and result.body["data"] == model.data_fingerprint
            if result is None or not told:
                return []
            order = result.body["order"]
            ids = [result.ids[order[one.position]] for one in found]
            shown = {one["id"]: one for one in views.some(connection, project, ids)}
        return [
            {**shown[ident], "label": one.label, "similarity": round(one.similarity, 4)}
            for ident, one in zip(ids, found, strict=True)
            if ident in shown
        ]

    def _forget_old(self) -> None:
        """Keep the inputs that were tried last, so that they can be asked about or added."""
        files = sorted(self.workspace.tried.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in files[:-_MOST_TRIED]:
            path.unlink(missing_ok=True)


def _source(path: Path, model: Model) -> Any:
    from headstart.data.text import decode_text

    return decode_text(path) if is_inline(model.modality) else path


def _said(model: Model, features: FeatureSet) -> dict[str, Any]:
    """Return the answer, and where the model can tell, whether it is sure.

    ``sure`` is None where it cannot tell; ``doubt`` then is None too.
    """
    confidence = _confidence(model)
    top = min(_LISTED, len(model.classes))
    (said,) = model.answer(features, ["it"], top=top, confidence=confidence)
    plain = {"label": said.label, "probability": said.probability, "top": [[n, p] for n, p in said.top]}
    if said.set is None:
        return {**plain, "sure": None, "doubt": None}
    doubt = {
        "confidence": confidence,
        "set": list(said.set),
        "unsure": said.unsure,
        "novelty": said.novelty,
        "known": said.known,
        "answer": said.answer,
    }
    return {**plain, "sure": not said.unsure and said.known is not False, "doubt": doubt}


def _file_columns(model: Model) -> frozenset[str]:
    """Return the columns of a model whose cells are photos or sounds."""
    roles = {
        column: role for spec in model.encoders for column, role in spec.recipe.get("columns", {}).items()
    }
    return frozenset(column for column, role in roles.items() if is_kind(role) and is_of_files(role))


def _sent(column: str, cell: Any) -> bytes:
    """Return the bytes of a photo or a sound; a name of a file on this machine is not opened."""
    start, _, content = str(cell).partition(",")
    try:
        if not start.startswith("data:"):
            raise ValueError("no data")
        return base64.b64decode(content.encode("ascii"), validate=True)
    except ValueError as error:
        raise SourceError(
            f"The column {column!r} takes a file, and none was sent; choose one.", kind="not_a_file"
        ) from error


def _confidence(model: Model) -> float | None:
    """Return how often the right answer shall be among those named, as far as the model can promise."""
    if target_of(model.target).ranged:
        return _most_confident(model)
    if model.doubt is None or model.doubt.conformal is None:
        return None
    most = float(model.doubt.conformal.most_confident)
    return min(CONFIDENCE, most) if most >= _LEAST_CONFIDENT else None


def _most_confident(model: Model) -> float | None:
    check = target_of(model.target).confident
    for confidence in (CONFIDENCE, _LEAST_CONFIDENT):
        try:
            if check is not None:
                check(model, confidence)
                return confidence
        except ParameterError:
            continue
    return None
