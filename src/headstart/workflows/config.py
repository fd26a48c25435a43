"""How to train: what `headstart.train` takes besides the examples, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.errors import ParameterError
from headstart.finetune.config import FinetuneConfig
from headstart.heads.table import check_head
from headstart.heads.tags.thresholds import parse_aim

if TYPE_CHECKING:
    from headstart.heads.select import HeadName

METHODS = ("frozen", "gentle", "auto")


@dataclass(frozen=True)
class TrainConfig:
    """How to train; `headstart.train` says what each means.

    Attributes
    ----------
    save_to
        Folder to save the model in; None saves nothing.
    measure
        What the thresholds of tags are chosen for.
    finetune
        Settings of gentle fine-tuning; those not named take `seed`.

    Raises
    ------
    ParameterError
        When the method or the measure is not known.
    """

    base: str | Sequence[str] = "auto"
    method: str = "frozen"
    head: HeadName = "auto"
    blend: bool = True
    use_cache: bool = True
    save_to: Path | None = None
    link_base: bool = False
    seed: int = 0
    advise: bool = False
    finetune: FinetuneConfig = field(default_factory=FinetuneConfig)
    resume: bool = False
    measure: str | None = None
    false_alarms: float | None = None
    input_size: int | None = None
    smallest_defect: float | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ParameterError(
                f"method must be {', '.join(METHODS[:-1])} or {METHODS[-1]}, got {self.method!r}.",
                "Start with --method frozen: it takes seconds.",
            )

        if self.measure is not None:
            parse_aim(self.measure)

    @property
    def tunes(self) -> bool:
        """Whether the base may be tuned."""
        return self.method != "frozen"


def finetune_settings(given: FinetuneConfig | Mapping[str, Any] | None, seed: int) -> FinetuneConfig:
    """Return the settings of gentle fine-tuning; by default they share the seed of training."""
    config = FinetuneConfig.of(given)
    return replace(config, seed=seed) if given is None else config


def checked_head(head: str) -> HeadName:
    """Return the head that was asked for, where there is such a one."""
    check_head(head)
    return head
