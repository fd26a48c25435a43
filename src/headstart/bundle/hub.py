"""Saved models on the Hugging Face Hub: a model is a repository that holds the files of its folder.

Fetching pins one commit, looks at the manifest first, asks for the files that it lists and for no others, and
refuses other sizes than those of the manifest before it downloads. Loading then checks every byte.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from headstart import settings
from headstart._optional import require
from headstart.bundle.manifest import MANIFEST, MAX_MANIFEST_BYTES, SEAL, Manifest
from headstart.bundle.parsing import parse
from headstart.bundle.save import save
from headstart.bundle.verify import MAX_HEAD_BYTES, read_manifest_bytes
from headstart.errors import BundleError, CorruptBundleError, HeadstartError, ParameterError

if TYPE_CHECKING:
    from headstart.model import Model

_PART = r"[A-Za-z0-9][\w.-]{0,95}"
_ID = re.compile(rf"({_PART}/{_PART})(?:@([\w./-]{{1,100}}))?")
_OLD = ["manifest.*", "*.safetensors", "encoder*.onnx", "tokenizer*.json"]
"""What an older model of ours may have left in a repository."""


def parse_id(text: str) -> tuple[str, str | None] | None:
    """Split ``org/name`` or ``org/name@revision``; None where it is neither."""
    match = _ID.fullmatch(text)
    return None if match is None else (match[1], match[2])


def fetch(repo: str, revision: str | None = None) -> Path:
    """Return the folder of a model, downloaded to the Hub library's own cache where it is not there yet.

    Parameters
    ----------
    repo
        ``org/name``.
    revision
        A commit, branch or tag; the main branch where None.

    Raises
    ------
    MissingExtraError
        When huggingface_hub is not installed.
    BundleError
        When it is not to be had, or is not a model; names the reason.
    """
    hub = require("huggingface_hub", "hub", "load a model from the Hugging Face Hub")
    offline = settings.current().offline
    try:
        if offline:
            return _collect(hub, repo, revision, None)
        info = hub.HfApi().repo_info(repo, revision=revision, files_metadata=True)
        sizes = {entry.rfilename: entry.size for entry in info.siblings or ()}
        return _collect(hub, repo, str(info.sha), sizes)
    except HeadstartError:
        raise
    except Exception as error:  # the library raises its own kinds and those of the network below it
        raise _unreachable(repo, revision, error, offline=offline) from error


def push(model: Model, repo: str, *, private: bool = True, token: str | None = None) -> str:
    """Save a model to a repository; see `Model.push_to_hub`."""
    if _ID.fullmatch(repo) is None or "@" in repo:
        raise ParameterError(
            f"A model on the Hub is named org/name, got {repo!r}.", "Use your user name or organisation."
        )
    hub = require("huggingface_hub", "hub", "save a model to the Hugging Face Hub")
    if settings.current().offline:
        raise BundleError(
            f"{repo} cannot be uploaded: HEADSTART_OFFLINE forbids the network.", "Unset it for this once."
        )
    with tempfile.TemporaryDirectory(prefix="headstart-") as spare:
        folder = save(model, Path(spare) / repo.split("/")[1])
        try:
            api = hub.HfApi(token=token)
            api.create_repo(repo, private=private, exist_ok=True)
            commit = api.upload_folder(
                repo_id=repo,
                folder_path=folder,
                commit_message="Save a headstart model",
                allow_patterns=sorted(path.name for path in folder.iterdir()),
                delete_patterns=_OLD,
            )
        except Exception as error:
            raise BundleError(
                f"{repo} could not be uploaded: {_first_line(error)}.",
                "Log in with `hf auth login`, or give a token that may write there.",
            ) from error
    return f"{repo}@{commit.oid}"


def _collect(hub: ModuleType, repo: str, revision: str | None, sizes: dict[str, Any] | None) -> Path:
    """Fetch manifest and seal, then the files that the manifest lists; `sizes` is None without a network."""

    def get(name: str, limit: int, exact: int | None = None) -> Path:
        if sizes is not None:
            _check_size(repo, name, sizes.get(name), limit, exact)
        return Path(hub.hf_hub_download(repo, name, revision=revision, local_files_only=sizes is None))

    folder = get(MANIFEST, MAX_MANIFEST_BYTES).parent
    get(SEAL, 1000)
    manifest: Manifest = parse(read_manifest_bytes(folder), f"{repo}: {MANIFEST}")
    for name, entry in manifest.files.items():
        get(name, MAX_HEAD_BYTES, entry.bytes)
    return folder


def _check_size(repo: str, name: str, size: int | None, limit: int, exact: int | None) -> None:
    if size is None:
        raise CorruptBundleError(
            f"{repo} on the Hub holds no {name}.", "It is not a headstart model, or was not uploaded whole."
        )
    if size > limit or (exact is not None and size != exact):
        due = f"{exact:,}" if exact is not None else f"at most {limit:,}"
        raise CorruptBundleError(
            f"{repo}: {name} must have {due} bytes, the Hub offers {size:,}.",
            "Do not use this model: get it again from whoever made it.",
        )


def _unreachable(repo: str, revision: str | None, error: Exception, *, offline: bool) -> BundleError:
    at = f" at {revision}" if revision else ""
    if offline:
        return BundleError(
            f"{repo}{at} is not on this machine, and HEADSTART_OFFLINE forbids the network.",
            "Load it once with the network, or give the folder of a saved model.",
        )
    return BundleError(
        f"{repo}{at} could not be fetched from the Hub: {_first_line(error)}.",
        "Check the name, the network, and whether it is private (then log in with `hf auth login`). "
        "For a model on this machine give its folder.",
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:200]
