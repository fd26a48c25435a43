"""What a target has to say of a model, in a form that terminal, report, model card and app all can show."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts.

    Attributes
    ----------
    heads
        Headings of the columns; the first names what a row is of.
    rows
        Texts, as many in each row as there are headings.
    title
        What the table is of; empty where that is plain.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Held-out answers against the truth.

    Attributes
    ----------
    points
        ``(truth, answer, name of the example)``.
    """

    title: str
    across: str
    up: str
    points: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A measure by the number of examples learned from.

    Attributes
    ----------
    said
        Whether more examples would help, in a sentence.
    points
        ``(examples, measure)``; empty where it could not be measured.
    """

    title: str
    said: str
    across: str
    up: str
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """An example whose label may be wrong: its name, and what speaks against it."""

    source: str
    said: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What to show of a model.

    Attributes
    ----------
    learned
        What the model does, after its name: ``tells the price of photos``.
    headline
        What to expect of it, in one or two sentences.
    figures
        The measures behind that, and the baselines, in a line.
    tables, scatters
        What is told in detail.
    curves
        Whether more examples would help.
    suspects, suspects_title
        Examples whose label may be wrong, the likeliest first, and what to call them.
    metrics
        Name as model hubs have it, value, and the value in words.
    """

    learned: str
    headline: str
    figures: str = ""
    tables: tuple[Table, ...] = ()
    scatters: tuple[Scatter, ...] = ()
    metrics: tuple[tuple[str, float, str], ...] = ()
    curves: tuple[Curve, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    suspects_title: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)
