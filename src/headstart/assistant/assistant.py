"""An assistant as people use it: asked, told what is right, measured, saved and loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.assistant.answering import Answering
from headstart.assistant.evaluating import evaluate
from headstart.assistant.store import read, save
from headstart.assistant.syncing import sync
from headstart.execution import ProgressCallback, silent

if TYPE_CHECKING:
    from headstart.assistant.evaluating import AssistantReport
    from headstart.assistant.questions import Question
    from headstart.assistant.reading import Documents
    from headstart.assistant.syncing import Synced


class Assistant(Answering):
    """Answers questions from documents; made by `headstart.assist` or `headstart.load_assistant`."""

    def evaluate(self, questions: str | Path | Sequence[Question]) -> AssistantReport:
        """Measure it on questions with the place of their answers.

        Parameters
        ----------
        questions
            A CSV or JSONL file with columns ``question`` and ``file`` (the document's name) or ``passage``
            (the text that answers it), or both; a row without them is a question that should not be answered.

        Raises
        ------
        LayoutError
            When the columns are not there.
        ParameterError
            When a file is not among the documents.
        """
        return evaluate(self, questions)

    def sync(
        self, documents: str | Path | Documents | None = None, *, progress: ProgressCallback = silent
    ) -> Synced:
        """Bring it in step with its documents; only what is new is embedded. `save` keeps it.

        Parameters
        ----------
        documents
            Where they are now; by default where they were.

        Raises
        ------
        ParameterError
            When it is not known where they are.
        NotEnoughDataError
            When there is none left that can be read.
        """
        return sync(self, documents, progress=progress)

    def save(self, path: str | Path) -> Path:
        """Save to the folder `path`, whole or not at all, with the feedback; return the folder.

        Raises
        ------
        ParameterError
            When something other than an assistant is there already.
        StorageError
            When it cannot be written.
        """
        return save(self, path)


def load_assistant(path: str | Path) -> Assistant:
    """Read the assistant saved in the folder `path`.

    Raises
    ------
    BundleError
        When it is none, a file of it is damaged, or a newer headstart wrote it.

    Examples
    --------
    >>> load_assistant("support").ask("How do I reset the device?").text  # doctest: +SKIP
    'Hold the button for ten seconds.'
    """
    stored = read(path)
    return Assistant(
        stored.content, stored.encoder, facts=stored.facts, journal=stored.journal, source=stored.source
    )
