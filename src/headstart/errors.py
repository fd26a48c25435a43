"""Every error a person can meet, in one tree.

HeadstartError
├── DataError                the person's examples cannot be used as they are
│   ├── SourceError          one file or text cannot be read (becomes a `Problem`, the run goes on)
│   ├── LayoutError          a folder or table is arranged in a way that has no single meaning
│   └── NotEnoughDataError   too few usable examples or classes are left
├── BaseError                a base model
│   ├── UnknownBaseError     no card of that name
│   ├── BaseUnavailableError it is not on this machine and could not be fetched
│   └── CorruptBaseError     its file is not what the card says
├── BundleError              a saved model
│   ├── CorruptBundleError   a file is missing, changed or malformed
│   ├── BundleVersionError   written by a newer version
│   └── DoubtUnavailableError it was saved without what it takes to doubt
├── ExportError              a model cannot be taken to another form
├── ParameterError           a setting or argument has a value that is not allowed (also a ValueError)
├── NotFittedError           used before `fit` (also a ValueError and AttributeError, as scikit-learn's is)
├── MissingExtraError        an optional part is not installed (also an ImportError)
├── StorageError             the disk is full, read-only or forbidden
├── WorkerLostError          a process that did part of the work ended in the middle of it
├── Refused                  a request over HTTP is not answered (its `kind` and `status` say why)
└── Cancelled                the person pressed Ctrl-C or cancelled the job

A message says what was expected and what was found; the hint says the next step. Surfaces map the tree
once: the command line prints both and exits with `exit_code`, servers send `to_dict()`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from headstart.arguments import in_python


class HeadstartError(Exception):
    """Base of all errors that headstart raises on purpose.

    Parameters
    ----------
    message
        What was expected and what was found, naming the file or value.
    hint
        The next step that mends it. Both name what to ask for as the command line does; see `arguments`.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return both as a Python program shows them; the command line shows the two with its own flags."""
        return in_python(f"{self.message}\n{self.hint}" if self.hint else self.message)

    def __reduce__(self) -> tuple[type[HeadstartError], tuple[str, str | None]]:
        return type(self), (self.message, self.hint)

    def to_dict(self) -> dict[str, str | None]:
        """Return the three fields that every surface shows."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class DataError(HeadstartError):
    """The person's examples cannot be used as they are."""

    code = "data"


class SourceError(DataError):
    """One file or text cannot be read; callers record it as a problem and go on.

    Parameters
    ----------
    message
        The reason in one line, ending with what would mend it: it becomes `Problem.reason`.
    kind
        A stable word for programs: it becomes `Problem.code` (``truncated``, ``not_an_image``, …).
    """

    code = "unreadable"

    def __init__(self, message: str, hint: str | None = None, kind: str = "unreadable") -> None:
        super().__init__(message, hint)
        self.kind = kind

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, str | None, str]]:  # type: ignore[override]
        return type(self), (self.message, self.hint, self.kind)


class LayoutError(DataError):
    """A folder or table is arranged in a way that has no single meaning."""

    code = "layout"


class NotEnoughDataError(DataError):
    """Too few usable examples or classes are left."""

    code = "not_enough_data"


class BaseError(HeadstartError):
    """A base model cannot be used."""

    code = "base"


class UnknownBaseError(BaseError):
    """No card of that name is in the catalogue."""

    code = "unknown_base"


class BaseUnavailableError(BaseError):
    """The base model is not on this machine and could not be fetched."""

    code = "base_unavailable"


class CorruptBaseError(BaseError):
    """A base model's file is not what its card says."""

    code = "corrupt_base"


class BundleError(HeadstartError):
    """A saved model cannot be used."""

    code = "bundle"


class CorruptBundleError(BundleError):
    """A file of a saved model is missing, changed or malformed."""

    code = "corrupt_bundle"


class BundleVersionError(BundleError):
    """A saved model was written by a newer version of headstart."""

    code = "bundle_version"


class DoubtUnavailableError(BundleError):
    """A saved model was saved without what it takes to say "unsure" or "none of these"."""

    code = "doubt_unavailable"


class ExportError(HeadstartError):
    """A model cannot be taken to another form, or what came out is not the same model."""

    code = "export"


class ParameterError(HeadstartError, ValueError):
    """A setting or argument has a value that is not allowed."""

    code = "parameter"


class NotFittedError(HeadstartError, ValueError, AttributeError):
    """Something was used before it was fitted."""

    code = "not_fitted"


class MissingExtraError(HeadstartError, ImportError):
    """An optional part of headstart is not installed."""

    code = "missing_extra"


class StorageError(HeadstartError, OSError):
    """The disk is full, read-only or forbidden."""

    code = "storage"

    def __str__(self) -> str:  # OSError would print its own arguments
        return HeadstartError.__str__(self)


class WorkerLostError(HeadstartError):
    """A process that did part of the work ended in the middle of it."""

    code = "worker_lost"
    exit_code = 1


class Refused(HeadstartError):
    """A request over HTTP is not answered, and why.

    Parameters
    ----------
    status
        The HTTP status that says so.
    kind
        A stable word for programs: it becomes the answer's ``code`` (``too_large``, ``busy``, …).
    retry_after
        Seconds after which trying again makes sense.
    allow
        Methods that the address takes.
    """

    code = "refused"

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        hint: str | None = None,
        *,
        retry_after: int | None = None,
        allow: str | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.allow = allow
        self.status = status
        self.kind = kind
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        return _refused, (self.status, self.kind, self.message, self.hint, self.retry_after, self.allow)

    def to_dict(self) -> dict[str, str | None]:
        """Return the three fields that every surface shows."""
        return {"code": self.kind, "message": self.message, "hint": self.hint}


def _refused(
    status: int, kind: str, message: str, hint: str | None, retry_after: int | None, allow: str | None
) -> Refused:
    return Refused(status, kind, message, hint, retry_after=retry_after, allow=allow)


class Cancelled(HeadstartError):
    """The person cancelled the work; nothing half-done was left behind."""

    code = "cancelled"
    exit_code = 130
