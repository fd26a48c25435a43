"""The assistant on disk: a folder of plain files, written whole or not at all, checked when it is read.

======================  ==========================================================================
``assistant.json``      what it is: base, settings, what was measured, and every file's hash
``assistant.sha256``    the hash of that, in the layout that ``sha256sum -c`` reads
``documents.json``      the documents, each with the hash of the version that was read
``passages.jsonl``      the passages, one a line
``vocabulary.json``     the words of the index
``index.safetensors``   vectors and postings: plain arrays
``encoder.onnx``        the base model's graph, and ``tokenizer.json``
``README.md``           what it is, and how it is asked
======================  ==========================================================================

Beside them stand the person's own files, which saving leaves alone: ``feedback.jsonl``, ``unanswered.jsonl``
(see `journal`), and ``source.json``, which says where the documents lie.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart._version import __version__
from headstart.assistant.content import Content, Facts, known_from
from headstart.assistant.index import Index, Vectors
from headstart.assistant.journal import Journal
from headstart.assistant.passages import passage_of
from headstart.assistant.postings import Postings
from headstart.bundle.manifest import FileEntry, parse_json, to_bytes
from headstart.bundle.swap import find_folder, replacing
from headstart.bundle.verify import ASSISTANT, check_file, read_capped, read_checked
from headstart.encoders.open import open_encoder
from headstart.errors import BundleError, BundleVersionError, CorruptBundleError, ParameterError
from headstart.files import flush, sha256_of, storage_errors, write_whole
from headstart.types import EncoderSpec, Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.assistant.answering import Answering
    from headstart.encoders.encoder import Encoder

FORMAT = 1
MANIFEST, SEAL, SOURCE = ASSISTANT, "assistant.sha256", "source.json"
DOCUMENTS, PASSAGES, VOCABULARY, INDEX = (
    "documents.json",
    "passages.jsonl",
    "vocabulary.json",
    "index.safetensors",
)
_ROLES = {"encoder": "encoder.onnx", "tokenizer": "tokenizer.json"}
OURS = frozenset({MANIFEST, SEAL, DOCUMENTS, PASSAGES, VOCABULARY, INDEX, "README.md", *_ROLES.values()})
_MOST_BYTES = 64 << 20
_MEND = "The assistant is damaged: copy it again from where it came, or build it anew."


def is_assistant(path: str | Path) -> bool:
    """Return whether a folder holds an assistant."""
    return (find_folder(Path(path).expanduser().absolute()) / MANIFEST).is_file()


def check_target(path: str | Path) -> Path:
    """Return the absolute folder that an assistant can be saved in as `path`; nothing is written.

    Raises
    ------
    ParameterError
        When something other than an assistant is there already.
    """
    target = Path(os.path.realpath(Path(path).expanduser()))
    mend = "Choose another name for the assistant, or move that away first."
    if target.exists() and not target.is_dir():
        raise ParameterError(f"{target} is a file; an assistant is saved as a folder.", mend)
    found = sorted(entry.name for entry in target.iterdir()) if target.is_dir() else []
    if found and MANIFEST not in found:
        shown = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
        raise ParameterError(
            f"{target} is a folder that holds other things than an assistant ({shown}); it is left alone.",
            mend,
        )
    return target


def save(assistant: Answering, path: str | Path) -> Path:
    """Save an assistant to the folder `path`; see `Assistant.save`."""
    target = check_target(path)
    facts = assistant.facts if target.exists() else replace(assistant.facts, name=target.name)
    with storage_errors(target), replacing(target, OURS.__contains__) as folder:
        files = _write_content(folder, assistant.read)
        for role, source in assistant.encoder.spec.files.items():
            shutil.copyfile(source, folder / _ROLES[role])
            flush(folder / _ROLES[role])
            files[_ROLES[role]] = _entry(folder / _ROLES[role])
        files["README.md"] = _write(folder / "README.md", _readme(assistant, facts).encode(errors="replace"))
        manifest = to_bytes(_manifest(assistant, facts, files))
        seal = hashlib.sha256(manifest).hexdigest()
        _write(folder / MANIFEST, manifest)
        _write(folder / SEAL, f"{seal}  {MANIFEST}\n".encode())
    assistant.facts, assistant.journal = facts, assistant.journal.moved_to(target)
    if assistant.source is not None:
        told = {"documents": str(assistant.source)}
        write_whole(target / SOURCE, (json.dumps(told, ensure_ascii=False) + "\n").encode(errors="replace"))
    return target


@dataclass(frozen=True)
class Stored:
    """What stands in an assistant's folder; the fields are those that `Answering` takes."""

    content: Content
    encoder: Encoder
    facts: Facts
    journal: Journal
    source: Path | None


def read(path: str | Path) -> Stored:
    """Read what is saved in the folder `path`.

    Raises
    ------
    BundleError
        When it is none, a file of it is damaged, or a newer headstart wrote it.
    """
    folder = find_folder(Path(path).expanduser().absolute())
    manifest = read_manifest(folder)
    try:
        files = {name: FileEntry(**entry) for name, entry in manifest["files"].items()}
        spec = _spec(folder, manifest["base"])
        for role in spec.files:
            check_file(spec.files[role], files[_ROLES[role]], is_graph=role == "encoder")
        content = _read_content(folder, files, frozenset(manifest["restricted"]))
        facts = _facts(manifest)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise CorruptBundleError(
            f"{folder} does not hold what {MANIFEST} says: {type(error).__name__} {error}.", _MEND
        ) from error
    return Stored(content, open_encoder(spec), facts, Journal(folder), _source(folder))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what an assistant says about itself; its other files are not read.

    Raises
    ------
    BundleError
        As `read` does.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise BundleError(
            f"There is no assistant at {folder}: it holds no {MANIFEST}.",
            "Give the folder that `headstart assist build -o` made.",
        )
    content = read_capped(path, _MOST_BYTES)
    manifest = parse_json(content, str(path))
    version = manifest.get("assistant_format")
    if not isinstance(version, int) or version < 1:
        raise CorruptBundleError(f"{path}: assistant_format must be 1, found {version!r}.", _MEND)
    if version > FORMAT:
        raise BundleVersionError(
            f"{path} has format {version}; this is headstart {__version__}, which reads up to {FORMAT}.",
            "Upgrade with: pip install --upgrade headstart",
        )
    sealed = (folder / SEAL).read_bytes()[:1000] if (folder / SEAL).is_file() else b""
    if sealed.split()[:1] != [hashlib.sha256(content).hexdigest().encode()]:
        raise CorruptBundleError(f"{path} is not the file that was saved: {SEAL} says another hash.", _MEND)
    return manifest


def _manifest(assistant: Answering, facts: Facts, files: Mapping[str, FileEntry]) -> dict[str, Any]:
    spec = assistant.encoder.spec
    return {
        "assistant_format": FORMAT,
        "headstart": __version__,
        **asdict(facts),
        "restricted": sorted(assistant.read.restricted),
        "base": {
            "name": spec.name,
            "fingerprint": spec.fingerprint,
            "width": spec.width,
            "outputs": dict(spec.outputs),
            "recipe": dict(spec.recipe),
            "files": sorted(spec.files),
            "card": dict(facts.base),
        },
        "files": {name: asdict(entry) for name, entry in files.items()},
    }


def _facts(manifest: Mapping[str, Any]) -> Facts:
    return Facts(
        name=str(manifest["name"]),
        created=str(manifest["created"]),
        language=str(manifest["language"]),
        notes=tuple(manifest["notes"]),
        problems=tuple((str(name), str(reason)) for name, reason in manifest["problems"]),
        base=manifest["base"]["card"],
    )


def _spec(folder: Path, told: Mapping[str, Any]) -> EncoderSpec:
    return EncoderSpec(
        name=told["name"],
        modality=Modality.TEXT,
        fingerprint=told["fingerprint"],
        width=told["width"],
        outputs=told["outputs"],
        recipe=told["recipe"],
        files={role: folder / _ROLES[role] for role in told["files"]},
    )


def _write_content(folder: Path, content: Content) -> dict[str, FileEntry]:
    from safetensors.numpy import save as to_safetensors

    vectors, postings = content.index.vectors, content.index.postings
    arrays = {
        "whole": vectors.whole,
        "parts": vectors.parts,
        "part_starts": vectors.starts,
        **postings.arrays(),
    }
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    lines = "".join(json.dumps(p.to_dict(), ensure_ascii=False) + "\n" for p in content.passages)
    documents = [asdict(document) for document in content.documents]
    return {
        DOCUMENTS: _write(folder / DOCUMENTS, _json(documents)),
        PASSAGES: _write(folder / PASSAGES, lines.encode("utf-8", errors="backslashreplace")),
        VOCABULARY: _write(folder / VOCABULARY, _json(postings.vocabulary)),
        INDEX: _write(folder / INDEX, bytes(to_safetensors(plain))),
    }


def _read_content(folder: Path, files: Mapping[str, FileEntry], restricted: frozenset[str]) -> Content:
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_safetensors

    lines = read_checked(folder / PASSAGES, files[PASSAGES]).decode().split("\n")
    vocabulary = json.loads(read_checked(folder / VOCABULARY, files[VOCABULARY]))
    documents = json.loads(read_checked(folder / DOCUMENTS, files[DOCUMENTS]))
    try:
        arrays = dict(from_safetensors(read_checked(folder / INDEX, files[INDEX])))
    except SafetensorError as error:
        raise CorruptBundleError(f"{folder / INDEX} must hold arrays: {error}.", _MEND) from error
    passages = [passage_of(json.loads(line)) for line in lines if line]
    index = _index(arrays, tuple(vocabulary))
    if len(index) != len(passages):
        raise CorruptBundleError(
            f"{folder} has {len(passages)} passages, and vectors of {len(index)}.", _MEND
        )
    return Content(tuple(known_from(fields) for fields in documents), passages, index, restricted)


def _index(arrays: Mapping[str, NDArray[Any]], vocabulary: tuple[str, ...]) -> Index:
    vectors = Vectors(arrays["whole"], arrays["parts"], arrays["part_starts"])
    words = arrays["word_starts"], arrays["word_rows"], arrays["word_weights"]
    return Index(vectors, Postings(vocabulary, *words, count=len(vectors.whole)))


def _source(folder: Path) -> Path | None:
    try:
        told = json.loads((folder / SOURCE).read_bytes())["documents"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Path(told) if isinstance(told, str) else None


def _write(path: Path, content: bytes) -> FileEntry:
    path.write_bytes(content)
    flush(path)
    return FileEntry(hashlib.sha256(content).hexdigest(), len(content))


def _entry(path: Path) -> FileEntry:
    return FileEntry(sha256_of(path), path.stat().st_size)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", errors="backslashreplace")


def _readme(assistant: Answering, facts: Facts) -> str:
    notes = "".join(f"- {note}\n" for note in facts.notes)
    return (
        f"# {facts.name}\n\n"
        f"An assistant that answers questions from {len(assistant.documents)} documents "
        f"({len(assistant.read.passages)} passages) by quoting them. Made by headstart {__version__}.\n\n"
        f'    headstart ask {facts.name} "…"\n\n'
        f"The texts of the documents are in `{PASSAGES}`: who may read this folder may read them, restricted "
        f"groups included.\n\n{notes}"
    )
