"""Recognise data sets made for other tasks than one class for each file, and say what they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from headstart.data.flat import models_of_others, names_begin_with_classes, only_archives
from headstart.data.sniff import open_regular
from headstart.data.storage import words_of
from headstart.data.walk import Found
from headstart.errors import LayoutError, SourceError

_HEAD = 65536
_MOST = 20
_PICTURES = frozenset(".jpg .jpeg .png .bmp .tif .tiff .webp .gif".split())
_MASKS = frozenset({"mask", "masks", "segmentation", "segmentations", "gt", "labels", "label", "annotations"})
_BOX = re.compile(rb"\s*\d+(\s+-?\d*\.?\d+(e-?\d+)?){4,}\s*", re.IGNORECASE)
_GIVE = (
    "headstart learns one class for each file: give a folder for each class, or a table with the columns "
    "file_name and label."
)
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


def refuse_good_parts(root: str, train: Sequence[str], test: Sequence[str], place: str) -> None:
    """Refuse a set for finding defects from good parts alone, as the MVTec sets are.

    Parameters
    ----------
    train, test
        The classes in either split.
    place
        The folder of the test split.

    Raises
    ------
    LayoutError
        When the training part knows one class and the test part more.
    """
    (only,) = train if len(train) == 1 else (None,)
    if only is None or only not in test or len(test) < 2:
        return
    kinds = ", ".join(repr(name) for name in test[:6])
    raise LayoutError(
        f"{root} looks like a set for finding defects from good parts alone: its training part holds "
        f"only {only!r}, its test part {kinds}.",
        "Learning from good parts alone is not there yet. To tell these classes apart, train on the part "
        f"that holds them all: headstart train {place}",
    )


def _yolo(root: str, files: Sequence[Found]) -> LayoutError | None:
    texts = [one for one in files if one.path.suffix.lower() == ".txt" and one.path.stem.lower() != "classes"]
    pictures = any(one.path.suffix.lower() in _PICTURES for one in files)
    likely = sorted(texts, key=lambda one: "labels" not in one.parts)[:_MOST]
    shown = next((one for one in likely if _all_boxes(_head(one.path))), None)
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
    for one in _first(files, ".json"):
        content = _head(one.path) + _tail(one.path)
        what, mend = _json_kind(content)
        if what:
            return LayoutError(f"{root} looks like {what}: {one.name} holds the annotations.", mend)
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


def _xml(root: str, files: Sequence[Found]) -> LayoutError | None:
    for one in _first(files, ".xml"):
        content = _head(one.path)
        if b"<annotation" not in content:
            continue
        if b"<annotations" in content:
            mend = f"Export it again in the ImageNet format, which is a folder for each class. {_GIVE}"
            return LayoutError(
                f"{root} looks like an export of CVAT: {one.name} holds the annotations.", mend
            )
        if b"<object" in content or "Annotations" in one.parts:
            message = (
                f"{root} looks like an export for object detection (Pascal VOC): {one.name} holds boxes."
            )
            return LayoutError(message, _CUT)
    return None


def _masks(root: str, files: Sequence[Found]) -> LayoutError | None:
    """Recognise pictures beside pictures of the same names in a folder of masks."""
    pictures = [one for one in files if one.path.suffix.lower() in _PICTURES]
    masks = [one for one in pictures if any(set(words_of(part)) & _MASKS for part in one.parts)]
    stems = {_plain_stem(one.path) for one in pictures if one not in set(masks)}
    if not masks or not stems:
        return None
    same = sum(_plain_stem(one.path) in stems for one in masks)
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
    names = {one.path.name.lower() for one in files}
    if "data.yaml" in names or "obj.names" in names or "darknet.labels" in names:
        message = (
            f"{root} looks like an export for object detection (YOLO): it has a data.yaml or list of names."
        )
        return LayoutError(message, _CUT)
    return None


_TESTS: tuple[Callable[[str, Sequence[Found]], LayoutError | None], ...] = (
    _yolo,
    _json,
    _xml,
    _masks,
    _names,
    models_of_others,
    only_archives,
    names_begin_with_classes,
)


def _first(files: Sequence[Found], suffix: str) -> Iterator[Found]:
    """Yield some files of a kind, those nearest to the root first."""
    likely = [one for one in files if one.path.suffix.lower() == suffix]
    yield from sorted(likely, key=lambda one: len(one.parts))[:_MOST]


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
