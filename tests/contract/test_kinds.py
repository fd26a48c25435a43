"""Every kind of data keeps what its record promises."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from headstart.errors import ParameterError
from headstart.kinds import Learning, Part, kind_of, kinds
from headstart.types import Modality

ALL = list(kinds().values())
named = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)


def test_every_kind_has_its_record_and_no_other_is_there():
    assert [name for name in kinds() if name in list(Modality)] == list(Modality)
    with pytest.raises(TypeError):
        kinds()["smell"] = ALL[0]


def test_an_unknown_kind_is_refused_with_those_that_are_known():
    with pytest.raises(ParameterError, match="no kind of data called 'smell'") as caught:
        kind_of("smell")
    assert caught.value.hint == "Use one of image, text, audio."


@named
def test_a_record_cannot_be_changed(kind):
    with pytest.raises(FrozenInstanceError):
        kind.name = "other"
    with pytest.raises(TypeError):
        kind.finetuning["epochs"] = 1


@pytest.mark.parametrize("kind", [*ALL, kind_of("table")], ids=lambda kind: kind.name)
def test_every_part_is_where_the_record_says(kind):
    for record in (kind, kind.learning):
        for one in fields(record):
            value = getattr(record, one.name)
            if isinstance(value, Part):
                assert callable(value.load()), one.name


def test_a_kind_learns_in_the_usual_way_where_its_record_says_nothing():
    assert kind_of("image").learning == Learning()
    assert not any(kind.columns for kind in ALL)
    assert kind_of("table").columns


@named
def test_every_word_is_there(kind):
    assert all(getattr(kind.words, one.name).strip() for one in fields(kind.words))
    assert kind.words.one != kind.words.many
    assert kind.words.new.strip('"') != kind.words.new or kind.words.new.endswith(kind.file_suffix)


@named
def test_simple_features_read_the_sample_and_what_is_made_up(kind):
    encoder = kind.simple_features(threads=1)
    assert encoder.modality == kind.name
    made = encoder.encode([kind.sample(), *kind.made_inputs()])
    assert made.vectors.shape[0] == 1 + len(kind.made_inputs()) - len(made.failures)
    assert 0 not in {position for position, _, _ in made.failures}


@named
def test_the_probe_set_is_the_same_each_time(kind):
    first, second = kind.probe(rate=16_000), kind.probe(rate=16_000)
    assert len(first) == 100
    assert all((a == b) if isinstance(a, str) else (a == b).all() for a, b in zip(first, second, strict=True))
