"""What is suggested to label next, and the list that it goes into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.advice.suggesting import RANDOM
from headstart.types import Modality, Problem
from headstart.workflows.labels_list import LabelsList


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An example that is worth a label.

    Attributes
    ----------
    name, source
        What it is called; its path, or the text itself.
    why
        ``typical`` (stands for many that have no label), ``uncertain`` (the model cannot tell), or ``random``
        (drawn by chance: only these measure a model honestly); empty among `Suggestions.others`.
    guess, probability
        What the model takes it for, and how sure it is; None without a model.
    """

    name: str
    source: str | Path
    why: str
    guess: str | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to label next.

    Attributes
    ----------
    items
        In the order to label them: every part of the list holds its share of random ones.
    modality
        What kind of examples they are.
    pile
        How many examples could be read.
    left
        How many of them have not been suggested yet, and the model was not trained on.
    problems
        What could not be read, with the reason.
    others
        What else a head that was fitted for this has a guess for, the surest first.
    """

    items: tuple[Suggestion, ...]
    modality: Modality
    pile: int
    left: int
    problems: tuple[Problem, ...] = ()
    others: tuple[Suggestion, ...] = ()

    def count(self, why: str) -> int:
        """Return how many are suggested for a reason."""
        return sum(item.why == why for item in self.items)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, as ``headstart suggest --json`` prints it."""
        return {
            "modality": str(self.modality),
            "pile": self.pile,
            "left": self.left,
            "suggested": [
                {
                    "source": str(item.source),
                    "why": item.why,
                    "guess": item.guess,
                    "probability": item.probability,
                }
                for item in self.items
            ],
            "problems": [
                {"source": problem.source, "code": problem.code, "reason": problem.reason}
                for problem in self.problems
            ],
        }

    def write(self, path: str | Path) -> None:
        """Append them to a list (``.csv`` or ``.jsonl``) whose column ``label`` a person fills in.

        Rows that are there already stay as they are.

        Raises
        ------
        ParameterError, StorageError
            When the file is something else, or cannot be written.
        """
        LabelsList.open(Path(path)).append(self.modality, [_row(item) for item in self.items])


def _row(item: Suggestion) -> Mapping[str, Any]:
    return {
        "input": item.source,
        "split": "test" if item.why == RANDOM else "train",
        "why": item.why,
        "guess": item.guess,
        "probability": item.probability,
    }
