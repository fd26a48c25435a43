"""Which language to speak."""

from __future__ import annotations

import os
from collections.abc import Mapping

from headstart.errors import ParameterError
from headstart.wording.catalogue import ENGLISH_CODE, catalogue, codes

VARIABLE = "HEADSTART_LANGUAGE"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first of these that is set decides, as for every other program."""


def languages() -> dict[str, str]:
    """Return the code of each language there is with its own name for itself; English first."""
    return {code: str(catalogue(code)["language.name"]) for code in codes()}


def choose_language(wanted: str | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Return the code of the language to speak: the wanted one, that of the settings, or that of the locale.

    Parameters
    ----------
    wanted
        What the person asked for; None where nothing was said.
    environment
        The variables to look at; those of this process by default.

    Raises
    ------
    ParameterError
        When a language was asked for that there is not.
    """
    variables = os.environ if environment is None else environment
    if wanted is not None:
        return _known(wanted, "--language")
    if variables.get(VARIABLE, "").strip():
        return _known(variables[VARIABLE], VARIABLE)
    spoken = next((variables[name] for name in _LOCALE if variables.get(name)), "")
    code = _code(spoken)
    return code if code in codes() else ENGLISH_CODE


def _known(wanted: str, named: str) -> str:
    code = _code(wanted)
    if code in codes():
        return code
    offered = " or ".join(f"{code} ({name})" for code, name in languages().items())
    raise ParameterError(f"{named} must be a language there is, got {wanted!r}.", f"Use {offered}.")


def _code(tag: str) -> str:
    """Return the language of a locale: ``de`` of ``de_AT.UTF-8``."""
    return tag.strip().lower().replace("-", "_").split(".")[0].split("@")[0].split("_")[0]
