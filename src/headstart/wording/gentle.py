"""What trying the gentle way gave, in words for people; from the plain data that a report or bundle holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.wording.catalogue import ENGLISH_CODE
from headstart.wording.words import ENGLISH, Words

WORTH_SAYING = 0.005
_STOPPED = {"person": "gentle.stopped-person", "no gain": "gentle.stopped-no-gain"}


def gentle_lines(gentle: Mapping[str, Any] | None, words: Words = ENGLISH, kind: str = "") -> list[str]:
    """Say what gentle fine-tuning gained, cost and forgot; nothing where it was not asked for.

    Parameters
    ----------
    gentle
        `headstart.reports.GentleReport` as plain data.
    kind
        The kind of data, where that is known.
    """
    if not gentle or not isinstance(gentle, Mapping):
        return []
    if not gentle.get("tried"):
        return [gentle_verdict(gentle, words)]
    try:
        lines = [f"{gentle_verdict(gentle, words)} {_gain(gentle, words)}"]
        lines += [_ways(gentle, words), _cost(gentle, words)]
        return lines + forgetting_lines(gentle.get("forgetting") or {}, words, kind)
    except (KeyError, TypeError, ValueError, AttributeError):  # a bundle may say anything
        return [words.say(f"gentle.{_outcome(gentle)}-alone")]


def gentle_verdict(gentle: Mapping[str, Any], words: Words = ENGLISH) -> str:
    """Say in one sentence whether the tuned model was kept, and why."""
    finding = {key: gentle.get(key) for key in ("code", "figures")}
    why = words.tell("gentle-why", {**finding, "text": str(gentle.get("why") or "")})
    return words.say(f"gentle.{_outcome(gentle)}", why=why)


def _outcome(gentle: Mapping[str, Any]) -> str:
    if not gentle.get("tried"):
        return "not-tried"
    return "kept" if gentle.get("kept") else "not-kept"


def _gain(gentle: Mapping[str, Any], words: Words) -> str:
    frozen, tuned = 100 * float(gentle["frozen_accuracy"]), 100 * float(gentle["gentle_accuracy"])
    found, points = gentle["difference"], abs(tuned - frozen)
    code = "same" if not float(f"{points:.1f}") else "more" if tuned > frozen else "fewer"
    gain = words.say(f"gentle.{code}", points=points)
    if found.get("low") is None or found.get("high") is None:
        return words.say("gentle.gain", gain=gain)
    p_value = gentle.get("p_value")
    figures = {"level": found.get("level", 0.95), "low": float(found["low"]), "high": float(found["high"])}
    if p_value is None:
        return words.say("gentle.gain-interval", gain=gain, **figures)
    return words.say("gentle.gain-test", gain=gain, p=float(p_value), **figures)


def _ways(gentle: Mapping[str, Any], words: Words) -> str:
    """Say that these figures are of one way of measuring, and what the other one gives."""
    folds, alone = int(gentle["folds"]), gentle.get("frozen_alone")
    figures = {"folds": folds, "share": (folds - 1) / folds}
    folded = float(gentle["frozen_accuracy"])
    if alone is None or abs(float(alone) - folded) < WORTH_SAYING:
        return words.say("gentle.folds", **figures)
    return words.say("gentle.folds-and-alone", alone=float(alone), folded=folded, **figures)


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


def same_folds(gentle: Mapping[str, Any] | None, words: Words = ENGLISH) -> list[Way]:
    """Return what was measured on the same folds, the tuned model first.

    Nothing where there are no such figures: not tried, or saved by an older headstart.
    """
    if not isinstance(gentle, Mapping) or not gentle.get("tried"):
        return []
    kept, base = bool(gentle.get("kept")), gentle.get("base", "the base")
    ways = (("gentle", kept), ("frozen", not kept), ("floor", False))
    return [
        Way(kind, words.say(f"gentle.way-{kind}", base=base), gentle[kind], ours)
        for kind, ours in ways
        if _measured(gentle.get(kind))
    ]


def _measured(found: Any) -> bool:
    keys = ("estimate", "low", "high")
    return isinstance(found, Mapping) and all(isinstance(found.get(key), int | float) for key in keys)


def _cost(gentle: Mapping[str, Any], words: Words) -> str:
    config, setting = gentle.get("config", {}), gentle.get("setting", {})
    epochs, planned = gentle.get("epochs", 0), config.get("epochs", 0)
    said = [
        words.say(
            "gentle.cost",
            time=duration(gentle["seconds"], words),
            cpu=duration(gentle["cpu_seconds"], words),
            depth=config.get("depth"),
            base=gentle["base"],
            folds=gentle["folds"],
        )
    ]
    if setting.get("part"):
        figures = {"part": setting["part"], "epoch": setting["epochs"], "planned": planned}
        said.append(words.say("gentle.taken", **figures))
    stopped = _STOPPED.get(gentle.get("stopped", ""))
    if stopped is not None:
        said.append(words.say(stopped, epochs=epochs, planned=planned))
    return " ".join(said)


def duration(seconds: Any, words: Words) -> str:
    """Return a time in seconds, or in minutes where it is long."""
    value = float(seconds)
    return words.say("gentle.seconds", n=value) if value < 120 else words.say("gentle.minutes", n=value / 60)


def forgetting_lines(forgetting: Mapping[str, Any], words: Words, kind: str = "") -> list[str]:
    """Say how much of what the base knew is still there.

    Parameters
    ----------
    forgetting
        `headstart.finetune.forgetting.Forgetting` as plain data.
    """
    saved = [str(line) for line in forgetting.get("words", ())]
    if words.language == ENGLISH_CODE and saved:
        return saved
    if not forgetting.get("probe"):
        return saved
    probe, own = forgetting["probe"], forgetting["examples"]
    what = words.of_kind(kind, "probe") if kind else str(forgetting.get("probe_is", ""))
    return [
        words.say(f"forgetting.{probe['by']}", n=100 * probe["agreement"], probe=what),
        words.say(f"forgetting.own-{own['by']}", n=100 * own["agreement"]),
    ]
