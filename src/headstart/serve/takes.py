"""What a model takes, as far as reading a request needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headstart.kinds import has_columns
from headstart.serve.schema import PredictOptions
from headstart.types import Modality


@dataclass(frozen=True, slots=True)
class Takes:
    """What a model takes.

    Attributes
    ----------
    modality
        The kind of data.
    columns
        Of rows: its columns with their roles.
    files
        Of rows: the columns that hold photos or sounds.
    options
        Fields that say how to answer.
    """

    modality: Modality
    columns: Mapping[str, str] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset(PredictOptions.model_fields)

    @property
    def rows(self) -> bool:
        """Whether an input is a row."""
        return has_columns(self.modality)
