"""Reads what the makers of a model put beside its weights, and writes the card that says the same.

The layouts are those in which timm and transformers publish models: ``config.json``, ``model.safetensors``,
and what belongs to it. Read as data; nothing in such a folder is run.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from headstart.errors import ParameterError
from headstart.files import sha256_of
from headstart.types import Modality

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
BESIDE = (
    "README.md",
    "preprocessor_config.json",
    "tokenizer_config.json",
    "sentence_bert_config.json",
    "modules.json",
    "1_Pooling/config.json",
)
"""What else is read where it is there."""
SECONDS = 10
_LARGEST_HEADER = 100_000_000  # bytes; what safetensors itself allows
_UNSAID = "not said by its makers"
_PICKLED = ("pytorch_model.bin", "model.pt", "model.pth", "tf_model.h5", "flax_model.msgpack")

Width = Callable[[Mapping[str, Any]], int]


class Folder:
    """A folder in a hub's layout.

    Parameters
    ----------
    path
        Where the files are.
    label
        What the person called it.
    """

    def __init__(self, path: Path, label: str) -> None:
        self.path, self.label = path, label

    def table(self, name: str) -> dict[str, Any]:
        """Read a JSON table; empty where there is no such file.

        Raises
        ------
        ParameterError
            When the file is no JSON.
        """
        file = self.path / name
        if not file.is_file():
            return {}
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ParameterError(f"{file} cannot be read: {error}.", "Fetch the model again.") from error
        return content if isinstance(content, dict) else {"list": content}

    def refuse(self, reason: str, mend: str | None) -> ParameterError:
        """Return the error that says why this cannot become a base."""
        return ParameterError(f"{self.label} cannot become a base: {reason}.", mend)


def card_of(folder: Folder, name: str, place: Mapping[str, Any], width_of_timm: Width) -> dict[str, Any]:
    """Return the card of the model in a folder, as a table.

    Parameters
    ----------
    name
        What the base is to be called.
    place
        The card's source without members: ``kind`` with ``folder``, or ``repo`` and ``revision``.
    width_of_timm
        Asks timm how long an embedding is: its configs do not say.

    Raises
    ------
    ParameterError
        Naming what is missing or cannot be used.
    """
    config = folder.table(CONFIG)
    if not config:
        raise folder.refuse(f"it has no {CONFIG}", "Name a folder as timm or transformers write it.")
    if "architecture" in config:
        facts = _picture(folder, config, width_of_timm)
    elif (folder.path / "preprocessor_config.json").is_file() and _rate(folder):
        facts = _sound(folder, config)
    elif "image_mean" in folder.table("preprocessor_config.json") or "image_size" in config:
        raise folder.refuse(
            f"{config.get('model_type')} is a picture model of transformers, and pictures are read with timm",
            "Take the same model from timm, or write a card for an ONNX export of it: docs/bases.md",
        )
    elif config.get("model_type"):
        facts = _text(folder, config)
    else:
        raise folder.refuse(
            f"its {CONFIG} names neither an architecture of timm nor a model_type of transformers",
            "For an ONNX export write a card: docs/bases.md",
        )
    members = {"weights": WEIGHTS, "config": CONFIG}
    if facts["modality"] == Modality.TEXT:
        members["tokenizer"] = TOKENIZER
    source = {**place, "members": {role: _member(folder, file, place) for role, file in members.items()}}
    readme = _front_matter(folder)
    return {
        "name": name,
        "title": place.get("repo") or folder.path.name,
        "trained_on": readme.get("datasets", _UNSAID),
        "domain": readme.get("pipeline_tag", _UNSAID),
        "licence": readme.get("license", _UNSAID),
        "language": readme.get("language", ""),
        "upstream": f"https://huggingface.co/{place['repo']}" if "repo" in place else "",
        "download_bytes": sum(member.get("bytes", 0) for member in source["members"].values()),
        "parameters": _weight_count(folder.path / WEIGHTS),
        "verified": False,
        "rank": 50,
        **facts,
        "source": [source],
    }


def name_of(label: str) -> str:
    """Make a base's name of a folder's or a repository's."""
    plain = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:64].strip("_")
    return plain if plain[:1].isalpha() else f"base_{plain}"[:64]


def _member(folder: Folder, file: str, place: Mapping[str, Any]) -> dict[str, Any]:
    path = folder.path / file
    if place["kind"] == "hf":  # the first fetch records the hash
        return {"path": file}
    if not path.is_file():
        pickled = [name for name in _PICKLED if (folder.path / name).is_file()]
        sharded = (folder.path / (WEIGHTS + ".index.json")).is_file()
        why = f"; {pickled[0]} is not read: such files can hold code" if pickled and file == WEIGHTS else ""
        why = "; weights in several files are not read" if sharded and file == WEIGHTS else why
        mend = "Save it again as one file of safetensors." if file == WEIGHTS else f"It needs a {file}."
        raise folder.refuse(f"it has no {file}{why}", mend)
    return {"path": file, "sha256": sha256_of(path), "bytes": path.stat().st_size}


def _weight_count(path: Path) -> int:
    """Add up the sizes that stand at the beginning of a file of safetensors; 0 where there is none yet."""
    if not path.is_file():
        return 0
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            table = json.loads(stream.read(min(length, _LARGEST_HEADER)))
        shapes = [entry["shape"] for name, entry in table.items() if name != "__metadata__"]
        return sum(math.prod(shape) for shape in shapes)
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0  # whoever reads the weights says what is wrong with them


def _picture(folder: Folder, config: Mapping[str, Any], width_of_timm: Width) -> dict[str, Any]:
    pretrained = {**config, **(config.get("pretrained_cfg") or {})}
    shape = pretrained.get("input_size") or (3, 224, 224)
    if len(shape) != 3 or shape[0] != 3 or shape[1] != shape[2]:
        raise folder.refuse(f"it takes pictures of {shape}, not three colours in a square", None)
    interpolation = str(pretrained.get("interpolation") or "bicubic")
    notes = []
    if pretrained.get("crop_mode", "center") != "center":
        notes.append("Its makers squash or frame pictures; here the centre is cut out.")
    width = width_of_timm(config)
    return {
        "modality": Modality.IMAGE,
        "builder": "timm",
        "width": width,
        "notes": notes,
        "recipe": {
            "size": int(shape[1]),
            "crop": float(pretrained.get("crop_pct") or 0.875),
            "interpolation": interpolation if interpolation in _FILTERS else "bicubic",
        },
        "outputs": {"embedding": width},
        "options": {key: [float(x) for x in pretrained.get(key) or _COLOURS[key]] for key in _COLOURS},
    }


_FILTERS = ("nearest", "bilinear", "bicubic", "lanczos")
_COLOURS = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}  # timm's own where it says none


def _text(folder: Folder, config: Mapping[str, Any]) -> dict[str, Any]:
    if config.get("is_encoder_decoder"):
        raise folder.refuse(
            f"{config['model_type']} reads and writes texts, and here an encoder is needed",
            "Take one of the kind of bert, distilbert, roberta or mpnet.",
        )
    width = _width(folder, config)
    pooling, unit = _pooling(folder)
    return {
        "modality": Modality.TEXT,
        "builder": "transformers_text",
        "width": width,
        "recipe": {
            "max_tokens": _most_tokens(folder, config),
            "pad_id": int(config.get("pad_token_id") or 0),
        },
        "outputs": {"embedding": width},
        "options": {"pooling": pooling, "unit_length": unit},
    }


def _pooling(folder: Folder) -> tuple[str, bool]:
    """Read how sentence-transformers makes one vector; where it does not say, the mean, at its own length."""
    says = folder.table("1_Pooling/config.json")
    chosen = [key for key, value in says.items() if key.startswith("pooling_mode_") and value is True]
    known = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "first"}
    if chosen and (len(chosen) > 1 or chosen[0] not in known):
        raise folder.refuse(
            f"it pools by {', '.join(chosen)}, and only the mean and the first token are known here", None
        )
    steps = folder.table("modules.json").get("list", [])
    unit = any(str(step.get("type", "")).endswith("Normalize") for step in steps if isinstance(step, dict))
    return (known[chosen[0]] if chosen else "mean"), unit


def _most_tokens(folder: Folder, config: Mapping[str, Any]) -> int:
    """Return the least of what the places, the tokenizer and the sentence encoder allow."""
    limits = [512]
    places = config.get("max_position_embeddings")
    if isinstance(places, int) and places > 0:
        # these count places from the padding's number on
        shifted = str(config.get("model_type")) in _SHIFTED
        limits.append(places - (int(config.get("pad_token_id") or 0) + 1 if shifted else 0))
    for file, key in (
        ("tokenizer_config.json", "model_max_length"),
        ("sentence_bert_config.json", "max_seq_length"),
    ):
        value = folder.table(file).get(key)
        if isinstance(value, int | float) and 0 < value < math.inf:
            limits.append(int(min(value, 10**9)))
    return max(8, min(limits))


_SHIFTED = (
    "roberta",
    "xlm-roberta",
    "camembert",
    "mpnet",
    "xlm-roberta-xl",
    "roberta-prelayernorm",
    "data2vec-text",
)


def _sound(folder: Folder, config: Mapping[str, Any]) -> dict[str, Any]:
    says = folder.table("preprocessor_config.json")
    rate = _rate(folder)
    width = _width(folder, config)
    recipe: dict[str, Any] = {
        "rate": rate,
        "min_samples": rate // 2,
        "window_samples": SECONDS * rate,
        "hop_samples": SECONDS * rate,
        "multiple": math.prod(config.get("conv_stride") or [320]),
        "combine": "mean",
    }
    if config.get("model_type") == "whisper":
        if int(config.get("num_mel_bins", 80)) != 80:
            raise folder.refuse("it hears in 128 bands, and only whisper models of 80 are known here", None)
        recipe |= {"min_samples": rate // 10, "multiple": 320}
        return {
            "modality": Modality.AUDIO, "builder": "whisper_hub", "width": 2 * width, "recipe": recipe,
            "outputs": {"embedding": 2 * width},
        }  # fmt: skip
    if "conv_stride" not in config:
        raise folder.refuse(
            f"{config.get('model_type')} does not take a wave, and of those that take a spectrogram only "
            "whisper is known here",
            "For an ONNX export of it write a card: docs/bases.md",
        )
    return {
        "modality": Modality.AUDIO,
        "builder": "transformers_audio",
        "width": width,
        "recipe": recipe,
        "outputs": {"embedding": width},
        "options": {"front_end": "unit_wave" if says.get("do_normalize", True) else "wave"},
    }


def _rate(folder: Folder) -> int:
    value = folder.table("preprocessor_config.json").get("sampling_rate")
    return value if isinstance(value, int) and value > 0 else 0


def _width(folder: Folder, config: Mapping[str, Any]) -> int:
    for key in ("hidden_size", "dim", "d_model", "n_embd"):
        if isinstance(config.get(key), int):
            return int(config[key])
    raise folder.refuse(f"its {CONFIG} does not say how wide it is (hidden_size, dim, d_model)", None)


def _front_matter(folder: Folder) -> dict[str, str]:
    """Read the plain lines at the top of a README, such as ``license: mit``."""
    path = folder.path / "README.md"
    if not path.is_file():
        return {}
    fields: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    key = ""
    for line in lines[1:200] if lines[:1] == ["---"] else []:
        if line.strip() == "---":
            break
        pair = re.fullmatch(r"(\w+):\s*(.*)", line)
        item = re.fullmatch(r"\s*-\s+(\S.*)", line)
        if pair:
            key, value = pair[1], pair[2].strip().strip("'\"")
            if value:
                fields[key] = value
        elif item and key:
            fields[key] = ", ".join(filter(None, (fields.get(key, ""), item[1].strip())))
    return fields
