"""Advice names flags on the command line and arguments in Python."""

from __future__ import annotations

import pytest

from headstart.arguments import in_python, on_command_line
from headstart.errors import DataError


@pytest.mark.parametrize(
    ("written", "python", "command"),
    [
        (
            "Say so: --kind text (modality='text' in Python).",
            "Say so: modality='text'.",
            "Say so: --kind text.",
        ),
        ("Say so: --kind text.", "Say so: modality='text'.", "Say so: --kind text."),
        (
            "Name it: --input-column NAME (input_column= in Python).",
            "Name it: input_column=.",
            "Name it: --input-column NAME.",
        ),
        ("Name it: --label-column NAME", "Name it: label_column='NAME'", "Name it: --label-column NAME"),
        (
            "Add --group-column 'shop id', or --groups none, please.",
            "Add group_column='shop id', or groups='none', please.",
            "Add --group-column 'shop id', or --groups none, please.",
        ),
        ("Leave --groups away, or --no-cache.", "Leave groups away, or use_cache=False.", None),
        ('Insist with --target classes (target="classes" in Python).', 'Insist with target="classes".', None),
        (
            "--groups list.csv takes it; --unheard stays.",
            "groups='list.csv' takes it; --unheard stays.",
            None,
        ),
        ("Nothing is asked -- really.", "Nothing is asked -- really.", "Nothing is asked -- really."),
    ],
)
def test_one_sentence_in_two_places(written: str, python: str, command: str | None) -> None:
    assert in_python(written) == python
    if command is not None:
        assert on_command_line(written) == command


def test_an_error_speaks_to_python_and_keeps_what_was_written() -> None:
    error = DataError("--groups folder found nothing.", "Leave --groups away.")
    assert str(error) == "groups='folder' found nothing.\nLeave groups away."
    assert (error.message, error.hint) == ("--groups folder found nothing.", "Leave --groups away.")
