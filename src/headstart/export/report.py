"""What an export gave, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

CLASSES = ("label", "probabilities")
"""What a graph gives that tells classes apart."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How near an exported model is to the one it was made from.

    Attributes
    ----------
    inputs
        How many inputs both were given.
    real
        Whether those were a person's own; otherwise they were made up.
    largest_difference
        Of any probability.
    same_labels
        On how many inputs both name the same class.
    """

    inputs: int
    real: bool
    largest_difference: float
    same_labels: int


@dataclass(frozen=True, slots=True)
class Quantised:
    """What eight-bit weights changed.

    Attributes
    ----------
    method
        ``static`` (activations calibrated, too) or ``dynamic`` (weights alone).
    calibrated_on, measured_on
        How many examples the ranges were taken from (0 where none are needed), and how many others both
        models were measured on.
    accuracy_before, accuracy_after
        Share of right names on the others.
    bytes_before
        Size of the ONNX file with full weights.
    """

    method: str
    calibrated_on: int
    measured_on: int
    accuracy_before: float
    accuracy_after: float
    bytes_before: int


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, what it takes, and how it was checked.

    Attributes
    ----------
    to
        ``onnx``, ``web`` or ``openvino``.
    path, bytes
        The file or folder, and its size.
    inputs
        ``(name, type, shape)`` of what it is fed with.
    outputs
        Names of what it gives; the last is what was compared with the model.
    """

    to: str
    path: str
    bytes: int
    modality: str
    inputs: Sequence[tuple[str, str, tuple[int | str, ...]]]
    parity: Parity
    quantised: Quantised | None = None
    notes: Sequence[str] = ()
    outputs: Sequence[str] = CLASSES

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)
