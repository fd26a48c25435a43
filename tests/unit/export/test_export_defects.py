"""A model that finds defects as one graph: the same score, p-value, map and answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

import headstart
from headstart.errors import ExportError
from parts import part_photo, scratched, shot, write_parts

pytestmark = [pytest.mark.bases, pytest.mark.realdata]

ANSWERS = ("ok", "defect", "out-of-distribution")


def test_the_graph_gives_what_the_model_gives(tmp_path: Path, data_root: Path, bases_cache: Path) -> None:
    model = headstart.train(write_parts(tmp_path / "parts", data_root)).model

    report = headstart.export(model, to="onnx", output=tmp_path / "gate.onnx")

    assert report.outputs == ("answer", "heatmap", "p_value", "score")
    assert report.bytes < 8_000_000
    session = onnxruntime.InferenceSession(str(tmp_path / "gate.onnx"), providers=["CPUExecutionProvider"])
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

    pytest.importorskip("openvino")
    told = headstart.export(model, to="openvino", output=tmp_path / "vino")
    assert told.parity.largest_difference < 1e-2
    with pytest.raises(
        ExportError, match="learned defects can be exported to onnx and web and openvino, with"
    ):
        headstart.export(model, to="web", output=tmp_path / "page", quantize=True, data=tmp_path / "parts")
