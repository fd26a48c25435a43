"""Say what a folder without class folders holds: names that begin with classes, archives, a model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from headstart.data.lookup import is_known_ending, is_text_ending
from headstart.data.walk import Found
from headstart.errors import LayoutError

_CLASS_FIRST = re.compile(r"(?P<name>[^\W\d][\w-]*?)(?P<mark>[._-]?)\d+\.\w+")
# How cameras and programs begin the names of all their files.
_OF_CAMERAS = frozenset(
    "img image photo picture pic dsc dscn dscf dcim pxl mvimg vid mov scan screenshot file frame".split()
)
_LEAST = 2
_STRIP = {".": "${f%%.*}", "_": "${f%_*}", "-": "${f%-*}", "": "${f%%[0-9]*}"}
_MODELS = (
    {"keras_model.h5", "labels.txt"},
    {"model.json", "weights.bin"},
    {"model_unquant.tflite"},
    {"model.tflite", "labels.txt"},
    {"saved_model.pb"},
)


def _is_media(ending: str) -> bool:
    return ending == ".txt" or (is_known_ending(ending) and not is_text_ending(ending))


def names_begin_with_classes(root: str, files: Sequence[Found]) -> LayoutError | None:
    """Recognise ``cat.0.jpg, dog.1.jpg`` in one folder, and give a command that writes down what they say."""
    matches = [_CLASS_FIRST.fullmatch(file.path.name) for file in files]
    marks = {match["mark"] for match in matches if match}
    if not matches or None in matches or len(marks) != 1 or any(file.parts for file in files):
        return None
    if not all(_is_media(file.path.suffix.lower()) for file in files):
        return None
    count = Counter(match["name"] for match in matches if match)
    if len(count) < 2 or min(count.values()) < _LEAST or {name.lower() for name in count} & _OF_CAMERAS:
        return None
    shown = ", ".join(sorted(count)[:4]) + (f" and {len(count) - 4} more" if len(count) > 4 else "")
    strip = _STRIP[marks.pop()]
    return LayoutError(
        f"Expected a folder for each class in {root}, found {len(files)} files whose names begin with what "
        f"look like {len(count)} classes: {shown}.",
        "If they are, this writes them into a metadata.csv, run in that folder (unpack an archive first): "
        f'(echo file_name,label; for f in *[0-9]*.*; do echo "$f,{strip}"; done) > metadata.csv',
    )


def models_of_others(root: str, files: Sequence[Found]) -> LayoutError | None:
    """Recognise what Teachable Machine exports: a model and not the examples."""
    names = {file.path.name.lower() for file in files}
    if not any(parts <= names for parts in _MODELS):
        return None
    return LayoutError(
        f"Expected examples in {root}, found a trained model, as Teachable Machine exports it "
        f"({', '.join(sorted(names)[:3])}).",
        "Give the examples that it was trained on. In Teachable Machine, 'Download samples' at each class "
        "gives an archive: unpack each into a folder named for its class.",
    )
