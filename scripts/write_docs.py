"""Write the generated pages of docs/: commands, words, settings, errors. A test fails when they are stale."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from headstart import errors, glossary, settings
from headstart.cli.main import app

DOCS = Path(__file__).resolve().parents[1] / "docs"


def commands() -> str:
    root = typer.main.get_command(app)
    pages = ["# Commands\n\nWritten by `scripts/write_docs.py`; change the code, not this page.\n"]
    pages.append(
        "\n".join(["Before any command:\n", "| | |", "| --- | --- |", *map(_parameter, root.params), ""])
    )
    pages += [_command(f"headstart {name}", command) for name, command in root.commands.items()]
    return "\n".join(pages)


def _command(path: str, command: object) -> str:
    lines = [f"## {path}\n", _flat(command.help or ""), ""]
    rows = [_parameter(p) for p in command.params if p.name not in {"help"}]
    if rows:
        lines += ["| | |", "| --- | --- |", *rows, ""]
    for name, child in getattr(command, "commands", {}).items():
        lines.append(_command(f"{path} {name}", child))
    return "\n".join(lines)


def _parameter(parameter: object) -> str:
    if parameter.param_type_name == "argument":
        name = f"`{parameter.name.upper()}`"
    else:
        name = ", ".join(f"`{option}`" for option in [*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    shown = (
        f" (default: `{default}`)" if isinstance(default, str | int) and not isinstance(default, bool) else ""
    )
    return f"| {name} | {_flat(getattr(parameter, 'help', '') or '')}{shown} |"


def words() -> str:
    lines = [
        "# Words\n",
        "Written by `scripts/write_docs.py` from the product's glossary.\n",
        "| term | meaning |",
        "| --- | --- |",
    ]
    return "\n".join([*lines, *(f"| {term} | {line} |" for term, line in glossary.terms().items())]) + "\n"


def reference() -> str:
    table = [line.strip() for line in (settings.__doc__ or "").splitlines() if line.startswith("|")]
    kinds = [errors.HeadstartError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    lines = [
        "# Settings and errors\n",
        "Written by `scripts/write_docs.py`; change the code, not this page.\n",
        "## Settings\n",
        *(line.replace("``", "`") for line in table),
        "| `HEADSTART_DEBUG` | `1` shows where a fault of headstart's own arose | off |",
        "\n## Errors\n",
        "Exit code 0 means done, 2 a mistake that you can mend, 1 a fault of headstart's own, 130 stopped by",
        "Ctrl-C.",
        "Every error has a `code`, a `message` and a `hint`.\n",
        "| code | error | meaning |",
        "| --- | --- | --- |",
        *(
            f"| `{kind.code}` | `{kind.__name__}` | {_flat(kind.__doc__ or '').split('. ')[0].rstrip('.')} |"
            for kind in kinds
        ),
    ]
    return "\n".join(lines) + "\n"


def _flat(text: str) -> str:
    return " ".join(text.split())


PAGES = {"commands.md": commands, "words.md": words, "reference.md": reference}


def main() -> None:
    stale = []
    for name, write in PAGES.items():
        path = DOCS / name
        text = write()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"Stale: {', '.join(stale)}. Run: python scripts/write_docs.py")


if __name__ == "__main__":
    main()
