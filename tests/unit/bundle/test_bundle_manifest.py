"""The manifest: what is written is what is read, and what is wrong is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_manifest import ANY_TEXT, HASH, manifest

from headstart.bundle.formats import v1
from headstart.bundle.manifest import EncoderEntry, Manifest, to_bytes
from headstart.bundle.parsing import parse
from headstart.errors import BundleVersionError, CorruptBundleError
from headstart.model import Block


def table() -> dict[str, Any]:
    return copy.deepcopy(v1.write(manifest()))


def read(table: dict[str, Any]) -> Manifest:
    return parse(json.dumps(table).encode(), "m/manifest.json")


def test_what_is_written_is_read():
    assert parse(to_bytes(v1.write(manifest())), "m") == manifest()


@given(st.lists(ANY_TEXT, min_size=1, max_size=5, unique=True))
def test_any_class_names_survive(names: list[str]):
    again = parse(to_bytes(v1.write(manifest(classes=tuple(names)))), "m")
    assert again.classes == tuple(names)


def test_the_order_of_outputs_survives():
    outputs = {"embedding": 6, "z": 1, "a": 2}
    entry = EncoderEntry("tiny", "f", 6, outputs, {}, files={"encoder": "encoder.onnx"})
    again = parse(to_bytes(v1.write(manifest(encoders=(entry,), blocks=(Block("c", "raw"),)))), "m")
    assert list(again.encoders[0].outputs.items()) == list(outputs.items())


def test_each_key_has_a_line_of_its_own():
    lines = to_bytes(v1.write(manifest())).decode().splitlines()
    assert len(lines) == len(v1.write(manifest())) + 2


def test_a_format_from_the_future_names_the_version_to_get():
    with pytest.raises(BundleVersionError, match=r"format 7, written by headstart 3\.2\.1") as caught:
        read({"format_version": 7, "headstart": "3.2.1", "anything": "else"})
    assert caught.value.hint == "Upgrade with: pip install --upgrade 'headstart>=3.2.1'"


@pytest.mark.parametrize("writer", ["1; rm -rf /", None, "9" * 100, {}])
def test_a_version_that_is_none_is_not_repeated(writer: Any):
    with pytest.raises(BundleVersionError) as caught:
        read({"format_version": 2, "headstart": writer})
    assert caught.value.hint == "Upgrade with: pip install --upgrade headstart"


WRONG: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    (r"format_version must be a whole number from 1 up, found '1'", lambda t: t.update(format_version="1")),
    (r"format_version must be .* found True", lambda t: t.update(format_version=True)),
    (r"format_version must be .* found None", lambda t: t.pop("format_version")),
    (r"classes must be a list, found 'nothing'", lambda t: t.pop("classes")),
    (r"classes must be a list of texts", lambda t: t.update(classes=["a", 1])),
    (r"classes must be at least one name, each once", lambda t: t.update(classes=["a", "a"])),
    (r"classes must be at least one name", lambda t: t.update(classes=[])),
    (r"modality must be image, text or audio, found 'smell'", lambda t: t.update(modality="smell")),
    (r"encoders\[0\]\.width must be a whole number from 1 up", lambda t: t["encoders"][0].update(width=0)),
    (
        r"encoders\[0\]\.outputs must be a list of \[name, width\]",
        lambda t: t["encoders"][0].update(outputs=[["a"]]),
    ),
    (
        r"encoders\[1\]\.files must be the file of the role 'encoder'",
        lambda t: t["encoders"][1].update(linked={}),
    ),
    (r"encoders must be different names", lambda t: t["encoders"][1].update(name="tiny")),
    (r"encoders must be files listed in 'files'", lambda t: t.update(files={})),
    (r"blocks must be outputs of the encoders above", lambda t: t["blocks"][0].update(output="none")),
    (r"blocks must be the kinds encoder and raw", lambda t: t["blocks"][0].update(kind="magic")),
    (r"blocks must be at least one block", lambda t: t.update(blocks=[])),
    (r"sha256 must be 64 hexadecimal digits", lambda t: t["files"]["encoder.onnx"].update(sha256="x")),
    (r"bytes must be a whole number", lambda t: t["files"]["encoder.onnx"].update(bytes=-1)),
    (r"bytes must be a whole number", lambda t: t["files"]["encoder.onnx"].update(bytes=1e99)),
    (r"libraries must be an object", lambda t: t.update(libraries={"numpy": 2})),
    (r"data must be an object", lambda t: t.update(data=[])),
]


@pytest.mark.parametrize(("message", "damage"), WRONG, ids=[message[:40] for message, _ in WRONG])
def test_a_wrong_field_is_named(message: str, damage: Callable[[dict[str, Any]], Any]):
    wrong = table()
    damage(wrong)
    with pytest.raises(CorruptBundleError, match=rf"m/manifest\.json: .*{message}"):
        read(wrong)


@pytest.mark.parametrize(
    "name",
    ["../outside", "/etc/passwd", "a/b", "a\\b", "", ".", "..", ".hidden", "a\0b", "C:x", "x" * 200, "a\n"],
)
def test_a_file_name_may_not_leave_the_folder(name: str):
    wrong = table()
    wrong["files"][name] = {"sha256": HASH, "bytes": 1}
    with pytest.raises(CorruptBundleError, match="plain file names without folders"):
        read(wrong)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"format_version": 1, "x": NaN}', "NaN is not allowed"),
        (b'{"a": 1, "a": 2}', "the key 'a' stands twice"),
        (b"[1]", "one JSON object, found list"),
        (b"\xff\xfe", "must be JSON"),
        (b"[" * 100_000, "must be JSON"),
        (b"", "must be JSON"),
    ],
)
def test_what_is_no_json_object_is_refused(content: bytes, message: str):
    with pytest.raises(CorruptBundleError, match=message):
        parse(content, "m/manifest.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from(sorted(v1.write(manifest()))))
def test_any_value_in_any_field_gives_a_manifest_or_our_error(value: Any, key: str):
    changed = table() | {key: value}
    try:
        read(changed)
    except (CorruptBundleError, BundleVersionError):
        pass
