"""Keep the test for drift beside the results, so that the next run goes on with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.data.own import DRIFT_FILE, DRIFT_MARK
from headstart.errors import ParameterError
from headstart.files import write_whole
from headstart.targets import target_of

if TYPE_CHECKING:
    from headstart.defects.drift import DriftReport, DriftTest
    from headstart.model import Model


class Drifting:
    """The test for drift of one model in one folder.

    Parameters
    ----------
    test
        What tests; goes on from the state that is in the folder, if that is of this model.
    identity
        What is the same for two models only if they give the same answers.
    folder
        Where the results are.

    Raises
    ------
    ParameterError
        When the file of the state cannot be read.
    """

    def __init__(self, test: DriftTest, identity: str, folder: Path) -> None:
        self.path = folder / DRIFT_FILE
        self._test, self._identity = test, identity
        self._seen: dict[str, None] = {}
        if self.path.exists():
            self._resume()

    def _resume(self) -> None:
        try:
            state = json.loads(self.path.read_bytes())
            if state["model"] != self._identity:  # trained anew since: other scores
                return
            self._test.resume(state)
            self._seen = dict.fromkeys(map(str, state["seen"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ParameterError(
                f"{self.path} should hold the state of the test for drift; it cannot be read.",
                "Delete it to begin the test anew.",
            ) from error

    def told(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Follow rows, and return what that shows as plain data, with the ``path`` of the state."""
        return {**self.follow(rows).to_dict(), "path": str(self.path)}

    def follow(self, rows: Iterable[Mapping[str, Any]]) -> DriftReport:
        """Take the rows of parts in their order, each part once, and write the state.

        A row of the same name and score is the same photo, looked at again.

        Raises
        ------
        StorageError
            When the state cannot be written.
        """
        for row in rows:
            if row.get("score") is None:
                continue
            name = hashlib.blake2b(f"{row['source']}\0{row['score']}".encode(), digest_size=8).hexdigest()
            if name not in self._seen:
                self._seen[name] = None
                self._test.add([row["score"]])
        while len(self._seen) > self._test.of:
            for name in list(islice(self._seen, len(self._seen) - self._test.of)):
                del self._seen[name]
        state = {DRIFT_MARK: 1, "model": self._identity, **self._test.to_dict(), "seen": list(self._seen)}
        write_whole(
            self.path, json.dumps(state).encode(), mend="Name a place with --out where there is room."
        )
        return self._test.report()


def drifting(model: Model, identity: str, folder: Path) -> Drifting | None:
    """Return the test for drift of a model, whose state is in a folder; None where its target has none.

    Raises
    ------
    ParameterError
        When the file of the state cannot be read.
    """
    test = target_of(model.target).drift
    return None if test is None else Drifting(test(model), identity, folder)
