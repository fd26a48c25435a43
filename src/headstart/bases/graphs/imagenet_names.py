"""Names of the 1,000 ImageNet classes as a person would say them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from headstart.errors import CorruptBaseError

CLASSES = 1000


def read_names(synsets: Path, clear: Path, rename: Mapping[str, str]) -> list[str]:
    """Return one name per class, all different.

    Parameters
    ----------
    synsets
        JSON object: class number to the WordNet synonyms, parted by commas. The first is the name.
    clear
        JSON list of unambiguous names, used where two classes share their first synonym (two "cranes").
    rename
        Names to say otherwise.

    Raises
    ------
    CorruptBaseError
        When the files do not hold 1,000 names.
    """
    try:
        table = json.loads(synsets.read_text(encoding="utf-8"))
        first = [table[str(number)].split(",")[0].strip() for number in range(CLASSES)]
        plain = [str(name).split(",")[0].strip() for name in json.loads(clear.read_text(encoding="utf-8"))]
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise CorruptBaseError(
            f"{synsets.name} holds no names of ImageNet classes.", "Mend the card."
        ) from error
    if len(plain) != CLASSES:
        raise CorruptBaseError(
            f"{clear.name} holds {len(plain)} names instead of {CLASSES}.", "Mend the card."
        )
    shared = Counter(first)
    return [
        rename.get(name, name) if shared[name] == 1 else plain[number] for number, name in enumerate(first)
    ]
