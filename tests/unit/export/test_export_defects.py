"""A model that finds defects as one graph: the same score, p-value, map and answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import headstart
from headstart.defects.known import Known
from headstart.errors import ExportError
from parts import part_photo, scratched, shot, write_parts

pytestmark = [pytest.mark.bases, pytest.mark.realdata]

ANSWERS = ("ok", "defect", "out-of-distribution")


def test_the_graph_gives_what_the_model_gives(tmp_path: Path, data_root: Path, bases_cache: Path) -> None:
    model = headstart.train(write_parts(tmp_path / "parts", data_root)).model

    report = headstart.export(model, to="onnx", output=tmp_path / "gate.onnx")

    assert report.outputs == ("answer", "heatmap", "p_value", "score")
    assert report.bytes < 8_000_000
    _require_same(model, tmp_path / "gate.onnx", data_root)
    with pytest.raises(
        ExportError, match="learned defects can be exported to onnx and web and openvino, with"
    ):
        headstart.export(model, to="web", output=tmp_path / "page", quantize=True, data=tmp_path / "parts")

    known = _with_known_defects(model)
    headstart.export(known, to="onnx", output=tmp_path / "known.onnx")
    _require_same(known, tmp_path / "known.onnx", data_root)

    pytest.importorskip("openvino")
    told = headstart.export(model, to="openvino", output=tmp_path / "vino")
    assert told.parity.largest_difference < 1e-2


def _with_known_defects(model: headstart.Model) -> headstart.Model:
    detector = model.head.detector
    rng = np.random.default_rng(8)
    channels = len(detector.levels.scale)
    sights = rng.normal(0, 0.1, (detector.side**2, channels)).astype(np.float16)
    known = Known(sights, rng.normal(size=channels).astype(np.float32), np.ones(1, np.float32))
    return replace(model, head=replace(model.head, detector=replace(detector, known=known)))


def _require_same(model: headstart.Model, graph: Path, data_root: Path) -> None:
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    part = part_photo(data_root)
    photos = [shot(part, 900), shot(scratched(part, 3), 901), shot(part, 902).resize((500, 300))]
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    for photo in [*map(np.asarray, photos), noise]:
        (said,) = model.predict([photo])
        answer, heat, p_value, score = session.run(None, {"image": photo})
        assert ANSWERS[int(answer[0])] == said.answer
        assert score[0, 0] == pytest.approx(said.score, abs=2e-4)
        assert p_value[0, 0] == pytest.approx(said.p_value, abs=1e-6)
        np.testing.assert_allclose(heat.reshape(20, 20), said.heatmap, rtol=1e-4, atol=1e-4)
