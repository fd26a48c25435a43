"""What labels are, as training, measuring and the command line meet it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import headstart as hs
from headstart.cli.main import app
from headstart.errors import LayoutError, NotEnoughDataError, ParameterError
from tiny import tiny_model, tiny_sources


def table(path: Path, labels: list[str]) -> Path:
    texts, _ = tiny_sources("text", len(labels))
    rows = [f'"{text} number {i}",{label}' for i, (text, label) in enumerate(zip(texts, labels, strict=True))]
    path.write_text("\n".join(["text,label", *rows]))
    return path


def test_measuring_reads_a_class_of_the_model_in_another_spelling(tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "m", "text", ("0", "1"))
    labels = ["1.0", "0.0", "true", "NA", "7", "0"]
    report = hs.evaluate(model, table(tmp_path / "t.csv", labels))
    assert report.used == 4
    assert [(one.source, one.code) for one in report.problems] == [
        ("t.csv:5", "no_label"),
        ("t.csv:6", "unknown_class"),
    ]
    assert report.notes == (
        "1 cell of 'label' says 'NA': read as no label; rename it if it is a class.",
        "Labels that spell a class of the model by another type were read so: '0.0' as '0', '1.0' as '1', "
        "'true' as '1'.",
    )
    texts, _ = tiny_sources("text", 4)
    assert hs.evaluate(model, texts, [1.0, 0.0, float("nan"), True]).used == 3


def test_measuring_needs_no_label_to_look_like_a_class(tmp_path: Path) -> None:
    prices = [f"{2 + i:.2f}" for i in range(24)]
    model = tiny_model(tmp_path / "m", "text", tuple(sorted(prices[:2])))
    assert hs.evaluate(model, table(tmp_path / "t.csv", prices)).used == 2
    with pytest.raises(NotEnoughDataError, match=r"its class '2\.00' is not one that this model knows"):
        hs.evaluate(tiny_model(tmp_path / "n", "text", ("a", "b")), tmp_path / "t.csv")


@pytest.mark.parametrize("workflow", [hs.train, hs.check, hs.compare])
def test_what_is_no_class_is_refused_before_any_work(tmp_path: Path, workflow: object) -> None:
    path = table(tmp_path / "t.csv", [f"{2 + i:.2f}" for i in range(24)])
    with pytest.raises(LayoutError, match=r"in the column 'label' of t\.csv, found numbers with many values"):
        workflow(path)  # type: ignore[operator]
    with pytest.raises(ParameterError, match="target must be 'classes'"):
        workflow(path, target="numbers")  # type: ignore[operator]


@pytest.mark.parametrize("command", ["train", "check", "compare"])
def test_the_command_line_names_the_way_to_insist(tmp_path: Path, command: str) -> None:
    path = table(tmp_path / "t.csv", ["price,quality", "price", "quality"] * 8)
    path.write_text(path.read_text().replace("price,quality", '"price,quality"'))
    output = ["-o", str(tmp_path / "m")] if command == "train" else []
    done = CliRunner().invoke(app, [command, str(path), *output])
    assert isinstance(done.exception, LayoutError)
    assert "8 of 24 have ',' between them, such as 'price,quality'" in done.exception.message
    assert "--target classes" in str(done.exception.hint)


def test_check_takes_an_accuracy_or_classes(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", ["a", "b"] * 4)
    done = CliRunner().invoke(app, ["check", str(path), "--target", "most"])
    assert "target must be an accuracy such as 0.95, or 'classes', got 'most'" in str(done.exception)
    done = CliRunner().invoke(app, ["check", str(path), "--target", "defects"])
    assert "headstart cannot check examples yet where defects are learned." in str(done.exception)
    assert "train with --target defects" in str(done.exception.hint)
    done = CliRunner().invoke(app, ["check", str(path), "--target", "classes", "--target", "95"])
    assert "target must lie between 0 and 1, got 95" in str(done.exception)
