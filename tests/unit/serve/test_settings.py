"""Settings that cannot work are refused before anything starts; names of models can stand in an address."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.errors import ParameterError
from headstart.serve.models import load_models
from headstart.serve.settings import ServeSettings
from headstart.web.limits import Limits

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize(
    "name", ["body_bytes", "parts", "pixels", "seconds", "decode_seconds", "connections"]
)
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_is_larger_than_nothing(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=name):
        Limits(**{name: value})  # type: ignore[arg-type]


def test_the_queue_has_room_for_one_request() -> None:
    with pytest.raises(ParameterError, match="at least 50"):
        ServeSettings(queue=49, limits=Limits(parts=50))


@pytest.mark.parametrize("token", ["", " ", "a b", "ä", "a\nb", "a\x00"])
def test_a_token_fits_in_a_header(token: str) -> None:
    with pytest.raises(ParameterError, match="ASCII"):
        ServeSettings(token=token)


def test_others_need_a_token_that_cannot_be_guessed() -> None:
    ServeSettings().check_reach(loopback=True)
    ServeSettings(token="x" * 16).check_reach(loopback=False)
    with pytest.raises(ParameterError, match="token is needed"):
        ServeSettings().check_reach(loopback=False)
    with pytest.raises(ParameterError, match="it has 15"):
        ServeSettings(token="x" * 15).check_reach(loopback=False)


def test_models_are_called_by_their_folder_or_as_told() -> None:
    folder = GOLDEN / "v1-text" / "bundle"
    served = load_models([str(folder), f"mood={folder}", f"Gebäck 2={folder}"])
    assert list(served) == ["bundle", "mood", "Gebäck 2"]
    for name in ("a/b", "..", ".x", "a:b", "a?b", "a#b", "a%b", "", "a\\b", "a\tb"):
        with pytest.raises(ParameterError, match="cannot be the name"):
            load_models([f"{name}={folder}"])
    with pytest.raises(ParameterError, match="Two models"):
        load_models([str(folder), str(folder)])


def test_what_is_told_of_a_model_is_what_its_manifest_says() -> None:
    [one] = load_models([str(GOLDEN / "v1-image" / "bundle")]).values()
    assert one.summary()["accuracy"] == {"estimate": 0.9, "low": 0.7, "high": 0.97, "level": 0.95}
    assert one.details()["per_class"]["high"] == {"recall": 0.9, "low": 0.6, "high": 0.98, "n": 10}
    assert one.details()["bases"] == [
        {"name": "tiny_image", "title": "A tiny encoder", "licence": "Apache-2.0"}
    ]


@pytest.mark.parametrize(("token", "found"), [(None, "none"), ("the-same-token-for-all", "the same")])
def test_a_token_for_asking_stands_beside_another_one(token: str | None, found: str) -> None:
    with pytest.raises(ParameterError, match=f"needs another one for the rest.*found {found}"):
        ServeSettings(token=token, ask_token="the-same-token-for-all")
    ServeSettings(token="another-token", ask_token="the-same-token-for-all")
