"""A table of defects keeps the box as numbers."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as parquet

from headstart.defects.answers import DefectPrediction
from headstart.workflows.tables import columns, row_of, write_table


def test_parquet_holds_the_box_as_numbers(tmp_path: Path) -> None:
    bad = DefectPrediction(
        "a.png", "defect", defect=True, score=9.5, threshold=2.0, p_value=0.04, box=(0.0, 0.25, 0.5, 1.0)
    )
    good = DefectPrediction("b.png", "ok", defect=False, score=0.5, threshold=2.0, p_value=0.5)
    path = tmp_path / "parts.parquet"
    write_table(map(row_of, (bad, good)), path, columns(doubted=False, own_ids=False, target="defects"))
    table = parquet.read_table(path)
    assert table["box"].to_pylist() == [[0.0, 0.25, 0.5, 1.0], None]
    assert table["answer"].to_pylist() == ["defect", "ok"]
