"""The model card: what it says, that hubs can read it, and that no name can break it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from made_manifest import ANY_TEXT, manifest

from headstart.bundle.card import model_card, quote
from headstart.bundle.manifest import Manifest
from headstart.types import Modality
from tiny import tiny_quality

HOSTILE = [
    "a: b",
    "---",
    '"; license: mit',
    "x\n---\nlicense: stolen",
    "| cell | injection |",
    "<script>alert(1)</script>",
    "[link](http://evil)",
    "`code`",
    "😀 عربى ‮",
    "\u2028line",
    "nul\0",
    "bad\udcff",
    "#!&*%@",
    "\ufeffbom",
    "",
]


def with_classes(*names: str, **changes: object) -> Manifest:
    return manifest(classes=names, quality=tiny_quality(names), **changes)


def with_card(**card: str) -> Manifest:
    made = with_classes("a", "b")
    return replace(made, encoders=(replace(made.encoders[0], card=card),))


def front_matter(text: str) -> dict:
    assert text.startswith("---\n")
    return yaml.safe_load(text.split("\n---\n", 1)[0][4:])


def body(text: str) -> str:
    return text.split("\n---\n", 1)[1]


@given(ANY_TEXT)
def test_quoting_gives_yaml_that_reads_back(text: str):
    expected = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert yaml.safe_load(quote(text)) == expected
    assert "\n" not in quote(text)


def test_the_front_matter_is_what_hubs_expect():
    found = front_matter(
        model_card(
            with_card(licence="Apache-2.0", upstream="https://huggingface.co/google/tiny", language="English")
        )
    )
    assert found["license"] == "apache-2.0"
    assert found["library_name"] == "headstart"
    assert found["pipeline_tag"] == "image-classification"
    assert found["base_model"] == ["google/tiny"]
    assert found["language"] == ["en"]
    assert "transfer-learning" in found["tags"]
    metric = found["model-index"][0]["results"][0]["metrics"][0]
    assert (metric["type"], metric["value"]) == ("accuracy", 0.9)


def test_the_hub_library_reads_the_measurements():
    hub = pytest.importorskip("huggingface_hub")
    card = hub.ModelCard(model_card(with_classes("a", "b")), ignore_metadata_errors=False)
    assert {result.metric_type: result.metric_value for result in card.data.eval_results}["accuracy"] == 0.9


@pytest.mark.parametrize(
    ("modality", "task"),
    [(Modality.TEXT, "text-classification"), (Modality.AUDIO, "audio-classification")],
)
def test_each_modality_has_its_task(modality: Modality, task: str):
    assert front_matter(model_card(with_classes("a", modality=modality)))["pipeline_tag"] == task


@pytest.mark.parametrize(
    ("licence", "expected", "shown"),
    [
        ("MIT", "mit", None),
        ("CC-BY-NC-SA-4.0", "cc-by-nc-sa-4.0", None),
        ("Own terms", "other", "Own terms"),
        ("", "other", "unknown"),
    ],
)
def test_a_licence_that_hubs_do_not_know_is_other(licence: str, expected: str, shown: str | None):
    found = front_matter(model_card(with_card(licence=licence)))
    assert (found["license"], found.get("license_name")) == (expected, shown)


def test_two_licences_are_both_named():
    made = with_classes("a")
    first, second = made.encoders
    both = replace(
        made,
        encoders=(replace(first, card={"licence": "MIT"}), replace(second, card={"licence": "Apache-2.0"})),
    )
    found = front_matter(model_card(both))
    assert (found["license"], found["license_name"]) == ("other", "Apache-2.0 and MIT")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_class_name_breaks_nothing(name: str):
    text = model_card(with_classes(name, "plain", name=name))
    assert front_matter(text)["license"] == "other"  # the tiny manifest's cards name no licence
    assert front_matter(text)["model-index"][0]["results"]
    rows = [line for line in body(text).splitlines() if line.endswith("| 10 | 0.90 (0.60 to 0.98) |")]
    assert len(rows) == 2
    for row in rows:
        assert row.replace("\\|", "").count("|") == 4
    assert "<script>" not in body(text)
    text.encode("utf-8", errors="strict" if "\udcff" not in name else "replace")


def test_a_model_that_was_not_measured_says_so():
    text = model_card(manifest(quality={"accuracy": {"estimate": None, "low": 0.0, "high": 1.0}}))
    assert "It was not measured" in text
    assert "model-index" not in front_matter(text)


def test_the_figures_come_with_interval_and_method():
    text = model_card(with_classes("a", "b"))
    assert "| accuracy | 0.900 (95% interval 0.700 to 0.970) |" in text
    assert "How it was measured: leave one out." in text
    assert "- made up" in text


def test_what_no_base_model_would_reach_stands_beside_it():
    floor = {"estimate": 0.5, "low": 0.3, "high": 0.7, "level": 0.95}
    text = model_card(manifest(quality=tiny_quality(("a", "b")) | {"floor": floor}))
    assert "| accuracy without any base model, for comparison | 0.500 (95% interval 0.300 to 0.700) |" in text


def test_a_tuned_model_stands_beside_the_frozen_one_measured_in_the_same_way():
    frozen = {"estimate": 0.8, "low": 0.7, "high": 0.9, "level": 0.95}
    gentle = {"tried": True, "kept": True, "why": "it won", "frozen": frozen}
    quality = tiny_quality(("a", "b")) | {"gentle": gentle, "method": "gentle"}
    text = model_card(manifest(quality=quality))
    shown = "| accuracy of the frozen model on the same folds, for comparison | 0.800 (95% interval 0.700 to"
    assert shown in text
    assert "a base model that was gently tuned on them." in text
    lost = quality | {"gentle": gentle | {"kept": False}, "method": "frozen"}
    text = model_card(manifest(quality=lost))
    assert shown not in text
    assert "a base model that was left as it was." in text


def test_a_linked_base_is_said():
    assert "refers to far instead of holding a copy" in model_card(with_classes("a"))


@given(st.lists(ANY_TEXT, min_size=1, max_size=4, unique=True), ANY_TEXT, ANY_TEXT)
def test_any_words_leave_the_front_matter_readable(names: list[str], title: str, note: str):
    made = with_classes(*names, name=title)
    made = replace(made, encoders=(replace(made.encoders[0], card={"title": title, "licence": note}),))
    text = model_card(made)
    assert front_matter(text)["library_name"] == "headstart"
    assert next(line for line in body(text).splitlines() if line[:3] == "## ") == "## How good it is"
