"""Learn what is kept of a column: its encoder as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headstart.data.mixed.roles import CATEGORY, DATE, NUMBER, TEXT
from headstart.encoders.columns import categories, dates, numbers
from headstart.encoders.columns.column import WORDS, ColumnEncoder
from headstart.encoders.encoder import EMBEDDING
from headstart.encoders.raw_text import COLUMNS
from headstart.row import TABLE
from headstart.types import EncoderSpec

if TYPE_CHECKING:
    from types import ModuleType

_SIMPLE: Mapping[str, ModuleType] = {NUMBER: numbers, CATEGORY: categories, DATE: dates}


def simple_column(name: str, role: str, cells: Sequence[Any], columns: Mapping[str, str]) -> EncoderSpec:
    """Return the encoder of a column of numbers, categories or dates, fitted on the training rows.

    Parameters
    ----------
    columns
        All columns of the model with their roles.
    """
    part = _SIMPLE[role]
    fitted = part.fit(cells)
    recipe = {"column": name, "role": role, "columns": dict(columns), "fitted": fitted}
    return _spec(name, int(part.width_of(fitted)), recipe)


def words_of(name: str, columns: Mapping[str, str]) -> EncoderSpec:
    """Return the encoder that counts the words of a text column."""
    recipe = {"column": name, "role": WORDS, "columns": dict(columns)}
    return _spec(f"{name} {WORDS}", COLUMNS, recipe)


def media_column(
    name: str, role: str, base: EncoderSpec, columns: Mapping[str, str], *, several: bool = False
) -> EncoderSpec:
    """Return the encoder of a column of photos, sounds or texts, which a base makes of its cells.

    Parameters
    ----------
    several
        Whether the column has encoders with other bases too: then it is named after its base as well.
    """
    recipe = {
        "column": name,
        "role": role,
        "columns": dict(columns),
        "base": {
            "name": base.name,
            "modality": str(base.modality),
            "fingerprint": base.fingerprint,
            "width": base.width,
            "outputs": dict(base.outputs),
            "recipe": dict(base.recipe),
        },
    }
    return _spec(f"{name} ({base.name})" if several else name, base.width + 1, recipe, base)


def is_words(spec: EncoderSpec) -> bool:
    """Tell the encoder that counts the words of a text column from the one of its meaning."""
    return spec.recipe.get("role") == WORDS


def role_of(spec: EncoderSpec) -> str:
    """Return the role of the column that an encoder reads."""
    return TEXT if is_words(spec) else str(spec.recipe["role"])


def _spec(name: str, width: int, recipe: Mapping[str, Any], base: EncoderSpec | None = None) -> EncoderSpec:
    plain = json.dumps([ColumnEncoder.pipeline, recipe], sort_keys=True, default=str)
    return EncoderSpec(
        name=name,
        modality=TABLE,
        fingerprint=hashlib.sha256(plain.encode()).hexdigest(),
        width=width,
        outputs={EMBEDDING: width},
        recipe=recipe,
        files={} if base is None else base.files,
    )
