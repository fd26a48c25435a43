"""Numbers, categories and dates give the same features in a graph as in Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from onnx import helper

from headstart._onnxruntime import onnxruntime
from headstart.bases.graphs.writer import TYPES
from headstart.data.mixed.values import days_of
from headstart.encoders.columns import categories, dates, numbers
from headstart.export import simple_columns
from headstart.export.one_graph import IR_VERSION, ML_OPSET, OPSET
from headstart.export.pieces import Pieces


def run(build: Callable[[Pieces], str], kind: str, values: np.ndarray) -> np.ndarray:
    g = Pieces("")
    made = build(g)
    graph = helper.make_graph(
        g.nodes,
        "one",
        [helper.make_tensor_value_info("x", TYPES[kind], ["N"])],
        [helper.make_tensor_value_info(made, TYPES["float32"], None)],
        g.weights,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    session = onnxruntime().InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: np.ndarray = session.run(None, {"x": values})[0]
    return found


@pytest.mark.parametrize("cells", [[1.5, 2, 3e9, -4, None, 17.25], [7, 7, 7], [0.1 * i for i in range(50)]])
def test_numbers(cells: list[Any]) -> None:
    fitted = numbers.fit(cells)
    values = np.array([np.nan, -1e12, 1e12, 0.3, 7, 3e9, 1.4999999999], dtype=np.float64)
    got = run(lambda g: simple_columns.number(g, "x", fitted), "float64", values)
    np.testing.assert_array_equal(got, numbers.encode(values, fitted))


def test_categories_with_rare_new_and_missing_levels() -> None:
    fitted = categories.fit(["a b", "a b", "a b", "ü", "ü", "ü", "rare", None])
    cells = ["a b", "ü", "rare", "new", "", "NA", "null"]
    got = run(lambda g: simple_columns.category(g, "x", fitted), "string", np.array(cells, dtype=object))
    np.testing.assert_array_equal(got, categories.encode(cells, fitted))
    assert got.argmax(axis=1).tolist() == [0, 1, 2, 2, 3, 3, 3]


def test_dates_of_two_thousand_years_to_the_minute() -> None:
    fitted = dates.fit(["2020-02-29", "1999-12-31", "2024-07-01"])
    moments = [datetime(1, 1, 1) + timedelta(days=367 * i, minutes=17 * i, seconds=i) for i in range(1900)]
    moments += [datetime(year, month, 1) for year in (1600, 1900, 1970, 2000, 2024) for month in range(1, 13)]
    moments += [datetime(2024, 2, 29, 23, 59, 59), datetime(1969, 12, 31, 23, 59)]
    days = np.array([*map(days_of, moments), np.nan])
    got = run(lambda g: simple_columns.date(g, "x", fitted), "float64", days)
    np.testing.assert_allclose(got, dates.encode([*moments, None], fitted), atol=1e-6)
