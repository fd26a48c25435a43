"""A folder that any web server can serve: a page that runs the model in the visitor's own browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from headstart._version import __version__
from headstart.bundle.save import plain
from headstart.data.audio import MAX_SECONDS
from headstart.errors import ExportError
from headstart.export.fronts import WAVEFORM
from headstart.export.metadata import tokenizer_of
from headstart.export.parity import rate_of
from headstart.export.places import MARK, filling
from headstart.export.runtime import VERSION
from headstart.kinds import kind_of
from headstart.targets import DEFECTS, shown_of, target_of
from headstart.types import EncoderSpec

if TYPE_CHECKING:
    from headstart.defects.head import DefectHead
    from headstart.model import Model

_PAGE = (
    "index.html",
    "answers.js",
    "page.css",
    "page.js",
    "worker.js",
    "inputs.js",
    "defects.js",
    "elements.js",
    "tokens.js",
    "heap.js",
    "icon.svg",
)
_NOTE = """This folder is a web page that runs a headstart model in the visitor's browser.

Serve it with any web server; nothing else is needed and nothing is fetched from elsewhere:

    python -m http.server --bind 127.0.0.1 8000      then open http://127.0.0.1:8000

Camera and microphone work on 127.0.0.1 and on https pages alone; browsers ask for that.
ort/ holds onnxruntime-web {version} (MIT licence, Microsoft).
"""


def check(model: Model) -> None:
    """Refuse a model whose inputs a page cannot make, before any work is done for it.

    Raises
    ------
    ExportError
        Naming the base whose tokenizer the page does not speak.
    """
    if not _page(model):
        raise ExportError(
            f"The page cannot read {kind_of(model.modality).words.many}.",
            "Export to one ONNX file instead (--to onnx).",
        )
    for spec in model.encoders:
        if "tokenizer" in spec.files:
            _check_tokenizer(spec)


def write(target: Path, model: Model, graph: bytes, names: list[str], runtime: Mapping[str, Path]) -> None:
    """Write the folder.

    Parameters
    ----------
    graph
        The exported ONNX graph.
    names
        Its inputs.
    runtime
        The files of onnxruntime-web by name.
    """
    assets = resources.files("headstart.export") / "page"
    with filling(target) as folder:
        for name in _PAGE:
            (folder / name).write_bytes((assets / name).read_bytes())
        (folder / "ort").mkdir()
        for name, path in runtime.items():
            shutil.copyfile(path, folder / "ort" / name)
        (folder / "model.onnx").write_bytes(graph)
        _write_json(folder / "model.json", _facts(model, names))
        if _page(model) == "text":
            _write_json(folder / "tokenizers.json", [_tokenizer(spec) for spec in model.encoders])
        (folder / "README.txt").write_text(_NOTE.format(version=VERSION), encoding="utf-8")
        _write_json(folder / MARK, {"headstart": __version__, "to": "web", "runtime": VERSION})


def _page(model: Model) -> str:
    """Return how the page reads an input."""
    page: str = kind_of(model.modality).require("front", "export a model").load().page
    return page


def _facts(model: Model, names: list[str]) -> dict[str, Any]:
    sounds = [
        {"name": name, "rate": rate_of(model, name), "seconds": MAX_SECONDS}
        for name in names
        if name.startswith(WAVEFORM)
    ]
    return {
        "name": model.name or "A headstart model",
        "modality": str(model.modality),
        "reads": _page(model),
        "things": kind_of(model.modality).words.many,
        "target": model.target,
        "classes": list(model.classes),
        "accuracy": plain(model.quality.get("accuracy") or {}),
        "shows": target_of(model.target).page,
        **_told(model),
        "inputs": [{"name": name} for name in names],
        "sounds": sounds,
        **_defect_facts(model),
    }


def _defect_facts(model: Model) -> dict[str, Any]:
    """Return what the page tells of a model that finds defects."""
    if model.target != DEFECTS.name:
        return {}
    return {"threshold": cast("DefectHead", model.head).detector.standard.threshold}


def _told(model: Model) -> dict[str, str]:
    """Return what the model does and what that is worth, where its target says so itself."""
    shown = shown_of(model.quality, model.target) if model.quality else None
    return {} if shown is None else {"learned": shown.learned, "worth": shown.headline}


def _tokenizer(spec: EncoderSpec) -> dict[str, Any]:
    return {"tokenizer": json.loads(tokenizer_of(spec)), "pad": int(spec.recipe.get("pad_id", 0))}


def _check_tokenizer(spec: EncoderSpec) -> None:
    """Only what ``tokens.js`` cuts exactly as the tokenizers library does may pass."""
    table = json.loads(tokenizer_of(spec))
    kind = (table.get("model") or {}).get("type")
    splitter = (table.get("pre_tokenizer") or {}).get("type")
    normalizers = _normalizers(table.get("normalizer"))
    known = {
        "WordPiece": splitter == "BertPreTokenizer" and normalizers <= {"Prepend", "BertNormalizer"},
        "BPE": splitter is None
        and normalizers <= {"Prepend", "Replace"}
        and bool(table["model"].get("byte_fallback"))
        and not table["model"].get("ignore_merges"),
    }
    if not known.get(str(kind), False):
        raise ExportError(
            f"The page cannot cut texts as {spec.name} needs it (its tokenizer is {kind} with "
            f"{splitter or 'no'} splitting).",
            "Export to one ONNX file instead (--to onnx), or train on minilm_l6 or wordllama_256.",
        )


def _normalizers(step: Any) -> set[str]:
    if not step:
        return set()
    if step.get("type") == "Sequence":
        return {name for inner in step.get("normalizers") or () for name in _normalizers(inner)}
    if step.get("type") == "Replace" and "String" not in (step.get("pattern") or {}):
        return {"Replace by a pattern"}
    return {str(step.get("type"))}


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    path.write_bytes(text.encode("utf-8", errors="replace"))
