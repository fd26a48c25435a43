"""Where questions are answered: the assistants that were asked last, kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app.faults import NotFoundError
from headstart.app.library import ASSISTANT, nothing_read, require_library
from headstart.app.sharing import mark_of
from headstart.errors import HeadstartError

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace
    from headstart.assistant.assistant import Assistant
    from headstart.assistant.passages import Passage

_NOT_SHOWN = ("signals", "worded", "not_worded")  # nobody words answers here
_KEPT = 2
_AROUND = 15
_SHOWN = 200


class Desk:
    """Answers with the assistants of projects; one that was saved anew is loaded again.

    Parameters
    ----------
    workspace
        Whose projects.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._loaded: OrderedDict[str, tuple[Assistant, tuple[int, int]]] = OrderedDict()
        self._lock = threading.Lock()

    def ask(
        self, project: str, question: str, history: Sequence[str], *, keep: bool = True
    ) -> dict[str, Any]:
        """Answer a question.

        Raises
        ------
        NotFoundError
            When no document was read yet.
        ParameterError
            When it is empty or too long.
        """
        answer = self._assistant(project).ask(question, list(history), keep=keep).to_dict()
        return {name: value for name, value in answer.items() if name not in _NOT_SHOWN}

    def feedback(
        self, project: str, question: str, *, right: bool | None, passage: str, answer: str
    ) -> dict[str, Any]:
        """Take what the person says of an answer; see `Answering.feedback`."""
        taken = self._assistant(project).feedback(question, right=right, passage=passage, answer=answer)
        return {"applied": taken.applied, "broken": list(taken.broken)}

    def passage(self, project: str, key: str) -> dict[str, Any]:
        """Return a passage among those that stand around it in its document.

        Raises
        ------
        NotFoundError
            When it is not in the documents any more.
        """
        content = self._assistant(project).content
        row = content.rows.get(key)
        if row is None:
            raise NotFoundError("This passage is not in the documents any more.", "Ask again.")
        passage = content.passages[row]
        rows = [at for at, one in enumerate(content.passages) if one.document == passage.document]
        place = rows.index(row)
        first, last = max(place - _AROUND, 0), place + _AROUND + 1
        return {
            "document": passage.document,
            "title": passage.title,
            "before": first,
            "after": max(len(rows) - last, 0),
            "passages": [_shown(content.passages[at]) for at in rows[first:last]],
        }

    def review(self, project: str) -> dict[str, Any]:
        """Return what waits for an answer, and what people have written."""
        assistant = self._assistant(project)
        waiting = assistant.unanswered()
        return {
            "unanswered": [{"question": asked, "times": times} for asked, times in waiting[:_SHOWN]],
            "more": max(len(waiting) - _SHOWN, 0),
            "written": [
                {"question": one.question, "answer": one.text} for one in assistant.learned.answers[-_SHOWN:]
            ],
            "pointed": len(assistant.learned.wordings),
            "lost": list(assistant.learned.lost),
            "judged": len(assistant.learned.judged),
        }

    def review_of(self, project: str) -> dict[str, Any] | None:
        """Return the same; None where no document was read yet."""
        try:
            return self.review(project)
        except NotFoundError:
            return None

    def personal(self, project: str) -> list[dict[str, str]]:
        """Return mail addresses, phone and card numbers in the documents, to look at before sharing."""
        from headstart.assistant.sharing import personal_data

        return [one.to_dict() for one in personal_data(self._assistant(project))]

    def dismiss(self, project: str, question: str) -> None:
        """Take a question off the list of those that wait for an answer."""
        self._assistant(project).dismiss(question)

    def measure(self, project: str, questions: Path) -> dict[str, Any]:
        """Measure the assistant on a table of questions; see `Assistant.evaluate`."""
        assistant = self._assistant(project)
        try:
            return assistant.evaluate(questions).to_dict()
        except (
            HeadstartError
        ) as error:  # the file lies here under its own name, in a folder that means nothing
            error.message = error.message.replace(str(questions), questions.name)
            raise

    def _assistant(self, project: str) -> Assistant:
        with self.workspace.database.reading() as connection:
            row = require_library(connection, project)
        folder = self.workspace.root / row.folder / ASSISTANT
        with self._lock:
            mark = mark_of(folder)
            if mark is None:
                self._loaded.pop(project, None)
                raise nothing_read()
            found = self._loaded.get(project)
            if found is None or found[1] != mark:
                from headstart.assistant.assistant import load_assistant

                found = self._loaded[project] = load_assistant(folder), mark
            self._loaded.move_to_end(project)
            while len(self._loaded) > _KEPT:
                self._loaded.popitem(last=False)
            return found[0]


def _shown(passage: Passage) -> dict[str, Any]:
    return {
        "key": passage.key,
        "headings": list(passage.headings),
        "page": passage.page,
        "question": passage.question,
        "text": passage.text,
    }
