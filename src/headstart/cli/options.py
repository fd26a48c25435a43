"""Options that several commands share, worded once."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

Kind = Annotated[
    Optional[str],  # noqa: UP045 - typer reads these annotations at run time
    typer.Option("--kind", help="image, text or audio; found by looking inside when not given."),
]
KindOfNames = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--kind", help="'text': cells of a table that look like names of files are the texts themselves."
    ),
]
InputColumn = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Table column that holds the text, or the path of the file."),
]
LabelColumn = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Table column that holds the class."),
]
GroupColumn = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        help="Table column that says what belongs together (same speaker, same part, same document)."
    ),
]
Groups = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        metavar="FILE|WAY",
        help="What belongs together and is never split. A CSV with the columns file,group; or what gives the "
        "groups away: name-prefix, name-start, name-suffix, name-order, folder, exif, camera or sound; or "
        "none, so that none are looked for. A file of that name wins.",
    ),
]
Target = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--target",
        help="'classes': take each label as a class of its own, whatever it looks like (numbers with many "
        "values, dates, several in a cell). 'number': predict a number (a price, an age, stars). 'tags': "
        "several labels for each example, or none. 'defects': learn what good parts look like ('good', 'ok', "
        "'normal'), and find whatever is unlike them.",
    ),
]
Layout = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        help="'folders': each folder is a class, whatever it is called (train, images, labels). 'lines': "
        "each line of a text file is an example, the file or its folder the class."
    ),
]
Columns = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--columns",
        metavar="NAME=ROLE,…|auto",
        help="Learn from several columns of a table: what each is (image, audio, text, number, category, "
        "date or ignore), as in photo=image,price=number,id=ignore; the others are found by their cells.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output and nothing else there.")]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Neither read nor keep embeddings.")]
Confidence = Annotated[
    Optional[float],  # noqa: UP045 - typer reads this annotation at run time
    typer.Option(
        help="Let the model say 'unsure' and 'none of these': the right class is among those it names this "
        "often, say 0.9."
    ),
]
WordingEndpoint = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        metavar="URL",
        help="A server that speaks OpenAI's form, up to /v1, whose language model words the answers of "
        "assistants. It is sent the question and the quotes; what it says beyond these is not shown.",
    ),
]
WordingModel = Annotated[str, typer.Option(help="Name of the language model there.")]
