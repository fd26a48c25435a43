"""What can be learned of examples, one record each: which class, and what other targets bring.

Whoever needs to know what a target is, asks its record. Another package brings one of its own with an entry
point of the group ``headstart.targets`` that leads to its `Target`::

    [project.entry-points."headstart.targets"]
    ranks = "my_package:RANKS"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from headstart.errors import ParameterError
from headstart.plugged import records_of_packages
from headstart.targets.classes import CLASSES
from headstart.targets.defects import DEFECTS
from headstart.targets.numbers import NUMBER
from headstart.targets.record import Target, Words
from headstart.targets.tags import TAGS_TARGET

__all__ = [
    "CLASSES",
    "DEFECTS",
    "Target",
    "Words",
    "any_of",
    "shown_of",
    "target_of",
    "targets",
    "with_target",
]

if TYPE_CHECKING:
    from headstart.targets.shown import Shown
    from headstart.wording import Words as Phrases

GROUP = "headstart.targets"

_OURS: Mapping[str, Target] = MappingProxyType(
    {target.name: target for target in (CLASSES, TAGS_TARGET, NUMBER, DEFECTS)}
)
_table: Mapping[str, Target] | None = None  # with those of other packages, once somebody asked for all


def targets() -> Mapping[str, Target]:
    """Return every target by its name; not to be changed."""
    global _table
    if _table is None:
        _table = MappingProxyType({**_OURS, **records_of_packages(GROUP, Target, _OURS, "target")})
    return _table


def target_of(name: str) -> Target:
    """Return the record of a target.

    Raises
    ------
    ParameterError
        When there is none of that name.
    """
    found = _OURS.get(name) or targets().get(name)
    if found is None:
        raise ParameterError(
            f"target must be {any_of()} where it is given, got {name!r}.",
            "Leave it out, and headstart looks what the labels are.",
        )
    return found


def shown_of(report: Mapping[str, Any], target: str = "", words: Phrases | None = None) -> Shown | None:
    """Return what the target of a report (in plain data) shows of it; None where that is classes.

    Parameters
    ----------
    target
        The name of the target, where that is known apart from the report.
    words
        What to say it in; English where None.
    """
    show = target_of(target or str(report.get("target") or CLASSES.name)).show
    if show is None:
        return None
    shown: Shown = show(report) if words is None else show(report, words=words)
    return shown


def any_of() -> str:
    """Return the names of all targets as part of a sentence: ``'classes', 'tags' or 'number'``."""
    *names, last = map(repr, targets())
    return f"{', '.join(names)} or {last}" if names else last


@contextmanager
def with_target(target: Target) -> Iterator[Target]:
    """Add a target for as long as the block runs, in this process alone: to try one, and for tests."""
    global _table
    before = targets()
    _table = MappingProxyType({**before, target.name: target})
    try:
        yield target
    finally:
        _table = before
