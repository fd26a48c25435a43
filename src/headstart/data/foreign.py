"""Recognise data sets made for other tasks than one class for each file, and say what they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from headstart.data.flat import models_of_others, names_begin_with_classes
from headstart.data.sniff import open_regular
from headstart.data.storage import words_of
from headstart.data.walk import Found
from headstart.errors import LayoutError, SourceError

_HEAD = 65536
_MOST = 20
_PICTURES = frozenset(".jpg .jpeg .png .bmp .tif .tiff .webp .gif".split())
_MASKS = frozenset({"mask", "masks", "segmentation", "segmentations", "gt", "labels", "label", "annotations"})
_BOX = re.compile(rb"\s*\d+(\s+-?\d*\.?\d+(e-?\d+)?){4,}\s*", re.IGNORECASE)
_CONLL = frozenset(".txt .conll .iob .bio .tsv .conllu".split())
_TAGS = frozenset({b"O", b"B-", b"I-", b"E-", b"S-", b"L-", b"U-"})
_LEAST_WORDS = 10
_BOX_COLUMNS = (
    {"xmin", "ymin", "xmax", "ymax"},
    {"x_min", "y_min", "x_max", "y_max"},
    {"bbox"},
    {"region_shape_attributes"},
)
_MORE_BOX_COLUMNS = (
    {"x1", "y1", "x2", "y2"},
    {"left", "top", "right", "bottom"},
    {"x", "y", "w", "h"},
    {"x", "y", "width", "height"},
)
_GIVE = (
    "headstart learns one class for each file: give a folder for each class, or a table with the columns "
    "file_name and label."
)
_TEXTS = "headstart learns one class for each text: give a table with the columns text and label."
_CUT = (
    "headstart learns one class for each file: cut the objects out into a folder for each class, or give a "
    "table with the columns file_name and label that has one class for each picture."
)


def refuse_foreign(root: str, files: Sequence[Found]) -> None:
    """Raise an error where files were prepared for another task; files that no test knows are left alone.

    Raises
    ------
    LayoutError
        Naming the format and the file that shows it.
    """
    for test in _TESTS:
        error = test(root, files)
        if error is not None:
            raise error


def refuse_foreign_file(name: str, path: Path) -> None:
    """Raise an error where a file that somebody names holds texts for another task, and no table.

    Raises
    ------
    LayoutError
        Naming the format.
    """
    for test in (_squad, _conll):
        error = test(name, [Found(path, ())])
        if error is not None:
            raise error


def refuse_boxes(name: str, columns: Sequence[str], *, repeated: bool = False) -> None:
    """Refuse a table of boxes around objects.

    Parameters
    ----------
    repeated
        Whether files are known to be named by several rows, so that less telling names of columns will do.

    Raises
    ------
    LayoutError
        Naming the table.
    """
    lower = {column.strip().lower() for column in columns}
    if any(boxes <= lower for boxes in (*_BOX_COLUMNS, *(_MORE_BOX_COLUMNS if repeated else ()))):
        raise LayoutError(
            f"{name} holds boxes around objects (for object detection), not one class for each file.",
            "headstart learns one class for each file: give a folder for each class, with the objects "
            "cut out, or a table with the columns file_name and label.",
        )


def _yolo(root: str, files: Sequence[Found]) -> LayoutError | None:
    texts = [
        file for file in files if file.path.suffix.lower() == ".txt" and file.path.stem.lower() != "classes"
    ]
    pictures = any(file.path.suffix.lower() in _PICTURES for file in files)
    likely = sorted(texts, key=lambda file: "labels" not in file.parts)[:_MOST]
    shown = next((file for file in likely if _all_boxes(_head(file.path))), None)
    if shown is None or not pictures:
        return None
    return LayoutError(
        f"{root} looks like an export for object detection (YOLO): {shown.name} holds boxes, not a class.",
        _CUT,
    )


def _all_boxes(content: bytes) -> bool:
    lines = [line for line in content.splitlines()[:50] if line.strip()]
    return bool(lines) and all(_BOX.fullmatch(line) for line in lines)


def _json(root: str, files: Sequence[Found]) -> LayoutError | None:
    for file in _first(files, ".json"):
        content = _head(file.path) + _tail(file.path)
        what, mend = _json_kind(content)
        if what:
            return LayoutError(f"{root} looks like {what}: {file.name} holds the annotations.", mend)
    return None


def _json_kind(content: bytes) -> tuple[str, str]:
    keys = sum(key in content for key in (b'"images"', b'"annotations"', b'"categories"'))
    if keys >= 2 or (keys and (b'"bbox"' in content or b'"file_name"' in content)):
        return "an export for object detection (COCO)", _CUT
    if b'"shapes"' in content and b'"imagePath"' in content:
        return "an export for object detection (LabelMe)", _CUT
    if b'"annotations"' in content and b'"data"' in content and content.lstrip()[:1] == b"[":
        mend = (
            "Export it again as CSV, and put that table beside its files; its column of choices is the label."
        )
        return "an export of Label Studio", mend
    return "", ""


def _squad(root: str, files: Sequence[Found]) -> LayoutError | None:
    for file in _first(files, ".json"):
        content = _head(file.path)
        if b'"paragraphs"' in content and b'"qas"' in content:
            return LayoutError(
                f"{root} looks like a set of questions with answers in a text (SQuAD): {file.name}.",
                _TEXTS,
            )
    return None


def _conll(root: str, files: Sequence[Found]) -> LayoutError | None:
    """Recognise words with a tag each, a line for each word and a blank line after each sentence."""
    texts = [file for file in files if file.path.suffix.lower() in _CONLL]
    for file in texts[:_MOST]:
        lines = _head(file.path).splitlines()[:200]
        rows = [line.split() for line in lines if line.strip() and not line.startswith((b"#", b"-DOCSTART-"))]
        tags = {row[-1] for row in rows if len(row) > 1}
        if len(rows) < _LEAST_WORDS or b"" not in map(bytes.strip, lines):
            continue
        columns = {len(row) for row in rows}
        if (
            len(columns) == 1
            and columns != {1}
            and _TAGS.issuperset(tag[:2] for tag in tags)
            and len(tags) > 1
        ):
            return LayoutError(
                f"{root} looks like a set for tagging words (CoNLL): {file.name} has a tag for each word, "
                "not a class for each text.",
                _TEXTS,
            )
    return None


def _xml(root: str, files: Sequence[Found]) -> LayoutError | None:
    for file in _first(files, ".xml"):
        content = _head(file.path)
        if b"<annotation" not in content:
            continue
        if b"<annotations" in content:
            mend = f"Export it again in the ImageNet format, which is a folder for each class. {_GIVE}"
            return LayoutError(
                f"{root} looks like an export of CVAT: {file.name} holds the annotations.", mend
            )
        if b"<object" in content or "Annotations" in file.parts:
            message = (
                f"{root} looks like an export for object detection (Pascal VOC): {file.name} holds boxes."
            )
            return LayoutError(message, _CUT)
    return None


def _masks(root: str, files: Sequence[Found]) -> LayoutError | None:
    """Recognise pictures beside pictures of the same names in a folder of masks."""
    pictures = [file for file in files if file.path.suffix.lower() in _PICTURES]
    masks = [picture for picture in pictures if any(set(words_of(part)) & _MASKS for part in picture.parts)]
    stems = {_plain_stem(picture.path) for picture in pictures if picture not in set(masks)}
    if not masks or not stems:
        return None
    same = sum(_plain_stem(mask.path) in stems for mask in masks)
    if 2 * same < len(masks):
        return None
    return LayoutError(
        f"{root} looks like a set for segmentation: {masks[0].name} is the mask of a picture.",
        _GIVE,
    )


def _plain_stem(path: Path) -> str:
    return re.sub(r"[_-]?(mask|masks|gt|seg|segmentation|label)$", "", path.stem.lower())


def _names(root: str, files: Sequence[Found]) -> LayoutError | None:
    """Recognise a list of classes that only annotation programs write."""
    names = {file.path.name.lower() for file in files}
    if "data.yaml" in names or "obj.names" in names or "darknet.labels" in names:
        message = (
            f"{root} looks like an export for object detection (YOLO): it has a data.yaml or list of names."
        )
        return LayoutError(message, _CUT)
    return None


_TESTS: tuple[Callable[[str, Sequence[Found]], LayoutError | None], ...] = (
    _yolo,
    _json,
    _squad,
    _conll,
    _xml,
    _masks,
    _names,
    models_of_others,
    names_begin_with_classes,
)


def _first(files: Sequence[Found], suffix: str) -> Iterator[Found]:
    """Yield some files of a kind, those nearest to the root first."""
    likely = [file for file in files if file.path.suffix.lower() == suffix]
    yield from sorted(likely, key=lambda file: len(file.parts))[:_MOST]


def _tail(path: Path) -> bytes:
    """Return the end of a file: the lists in an export may come in any order, and the first may be long."""
    try:
        with open_regular(path) as file:
            file.seek(max(_HEAD, path.stat().st_size - _HEAD))
            return file.read()
    except (SourceError, OSError):
        return b""


def _head(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(_HEAD)
    except (SourceError, OSError):
        return b""
