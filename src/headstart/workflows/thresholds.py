"""Set from which score on a saved model calls a part defective."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from headstart.bundle.load import load
from headstart.defects.rate import check_rate
from headstart.defects.settings import setting_for, settings_of
from headstart.defects.threshold import FEWEST
from headstart.errors import NotEnoughDataError, ParameterError
from headstart.targets import DEFECTS, target_of

if TYPE_CHECKING:
    from headstart.defects.head import DefectHead
    from headstart.defects.settings import Known, Setting
    from headstart.model import Model


def threshold_settings(model: Model) -> tuple[list[Setting], int]:
    """Return the thresholds that a model could have, fewest false alarms first, and which of them it has.

    None where it has learned from too few good photos to promise anything.

    Raises
    ------
    ParameterError
        When the model does not find defects.
    """
    detector = _head(model).detector
    known, independent = _known(model)
    return settings_of(detector.left_out, known, independent, detector.standard.threshold)


def with_false_alarms(model: Model, rate: float) -> Model:
    """Return a model that calls another share of good parts defective; what it learned stays as it is.

    Parameters
    ----------
    rate
        The share: 0.02.

    Raises
    ------
    ParameterError
        When the model does not find defects, or so few good photos cannot promise the rate.
    NotEnoughDataError
        When it has learned from too few good photos to promise anything.
    """
    head = _head(model)
    detector = head.detector
    if len(detector.left_out) < FEWEST:
        raise NotEnoughDataError(
            f"Expected a model of at least {FEWEST} good photos, found one of {len(detector.left_out)}: it "
            "cannot promise a rate of false alarms.",
            f"Train again with {FEWEST} good photos or more.",
        )
    known, independent = _known(model)
    found = setting_for(detector.left_out, check_rate(rate), known, independent)
    standard = replace(detector.standard, threshold=found.threshold)
    told = found.to_dict()
    if not known:  # of a model without known defects, or one that kept no scores of them
        told = {name: told[name] for name in ("threshold", "false_alarms")}
    return replace(
        model,
        head=replace(head, detector=replace(detector, standard=standard)),
        quality={**model.quality, **told},
    )


def set_false_alarms(path: str | Path, rate: float) -> Model:
    """Change how often a saved model calls good parts defective; its card follows.

    Parameters
    ----------
    path
        The folder of the model. A report page in it is for the caller to write anew.
    rate
        See `with_false_alarms`.

    Returns
    -------
    Model
        As it was saved.

    Raises
    ------
    HeadstartError
        When it cannot be; the model is left as it was then.
    """
    model = with_false_alarms(load(path), rate)
    model.save(path)
    return model


def _head(model: Model) -> DefectHead:
    if model.target != DEFECTS.name:
        raise ParameterError(
            f"False alarms are of defects; this model learned {target_of(model.target).words.many}.",
            "Train one with --target defects.",
        )
    return cast("DefectHead", model.head)


def _known(model: Model) -> tuple[Known, float | None]:
    """Return the scores of the known defects, and how many independent good photos there were."""
    alarms: Mapping[str, Any] = model.quality.get("false_alarms") or {}
    return model.quality.get("known_scores") or {}, alarms.get("independent")
