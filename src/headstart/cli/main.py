"""The command line: it reads arguments, calls a workflow, and shows what came back.

Nothing heavy is imported until a command runs, so that ``headstart --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback

import typer

from headstart import __version__
from headstart.cli import bases, cache, check, evaluate, explain, predict, train
from headstart.errors import Cancelled, HeadstartError

app = typer.Typer(
    name="headstart",
    help="Turn a few hundred of your own photos, texts or sounds into a working, honestly measured model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich would double the time that help takes
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="check")(check.check)
app.command(name="train")(train.train)
app.command(name="predict")(predict.predict)
app.command(name="evaluate")(evaluate.evaluate)
app.command(name="explain")(explain.explain)
app.add_typer(bases.app, name="bases")
app.add_typer(cache.app, name="cache")
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
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """Run the command line; map every error once to a message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except HeadstartError as error:
        _fail(error)
    except KeyboardInterrupt:
        _fail(STOPPED)
    except SystemExit as leaving:
        if leaving.code == STOPPED.exit_code:  # typer turns Ctrl-C into this, without a word
            _fail(STOPPED)
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        _fail_unexpectedly(error)


def _fail(error: HeadstartError) -> None:
    print(f"Error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"       {error.hint}", file=sys.stderr)
    sys.exit(error.exit_code)


def _fail_unexpectedly(error: Exception) -> None:
    print(f"Error: this is a fault in headstart, not yours: {type(error).__name__}: {error}", file=sys.stderr)
    if os.environ.get("HEADSTART_DEBUG"):
        traceback.print_exc()
    else:
        print("       Set HEADSTART_DEBUG=1 and run it again to see where, and report that.", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
