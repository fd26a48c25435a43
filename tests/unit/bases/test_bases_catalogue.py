from __future__ import annotations

from pathlib import Path

import pytest
from made_bases import card_table, to_toml

from headstart.bases.catalogue import add_card, load_catalogue
from headstart.errors import ParameterError, StorageError, UnknownBaseError


def write_card(path: Path, **changes: object) -> Path:
    path.write_text(to_toml(card_table(**changes)), encoding="utf-8")
    return path


def test_each_modality_has_one_default_and_ranks_first() -> None:
    catalogue = load_catalogue()
    for modality in {base.modality for base in catalogue}:
        cards = catalogue.list(modality)
        assert cards[0].rank <= cards[-1].rank
        assert catalogue.default(modality).default
    assert catalogue.default("image").name == "efficientnet_lite0"
    assert catalogue.default("text").name == "minilm_l6"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownBaseError) as caught:
        load_catalogue().get("efficientnet-lite")
    assert "efficientnet_lite0" in str(caught.value)
    with pytest.raises(UnknownBaseError, match="headstart bases"):
        load_catalogue().get("zzzzzz")


def test_a_card_of_ones_own_is_checked_kept_and_found(tmp_path: Path, tmp_cache: Path) -> None:
    base = add_card(write_card(tmp_path / "card.toml"))
    assert load_catalogue().get("tiny") == base
    assert [path.name for path in (tmp_cache / "cards").iterdir()] == ["tiny.toml"]
    with pytest.raises(ParameterError, match="there is a base of that name already"):
        add_card(tmp_path / "card.toml")
    assert add_card(write_card(tmp_path / "card.toml", title="New"), replace=True).title == "New"
    assert load_catalogue().get("tiny").title == "New"


def test_a_shipped_name_cannot_be_taken(tmp_path: Path) -> None:
    card = write_card(tmp_path / "card.toml", name="minilm_l6")
    with pytest.raises(ParameterError, match="Give the card another name"):
        add_card(card, replace=True)


def test_a_bad_card_is_refused_and_nothing_is_kept(tmp_path: Path, tmp_cache: Path) -> None:
    with pytest.raises(ParameterError, match="builder must be one of"):
        add_card(write_card(tmp_path / "card.toml", builder="unheard_of"))
    assert not (tmp_cache / "cards").exists()


def test_a_forbidden_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="cannot be written to"):
        add_card(write_card(tmp_path / "card.toml"))


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load_catalogue().cards["x"] = None  # type: ignore[index]
