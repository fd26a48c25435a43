"""The language that the person at the terminal reads: in what commands say, in help, in errors."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import typer
from typer.core import TyperGroup

from headstart.errors import ParameterError
from headstart.wording import ENGLISH, Words, choose_language

_asked: ContextVar[str | None] = ContextVar("language", default=None)


def ask_for(language: str | None) -> str | None:
    """Keep what stands after ``--language``; None where it was not given.

    Raises
    ------
    ParameterError
        When there is no such language, or none that the settings name.
    """
    choose_language(language)
    _asked.set(language)
    return language


def speaking() -> Words:
    """Return the words of the language that was asked for, or that the settings or the locale name."""
    return Words(choose_language(_asked.get()))


def speaking_at_all() -> Words:
    """Return the same; English where there is no such language, which is about to be said."""
    try:
        return speaking()
    except ParameterError:
        return ENGLISH


def tell(text: str) -> None:
    """Print a line that is written in English, in the person's language."""
    print(speaking().translate(text), flush=True)


_Formatter: Any = TyperGroup.context_class.formatter_class  # of the click that typer brings along
_WrongUse: Any = typer.BadParameter.__mro__[2]  # and the parent of its errors


class _Help(_Formatter):  # type: ignore[misc]
    """Writes help in the person's language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        words = speaking_at_all()
        super().write_usage(prog, args, prefix or words.say("terminal.usage") + " ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(speaking_at_all().translate(heading))

    def write_text(self, text: str) -> None:
        words = speaking_at_all()
        super().write_text("\n\n".join(_paragraph(each, words) for each in text.split("\n\n")))

    def write_dl(self, rows: Sequence[tuple[str, str]], *args: Any, **settings: Any) -> None:
        words = speaking_at_all()
        super().write_dl([(name, _explained(text, words)) for name, text in rows], *args, **settings)


def _paragraph(text: str, words: Words) -> str:
    return words.translate(" ".join(text.split()))


def _explained(text: str, words: Words) -> str:
    """Return the help of an option or argument, with what typer adds in brackets: ``[default: 5]``."""
    help_text, bracket, extra = text.rpartition("  [")
    if not bracket:
        return _paragraph(text, words)
    extras = "; ".join(words.translate(each) for each in extra.removesuffix("]").split("; "))
    return f"{_paragraph(help_text, words)}  [{extras}]"


# Every command's help is written by it; typer has no other place to name it.
TyperGroup.context_class.formatter_class = _Help


class Program(TyperGroup):
    """The whole command line; a wrong use of it is told in the person's language."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands; in another language than English by their first sentence, which is not cut."""
        words = speaking_at_all()
        if words.language == ENGLISH.language:
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, (each.help or "").split("\n\n")[0]) for name, each in self.commands.items()]
            )

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and leave with its exit code."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except _WrongUse as wrong_use:
            _show(wrong_use)
            code = wrong_use.exit_code
        sys.exit(code if isinstance(code, int) else 0)


def _show(wrong_use: Any) -> None:
    shown, words = io.StringIO(), speaking_at_all()
    wrong_use.show(shown)
    for line in shown.getvalue().splitlines():
        _, is_error, message = line.partition("Error: ")
        if is_error:
            line = f"{words.say('terminal.error')} {words.translate(message)}"
        print(words.translate(line) if line.startswith("Try ") else line, file=sys.stderr)
