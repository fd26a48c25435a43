"""Errors of the web app: requests that cannot be answered, each with its HTTP status and its code."""

from __future__ import annotations

from typing import Any

from headstart.environment import environment_error
from headstart.errors import HeadstartError, Refused


class NotFoundError(Refused):
    """There is no project, class, example or job of that id."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(404, "not_found", message, hint)


class ExistsError(Refused):
    """There is one of that name already.

    Parameters
    ----------
    class_id
        The one that is there.
    """

    def __init__(self, message: str, hint: str | None = None, class_id: str | None = None) -> None:
        super().__init__(409, "exists", message, hint)
        self.class_id = class_id

    def to_dict(self) -> dict[str, str | None]:
        """Return the three fields of every error, and ``class_id``."""
        return {**super().to_dict(), "class_id": self.class_id}


class BusyError(Refused):
    """Somebody else is changing the same thing."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(409, "busy", message, hint, retry_after=1)


class NothingToUndoError(Refused):
    """The history has no further step in that direction."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(409, "nothing_to_undo", message, hint)


class NoModelError(Refused):
    """The project has no trained model yet."""

    def __init__(self) -> None:
        super().__init__(409, "no_model", "This project has no model yet.", "Train it first.")


class TooLargeError(Refused):
    """What was sent is larger than is taken."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(413, "too_large", message, hint)


class BadRequestError(Refused):
    """What was sent is not what was expected."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(422, "parameter", message, hint)


def told(error: Exception) -> dict[str, Any]:
    """Return ``{code, message, hint}`` of any error; of a fault of ours, its kind alone."""
    if isinstance(error, HeadstartError):
        return error.to_dict()
    environment = environment_error(error)
    if environment is not None:
        return environment.to_dict()
    return {
        "code": "internal",
        "message": f"This is a fault in headstart, not yours ({type(error).__name__}).",
        "hint": "Try it again; what was saved is safe. The window in which the app was started tells more.",
    }
