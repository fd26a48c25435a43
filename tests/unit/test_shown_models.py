"""What a terminal says of saved models, exports, long runs and comparisons, in each language."""

from __future__ import annotations

import pytest

from headstart.cli.reporting import print_batch
from headstart.cli.show_bundle import print_info, print_verified
from headstart.cli.show_compare import print_comparison
from headstart.cli.show_export import print_export
from headstart.export.report import ExportReport, Parity, Quantised
from headstart.wording import ENGLISH, Words
from headstart.workflows.batching import BatchReport
from headstart.workflows.bundles import BundleInfo
from report_samples import comparison

GERMAN = Words("de")
BATCH = BatchReport(
    done=1200,
    resumed=700,
    unreadable=2,
    answers={"scone": 1198},
    out="a.csv",
    sorted_into="b",
    placed=3,
    there=1,
)
BUNDLE = BundleInfo(
    path="m", name="pastries", modality="image", classes=("bagel", "scone"), bases=("small_base",),
    created="today", headstart="1.0", accuracy={"estimate": 0.933, "low": 0.874, "high": 0.966},
    files={"graph.onnx": 12_345_678}, linked=(), unlisted=("notes.txt",), checked=True,
)  # fmt: skip


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split()).replace("\N{NO-BREAK SPACE}", " ")


def test_a_long_run(capsys: pytest.CaptureFixture[str]) -> None:
    print_batch(BATCH, ENGLISH)
    english = said(capsys)
    assert english.startswith("1,200 named in 0.0 s, 700 of them before it was stopped.")
    assert english.endswith("Written to a.csv Sorted into b: 3 files, 1 lay there already")
    print_batch(BATCH, GERMAN)
    assert said(capsys).startswith("1.200 benannt in 0,0 s, davon 700 vor der Unterbrechung. Klasse Eingaben")


def test_a_saved_model(capsys: pytest.CaptureFixture[str]) -> None:
    print_info(BUNDLE, ENGLISH)
    assert said(capsys) == (
        "pastries tells 2 classes of photos apart: bagel, scone accuracy 93.3% (87.4% to 96.6%), as measured "
        "when it was trained on small_base; made today with headstart 1.0 graph.onnx 12,345,678 bytes"
    )
    print_verified(BUNDLE, GERMAN)
    print_info(BUNDLE, GERMAN)
    german = said(capsys)
    assert german.startswith("m ist vollständig: 1 Dateien, 12,3 MB")
    assert "pastries unterscheidet 2 Klassen von Fotos: bagel, scone Genauigkeit 93,3 %" in german


def test_an_export(capsys: pytest.CaptureFixture[str]) -> None:
    report = ExportReport(
        "onnx", "m.onnx", 2_300_000, "image", [("image", "uint8", (1, 3))], Parity(20, True, 1e-6, 20)
    )
    print_export(report, ENGLISH)
    assert said(capsys).startswith(
        "Wrote m.onnx (2.3 MB). It takes image: uint8 [1, 3], and gives label and probabilities. Compared "
        "with the model on 20 of your photos: the same class on 20, probabilities at most 1e-06 apart. "
        "Run it with ONNX"
    )
    small = ExportReport(
        **{**vars_of(report), "quantised": Quantised("dynamic", 0, 90, 0.95, 0.9, 9_000_000)}
    )
    print_export(small, GERMAN)
    german = said(capsys)
    assert "Acht-Bit-Gewichte (dynamic): Der Graph hatte 9,0 MB." in german
    assert "Das ist ein großer Verlust." in german


def vars_of(report: ExportReport) -> dict[str, object]:
    return {name: getattr(report, name) for name in ("to", "path", "bytes", "modality", "inputs", "parity")}


def test_a_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    print_comparison(comparison(), None, GERMAN)
    german = said(capsys)
    assert german.startswith("Das Basismodell efficientnet_lite0 bringt +20,0 von 100")
    assert (
        "frozen gegen floor: +20,0 von 100, Intervall +14,0 bis +26,0, McNemar p 1e-06 (kein Zufall)"
        in german
    )
