"""Take a model away: as one file that runs anywhere, or as a web page."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.app import projects
from headstart.app.faults import NoModelError
from headstart.app.library import ASSISTANT, nothing_read
from headstart.app.names import new_id
from headstart.app.workspace import MODEL, remove_tree
from headstart.errors import StorageError

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

_PRIVATE = frozenset({"source.json", "unanswered.jsonl"})
_STORED = {".onnx", ".safetensors"}


def pack_model(workspace: Workspace, project: str) -> tuple[Path, str]:
    """Write the model of a project as a ZIP file; return where it is, and what to call it.

    The archive holds one folder, which `headstart predict` takes when it is unpacked.

    Raises
    ------
    NoModelError
        When there is no model.
    BundleError
        When it is damaged.
    StorageError
        When there is no room.
    """
    home = projects.home(workspace, project)
    model = home / MODEL
    if not (model / "manifest.json").is_file():
        raise NoModelError
    from headstart.bundle.load import load  # it brings NumPy, which the first screen does without

    load(model)  # every file is checked, so that nobody takes a damaged model away
    name = f"{home.name}-model"
    return _packed(workspace, model, name), name


def pack_page(workspace: Workspace, project: str) -> tuple[Path, str]:
    """Write the model of a project as a web page, as a ZIP file; return where it is, and what to call it.

    Raises
    ------
    NoModelError
        When there is no model.
    ExportError
        When the runtime for browsers is not to be had, or the page would give other answers than the model.
    """
    from headstart.workflows import export

    home = projects.home(workspace, project)
    model = home / MODEL
    if not (model / "manifest.json").is_file():
        raise NoModelError
    folder = workspace.incoming / new_id()
    try:
        export(model, "web", output=folder)
        name = f"{home.name}-page"
        return _packed(workspace, folder, name), name
    finally:
        remove_tree(folder)


def pack_assistant(workspace: Workspace, project: str) -> tuple[Path, str]:
    """Write the assistant of a project as a ZIP file; return where it is, and what to call it.

    What people asked stays here, and so does the address of the documents on this machine.

    Raises
    ------
    NotFoundError
        When no document was read yet.
    BundleError
        When it is damaged.
    """
    home = projects.home(workspace, project)
    folder = home / ASSISTANT
    if not folder.is_dir():
        raise nothing_read()
    from headstart.assistant.store import read

    read(folder)  # every file is checked
    name = f"{home.name}-assistant"
    return _packed(workspace, folder, name, without=_PRIVATE), name


def _packed(workspace: Workspace, folder: Path, name: str, without: frozenset[str] = frozenset()) -> Path:
    """Write a folder as one ZIP file that holds a folder called `name`; files `without` are left out."""
    target = workspace.incoming / f"{new_id()}.zip"
    try:
        with zipfile.ZipFile(target, "x") as archive:
            for path in sorted(p for p in folder.rglob("*") if _is_shared(p, without)):
                # Weights hardly shrink; texts do.
                how = zipfile.ZIP_STORED if path.suffix in _STORED else zipfile.ZIP_DEFLATED
                archive.write(path, f"{name}/{path.relative_to(folder).as_posix()}", how)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise StorageError(
            f"The model could not be packed: {error.strerror}.", "Free some space and try again."
        ) from error
    return target


def _is_shared(path: Path, without: frozenset[str]) -> bool:
    return path.is_file() and not path.name.startswith(".") and path.name not in without
