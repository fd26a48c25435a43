"""Predictions of tags, numbers and defects are ours; a person's table of the same kind is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from headstart.data.own import own_file

OURS = "predictions written by headstart"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("numbers.csv", "source,value,error\nnew.txt,60.279701,\n"),
        ("numbers-with-ends.csv", "source,value,low,high,error\nnew.txt,60.279701,56.3,64.2,\n"),
        ("tags.csv", "source,tags,brass,oak,error\nnew.txt,oak|brass,0.779877,0.835368,\n"),
        ("defects.csv", "source,answer,defect,score,threshold,p_value,kind,box,error\n"),
        ("ids.csv", "source,id,value,error\nnew.txt,a7,60.279701,\n"),
        ("numbers.jsonl", '{"source": "new.txt", "value": 60.27970104084489}\n'),
        ("numbers-with-ends.jsonl", '{"source": "new.txt", "value": 60.5, "low": 56.5, "high": 64.0}\n'),
        ("tags.jsonl", '{"source": "new.txt", "tags": ["oak"], "brass": 0.2, "oak": 0.835}\n'),
        ("tags.json", '[{"source": "new.txt", "tags": [], "probabilities": {"brass": 0.2, "oak": 0.3}}]\n'),
        ("numbers.json", '[{"source": "new.txt", "value": 60.27970104084489}]\n'),
    ],
)  # fmt: skip
def test_predictions_of_every_target_are_ours(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert own_file(path) == OURS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "source,value\nold lamp,60\n"),
        ("b.csv", "source,tags,error\nold lamp,brass,none\n"),
        ("a.jsonl", '{"source": "old lamp", "value": 60.5}\n'),
        ("b.jsonl", '{"source": "old lamp", "tags": ["brass"]}\n'),
        ("c.jsonl", '{"source": "old lamp", "tags": ["brass"], "brass": 1, "oak": 0}\n'),
    ],
)
def test_tables_of_a_person_are_not(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert own_file(path) is None
