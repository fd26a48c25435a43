"""Refuse ONNX graphs that would read other files, without importing the `onnx` library.

A tensor of a graph may say that its numbers stand in another file, at any path; the runtime would open
it. A bundle's graph must be whole in itself, so the wire format (protocol buffers) is walked here down to
each tensor's ``data_location`` and ``external_data``. Weights are skipped, not read: it costs milliseconds.

Field numbers are from onnx.proto3 (github.com/onnx/onnx, Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator

from headstart.errors import CorruptBundleError

_MODEL = {7: "graph", 20: "training", 25: "function"}
_TRAINING = {1: "graph", 2: "graph"}
_GRAPH = {1: "node", 5: "tensor", 15: "sparse"}
_FUNCTION = {7: "node", 11: "attribute"}
_NODE = {5: "attribute"}
_ATTRIBUTE = {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"}
_SPARSE = {1: "tensor", 2: "tensor"}
_CHILDREN = {
    "model": _MODEL,
    "training": _TRAINING,
    "graph": _GRAPH,
    "function": _FUNCTION,
    "node": _NODE,
    "attribute": _ATTRIBUTE,
    "sparse": _SPARSE,
    "tensor": {},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_MAX_DEPTH = 100
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def refuse_external_data(graph: memoryview | bytes, where: str) -> None:
    """Raise unless every tensor of the graph stands inside the graph itself.

    Parameters
    ----------
    graph
        The bytes of an ONNX file.
    where
        What to call it.

    Raises
    ------
    CorruptBundleError
        When a tensor points to another file, or the bytes are not an ONNX graph.
    """
    view = memoryview(graph)
    try:
        outside = _points_outside(view, 0, len(view), "model", 0)
    except (IndexError, ValueError) as error:
        raise CorruptBundleError(
            f"{where} must be an ONNX graph, but its structure cannot be read ({error}).",
            "Restore the file from a copy, or train again.",
        ) from error
    if outside:
        raise CorruptBundleError(
            f"{where} must hold all its numbers itself, but a tensor in it points to another file.",
            "Do not use this model: it could read files of yours. Get it again from whoever made it.",
        )


def _points_outside(view: memoryview, start: int, stop: int, kind: str, depth: int) -> bool:
    if depth > _MAX_DEPTH:
        raise ValueError("too deeply nested")
    children = _CHILDREN[kind]
    for number, value, first, last in _fields(view, start, stop):
        if kind == "tensor":
            if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0):
                return True
        elif (
            number in children
            and first >= 0
            and _points_outside(view, first, last, children[number], depth + 1)
        ):
            return True
    return False


def _fields(view: memoryview, start: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield ``(field number, value, first, last)``; first is -1 where the field is a number."""
    position = start
    while position < stop:
        tag, position = _varint(view, position, stop)
        number, wire = tag >> 3, tag & 7
        value, first, last = 0, -1, -1
        if wire == _VARINT:
            value, position = _varint(view, position, stop)
        elif wire == _BYTES:
            size, first = _varint(view, position, stop)
            position = last = first + size
        elif wire in (_FIXED32, _FIXED64):
            position += 4 if wire == _FIXED32 else 8
        else:
            raise ValueError(f"unknown wire type {wire}")
        if number == 0 or position > stop:
            raise ValueError("a field reaches beyond its end")
        yield number, value, first, last


def _varint(view: memoryview, position: int, stop: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= stop or shift > 63:
            raise ValueError("a number is cut off")
        byte = view[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7
