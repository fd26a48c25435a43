"""Settings of gentle fine-tuning."""

from __future__ import annotations

import dataclasses

import pytest

from headstart.errors import ParameterError
from headstart.finetune.config import FinetuneConfig, read_bytes
from headstart.types import Modality


def test_an_unknown_setting_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(ParameterError, match=r"'dept' \(did you mean 'depth'\?\), 'xyzzy'\."):
        FinetuneConfig.of({"dept": "all", "xyzzy": 1})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("depth", "deep"),
        ("epochs", 0),
        ("epochs", True),
        ("rate", 0),
        ("weights", ()),
        ("weights", (0.0,)),
        ("folds", 1),
        ("memory", -1),
        ("precision", "int8"),
        ("anchor", "auto"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(name: str, value: object) -> None:
    with pytest.raises(ParameterError, match=f"{name} must be .*, got "):
        FinetuneConfig.of({name: value})


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(ParameterError, match=r"depth must be .* batch must be "):
        FinetuneConfig(depth="x", batch=0)


@pytest.mark.parametrize("modality", list(Modality))
def test_resolving_leaves_nothing_to_be_found_out(modality: Modality) -> None:
    found = FinetuneConfig().resolved(modality, 100)
    open_still = [f.name for f in dataclasses.fields(found) if getattr(found, f.name) == "auto"]
    assert open_still == ["precision"]  # measured on the machine
    assert found.folds == 5
    assert FinetuneConfig().resolved(modality, 1000).folds == 3
    assert FinetuneConfig(depth="top").resolved(modality, 100).depth == "top"


def test_only_pictures_are_mirrored() -> None:
    assert FinetuneConfig().resolved(Modality.IMAGE, 100).flip
    assert not FinetuneConfig().resolved(Modality.TEXT, 100).flip


@pytest.mark.parametrize(("text", "value"), [("4GB", 2**32), ("500 MB", 500 * 2**20), ("1.5g", 3 * 2**29)])
def test_amounts_of_memory(text: str, value: int) -> None:
    assert read_bytes(text) == value


@pytest.mark.parametrize("text", ["", "much", "0GB", "-1GB", "4 cores"])
def test_what_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(ParameterError, match="An amount of memory must be a number with MB or GB"):
        read_bytes(text)
