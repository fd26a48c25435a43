"""What a person may set of a gentle run, checked at the edge and resolved before work starts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from headstart.errors import ParameterError
from headstart.kinds import kind_of
from headstart.types import Modality

DEPTHS = ("auto", "top", "half", "all")
PRECISIONS = ("auto", "float32", "bfloat16")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", re.IGNORECASE)
_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
MANY = 700
"""Examples from which on three folds are enough: the fits without a fold still learn from many. With fewer
it shows: of 100 spoken commands (440, by 55 voices and speeds) the frozen model named 86 right in three folds
and 94 by leave-one-out."""


@dataclass(frozen=True)
class FinetuneConfig:
    """Settings of gentle fine-tuning; ``"auto"`` is resolved by `resolved` before any work.

    Attributes
    ----------
    depth
        How much is tuned, from the top: ``top`` (the last quarter of the stages), ``half`` or ``all``.
    epochs
        Passes over the examples; held-out answers may end a run sooner.
    rate
        Step size at the peak, as a share of the typical size of the weights that it changes.
    decay
        Each stage further down moves this much less than the one above it.
    anchor
        Pull of each weight towards where it started (L2-SP).
    batch
        Examples per step.
    variations
        Varied copies of each example that are kept beside the original.
    flip
        Whether pictures may be mirrored: not for writing or anything that has a handedness.
    folds
        Outer folds that the result is measured on.
    weights
        Parts of the way from the base (0) to the tuned model (1) that are tried.
    patience
        Epochs without gain on held-out examples after which all runs end.
    lora
        Rank of low-rank changes instead of changed weights, for transformers; 0 changes the weights.
    precision
        ``float32``, ``bfloat16``, or ``auto``: whichever this processor is quicker with.
    memory
        Bytes that tuning may take; None sets no bound.
    seed
        Decides folds, order and variations.

    Examples
    --------
    >>> FinetuneConfig(depth="top", epochs=6).depth
    'top'
    """

    depth: str = "auto"
    epochs: int | str = "auto"
    rate: float | str = "auto"
    decay: float = 0.8
    anchor: float = 0.01
    batch: int = 32
    variations: int | str = "auto"
    flip: bool = True
    folds: int | str = "auto"
    weights: tuple[float, ...] = (0.5, 1.0)
    patience: int = 6
    lora: int = 0
    precision: str = "auto"
    memory: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.memory, str):
            object.__setattr__(self, "memory", read_bytes(self.memory))
        object.__setattr__(self, "weights", tuple(self.weights))
        wrong = [text for text in (_wrong(self, name) for name in _CHECKS) if text]
        if wrong:
            raise ParameterError(" ".join(wrong), "See the settings of gentle fine-tuning in docs/gentle.md.")

    @classmethod
    def of(cls, values: Mapping[str, Any] | FinetuneConfig | None) -> FinetuneConfig:
        """Read settings by name.

        Raises
        ------
        ParameterError
            Naming each unknown setting with the nearest known one, or the value that is not allowed.
        """
        if isinstance(values, FinetuneConfig):
            return values
        known = [entry.name for entry in fields(cls)]
        unknown = []
        for name in values or {}:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1, 0.6)
                unknown.append(f"{name!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
        if unknown:
            raise ParameterError(
                f"Unknown settings of gentle fine-tuning: {', '.join(unknown)}.",
                f"Known are {', '.join(known)}.",
            )
        return cls(**dict(values or {}))

    def resolved(self, modality: Modality, n: int) -> FinetuneConfig:
        """Return the settings for `n` examples of one kind with nothing left to ``"auto"`` but precision."""
        kind = kind_of(modality)
        defaults = dict(kind.finetuning)
        defaults["folds"] = 5 if n < MANY else 3
        chosen = {name: value for name, value in defaults.items() if getattr(self, name) == "auto"}
        flip = self.flip and kind.mirrored
        return replace(self, flip=flip, **chosen)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        return {**asdict(self), "weights": list(self.weights)}


def read_bytes(text: str) -> int:
    """Read an amount of memory such as ``4GB`` or ``500 MB``.

    Raises
    ------
    ParameterError
        When it is not one.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or not float(match[1]):
        raise ParameterError(
            f"An amount of memory must be a number with MB or GB, got {text!r}.", "For instance --memory 4GB"
        )
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _auto_or(least: float, most: float, *, whole: bool) -> Any:
    kind = int if whole else (int, float)

    def fits(value: Any) -> bool:
        number = isinstance(value, kind) and not isinstance(value, bool)
        return value == "auto" or (number and least <= value <= most)

    return fits


_CHECKS: Mapping[str, tuple[Any, str]] = {
    "depth": (lambda v: v in DEPTHS, f"one of {', '.join(DEPTHS)}"),
    "epochs": (_auto_or(1, 1000, whole=True), "'auto' or from 1 to 1000"),
    "rate": (_auto_or(1e-7, 1, whole=False), "'auto' or above 0 and at most 1"),
    "decay": (lambda v: v != "auto" and _auto_or(0.01, 1, whole=False)(v), "from 0.01 to 1"),
    "anchor": (lambda v: v != "auto" and _auto_or(0, 100, whole=False)(v), "from 0 to 100"),
    "batch": (lambda v: v != "auto" and _auto_or(1, 4096, whole=True)(v), "from 1 to 4096"),
    "variations": (_auto_or(0, 32, whole=True), "'auto' or from 0 to 32"),
    "folds": (_auto_or(2, 20, whole=True), "'auto' or from 2 to 20"),
    "weights": (lambda v: len(v) > 0 and all(0 < w <= 1 for w in v), "numbers above 0 and at most 1"),
    "patience": (lambda v: v != "auto" and _auto_or(1, 1000, whole=True)(v), "from 1 to 1000"),
    "lora": (lambda v: v != "auto" and _auto_or(0, 256, whole=True)(v), "from 0 to 256"),
    "precision": (lambda v: v in PRECISIONS, f"one of {', '.join(PRECISIONS)}"),
    "memory": (lambda v: v is None or (isinstance(v, int) and v > 0), "an amount such as '4GB', or None"),
}


def _wrong(config: FinetuneConfig, name: str) -> str:
    fits, due = _CHECKS[name]
    value = getattr(config, name)
    return "" if fits(value) else f"{name} must be {due}, got {value!r}."
