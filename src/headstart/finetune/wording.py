"""What trying the gentle way gave, in words for people; from the plain data that a report or bundle holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORTH_SAYING = 0.005
_STOPPED = {
    "person": " It was stopped early, after {} of {} epochs: this is the best up to there.",
    "no gain": " It ended by itself after {} of {} epochs: held-out examples gained nothing more.",
}


def gentle_lines(gentle: Mapping[str, Any] | None) -> list[str]:
    """Say what gentle fine-tuning gained, cost and forgot; nothing where it was not asked for.

    Parameters
    ----------
    gentle
        `headstart.reports.GentleReport` as plain data.
    """
    if not gentle or not isinstance(gentle, Mapping):
        return []
    if not gentle.get("tried"):
        return [gentle_verdict(gentle)]
    try:
        lines = [f"{gentle_verdict(gentle)} {_gain(gentle)}"]
        lines += [*_ways(gentle), _cost(gentle)]
        return lines + [str(line) for line in (gentle.get("forgetting") or {}).get("words", ())]
    except (KeyError, TypeError, ValueError, AttributeError):  # a bundle may say anything
        return [f"Gentle fine-tuning {'was kept' if gentle.get('kept') else 'was tried and not kept'}."]


def gentle_verdict(gentle: Mapping[str, Any]) -> str:
    """Say in one sentence whether the tuned model was kept, and why."""
    if not gentle.get("tried"):
        return f"Gentle fine-tuning was not tried: {gentle.get('why', '')}."
    verdict = "was kept" if gentle.get("kept") else "was tried and not kept"
    return f"Gentle fine-tuning {verdict}: {gentle.get('why', '')}."


def _gain(gentle: Mapping[str, Any]) -> str:
    frozen, tuned = 100 * float(gentle["frozen_accuracy"]), 100 * float(gentle["gentle_accuracy"])
    difference = gentle["difference"]
    more = f"{abs(tuned - frozen):.1f}"
    than = "more right than" if tuned > frozen else "fewer right than"
    words = f"{more} {than}" if float(more) else "as many right as"
    words = f"Of 100 held-out examples the tuned model gets {words} the frozen one"
    if difference.get("low") is None or difference.get("high") is None:
        return f"{words}."
    low, high = 100 * float(difference["low"]), 100 * float(difference["high"])
    p_value = gentle.get("p_value")
    test = "" if p_value is None else f"; exact McNemar p = {float(p_value):.2g}"
    interval = f"{difference.get('level', 0.95):.0%} interval {low:+.1f} to {high:+.1f}"
    return f"{words}: {interval}{test}."


def _ways(gentle: Mapping[str, Any]) -> list[str]:
    """Say that these figures are of one way of measuring, and what the other one gives."""
    folds, alone = int(gentle["folds"]), gentle.get("frozen_alone")
    sentence = (
        f"Both were measured in the same way: the examples were dealt into {folds} parts, and each part was "
        f"answered by models that had learned from the others, {(folds - 1) / folds:.0%} of the examples."
    )
    if alone is None or abs(float(alone) - float(gentle["frozen_accuracy"])) < WORTH_SAYING:
        return [sentence]
    others, folded = (100 * float(value) for value in (alone, gentle["frozen_accuracy"]))
    return [
        f"{sentence} By leave-one-out, where as little as possible is left out, the frozen one gets "
        f"{others:.1f} of 100 right and not {folded:.1f}. That is another way of measuring, by models that "
        "learned from nearly all examples; for a tuned one it would take too long. Compare only figures of "
        "one way."
    ]


@dataclass(frozen=True)
class Way:
    """One way to a model, with its accuracy.

    Attributes
    ----------
    kind
        ``gentle``, ``frozen`` or ``floor``.
    name
        The same for people.
    accuracy
        `headstart.reports.Interval` as plain data.
    kept
        Whether this is the model that was kept.
    """

    kind: str
    name: str
    accuracy: Mapping[str, Any]
    kept: bool


def same_folds(gentle: Mapping[str, Any] | None) -> list[Way]:
    """Return what was measured on the same folds, the tuned model first.

    Nothing where there are no such figures: not tried, or saved by an older headstart.
    """
    if not isinstance(gentle, Mapping) or not gentle.get("tried"):
        return []
    kept, base = bool(gentle.get("kept")), gentle.get("base", "the base")
    ways = (
        ("gentle", f"{base}, gently tuned", kept),
        ("frozen", "The frozen model", not kept),
        ("floor", "A simple method, no base model", False),
    )
    return [Way(kind, name, gentle[kind], ours) for kind, name, ours in ways if _measured(gentle.get(kind))]


def _measured(difference: Any) -> bool:
    keys = ("estimate", "low", "high")
    if not isinstance(difference, Mapping):
        return False
    return all(isinstance(difference.get(key), int | float) for key in keys)


def _cost(gentle: Mapping[str, Any]) -> str:
    config, setting = gentle.get("config", {}), gentle.get("setting", {})
    epochs, planned = gentle.get("epochs", 0), config.get("epochs", 0)
    words = (
        f"It took {_time(gentle['seconds'])} ({_time(gentle['cpu_seconds'])} of processor time) to tune "
        f"{_depth(config.get('depth'))} of {gentle['base']} on {gentle['folds']} folds and on all examples."
    )
    if setting.get("part"):
        words += f" Taken: {setting['part']:.0%} of the way after epoch {setting['epochs']} of {planned}."
    return words + _STOPPED.get(gentle.get("stopped", ""), "").format(epochs, planned)


def _depth(depth: Any) -> str:
    return {"top": "the top quarter", "half": "the upper half", "all": "the whole"}.get(depth, "a part")


def _time(seconds: Any) -> str:
    value = float(seconds)
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} min"
