"""What learning a target from prepared examples gives: all that a model and its report are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.doubt_report import DoubtReport
    from headstart.evaluation.options import Choice
    from headstart.features import Block
    from headstart.group_report import SuspectedGroups
    from headstart.heads.doubt import Doubt
    from headstart.heads.protocol import Fitted
    from headstart.reports import Candidate, ColumnReport, Interval, Measurement


@dataclass(frozen=True)
class Learned:
    """What was learned, and what it is worth.

    Attributes
    ----------
    base
        What to call the base or bases that were taken.
    bases
        Names of those that a prediction runs.
    blocks
        What the head looks at.
    head
        What is saved and predicts.
    evaluation
        What it is worth on held-out examples.
    floor
        The same without any base; None where not measured.
    candidates
        Everything that was measured.
    doubt, doubts
        What it takes to doubt, and what that is worth; None for a target without.
    suspected
        Groups that nobody named but that the data give away.
    notes
        What a person would want to know about what was taken.
    columns
        What each column of a table adds, where examples are rows with several.
    choice
        What the gentle way and the three questions go on from; None where they are not open to the target.
    """

    base: str
    bases: tuple[str, ...]
    blocks: tuple[Block, ...]
    head: Fitted
    evaluation: Measurement
    floor: Interval | None = None
    candidates: Sequence[Candidate] = ()
    doubt: Doubt | None = None
    doubts: DoubtReport | None = None
    suspected: Sequence[SuspectedGroups] = ()
    notes: Sequence[str] = ()
    columns: Sequence[ColumnReport] = ()
    choice: Choice | None = None
