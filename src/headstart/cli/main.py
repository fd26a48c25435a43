"""The command line: it reads arguments, calls a workflow, and shows what came back.

Nothing heavy is imported until a command runs, so that ``headstart --help`` answers at once.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import NoReturn, Optional

import typer

from headstart import __version__
from headstart.arguments import on_command_line
from headstart.cli import app as web_app
from headstart.cli import (
    ask,
    assist,
    bases,
    bundle,
    cache,
    check,
    compare,
    croissant,
    evaluate,
    explain,
    export,
    predict,
    review,
    serve,
    suggest,
    train,
)
from headstart.cli.language import Program, ask_for, speaking_at_all
from headstart.environment import environment_error
from headstart.errors import Cancelled, HeadstartError, StorageError

app = typer.Typer(
    name="headstart",
    cls=Program,
    help="Turn a few hundred of your own photos, texts or sounds into a working, honestly measured model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would double the time that help takes
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="check")(check.check)
app.command(name="train")(train.train)
app.command(name="compare")(compare.compare)
app.command(name="predict")(predict.predict)
app.command(name="evaluate")(evaluate.evaluate)
app.command(name="review", cls=review.Several)(review.review)
app.command(name="suggest")(suggest.suggest)
app.command(name="app")(web_app.app)
app.command(name="serve")(serve.serve)
app.command(name="explain")(explain.explain)
app.command(name="export")(export.export)
app.command(name="croissant")(croissant.croissant)
app.command(name="ask")(ask.ask)
app.add_typer(assist.app, name="assist")
app.add_typer(bases.app, name="bases")
app.add_typer(cache.app, name="cache")
app.add_typer(bundle.app, name="bundle")
_FULL = {errno.ENOSPC, errno.EDQUOT}
STOPPED = Cancelled("Stopped. Nothing half-done was left behind.", "What was embedded so far is kept.")


def _version(value: bool) -> None:
    if value:
        print(f"headstart {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
    language: Optional[str] = typer.Option(  # noqa: UP045 - typer reads this annotation at run time
        None,
        "--language",
        metavar="CODE",
        callback=ask_for,
        is_eager=True,  # before anything is said of the other words on the line
        help="Speak en (English) or de (German), on the terminal and in reports. "
        "Otherwise HEADSTART_LANGUAGE decides, then the locale.",
    ),
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """Run the command line; map every error once to a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        _run()
    except HeadstartError as error:
        _fail(error)
    except KeyboardInterrupt:
        _fail(STOPPED)
    except SystemExit as leaving:
        if leaving.code == STOPPED.exit_code:  # typer turns Ctrl-C into this, without a word
            _fail(STOPPED)
        if isinstance(leaving.__context__, BrokenPipeError):  # and a closed pipe into exit code 1
            _leave_closed_pipe()
        raise
    except BrokenPipeError:
        _leave_closed_pipe()
    except Exception as error:
        _fail_unexpectedly(error)


def _run() -> None:
    try:
        app()
    finally:
        _flush()


def _flush() -> None:
    """Write out what is still held back, while a failure to do so can be told."""
    if sys.stdout is None:  # closed by who started us
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_output()
        raise StorageError(
            f"The output could not be written: {error.strerror}.",
            "Free some space, or send the output elsewhere.",
        ) from error


def _forget_output() -> None:
    """Turn standard output away, so that Python does not try again, and complain, when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _leave_closed_pipe() -> NoReturn:
    _forget_output()
    os._exit(141)  # as the shell says of a program whose reader went away


def _fail(error: HeadstartError) -> NoReturn:
    words = speaking_at_all()
    _say(f"{words.say('terminal.error')} {on_command_line(words.translate(error.message))}")
    if error.hint:
        _say(f"       {on_command_line(words.translate(error.hint))}")
    sys.exit(error.exit_code)


def _fail_unexpectedly(error: Exception) -> NoReturn:
    if isinstance(error, OSError) and error.errno in _FULL and not error.filename:
        _forget_output()
        _fail(StorageError("The output could not be written: the disk is full.", "Free some space."))
    known = environment_error(error)
    if known is not None:
        _fail(known)
    words = speaking_at_all()
    _say(words.say("terminal.fault", error=f"{type(error).__name__}: {error}"))
    if os.environ.get("HEADSTART_DEBUG"):
        traceback.print_exc()
    else:
        _say(f"       {words.say('terminal.fault-report')}")
    sys.exit(1)


def _say(line: str) -> None:
    if sys.stderr is not None:  # print would take standard output then, which holds results
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
