"""What a kind of data is: one record that the rest of the house asks instead of the kind's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Part:
    """A function or class of this kind, named by its place and imported when it is first used.

    A record stands below the modules that it points to, and a model for texts must not pay for the decoders
    of pictures.

    Parameters
    ----------
    place
        ``package.module:name``.
    """

    place: str

    def load(self) -> Any:
        """Import it."""
        module, _, name = self.place.partition(":")
        return getattr(import_module(module), name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Import it and call it."""
        return self.load()(*arguments, **options)


@dataclass(frozen=True, slots=True)
class Words:
    """What a person calls examples of a kind.

    Attributes
    ----------
    one, many
        ``photo``, ``photos``.
    inputs
        What a model of this kind takes, said more widely: ``photos and other pictures``.
    new
        What to type for a new one on the command line.
    example
        One in the code of a model's card.
    field
        A new one as a field of an HTTP form, as curl takes it.
    explained
        How the parts that decided an answer were found.
    probe
        What the probe set is that forgetting is measured on.
    """

    one: str
    many: str
    inputs: str
    new: str
    example: str
    field: str
    explained: str
    probe: str


@dataclass(frozen=True, slots=True)
class Files:
    """How files of a kind are told from others, and what is said of them.

    Attributes
    ----------
    formats
        Names of the formats that the decoder takes, each with what to call it: ``a JPEG picture``. Those of
        the kinds that come with headstart are named in `headstart.data.formats`.
    endings
        Endings that names of such files have, with their dot, in small letters.
    wanted
        What is asked for where something else was found: ``a WAV, FLAC, OGG, MP3 or AIFF sound``.
    may_be
        The same as a sentence of its own.
    one, many
        What inputs are, whatever a person calls them: ``a picture``, ``pictures``.
    code
        The word for programs where an input is something else: ``not_an_image``.
    accept
        What the file chooser of a browser offers; the endings where empty.
    sniff
        Called with the first bytes of a file: one of `formats`, or None. It is asked before headstart's own
        look, and only about files with one of `endings` and about bytes that shall be of this kind. None for
        the kinds that headstart tells by itself.
    """

    formats: Mapping[str, str]
    endings: frozenset[str]
    wanted: str
    may_be: str
    one: str
    many: str
    code: str
    accept: str = ""
    sniff: Part | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """How a model of a kind is learned; the defaults are those of one input an example.

    Attributes
    ----------
    require
        Called with the method and whether the base is to be linked, before any work is done: refuses what a
        model of this kind cannot have. None where nothing is refused.
    prepare
        Called with a dataset, the bases that are asked for, and ``use_cache=``, ``progress=``, ``executor=``:
        the `headstart.preparing.Prepared` examples.
    choose
        Called with prepared examples and ``head=``, ``blend=``, ``seed=``, ``progress=``, ``pairs=``: the
        `headstart.evaluation.options.Choice` among the bases, features and heads.
    advise
        Called with prepared examples, the choice and the dataset as it was read: answers the three questions.
        See `headstart.advice.advising.advise`.
    report
        Called with a training report, prepared examples, the choice and a seed: the report with what this
        kind adds to it. None where that is nothing.
    ways
        The ways to a model that `compare` can measure, each with what measures it in place of the usual (or
        None): called with prepared examples, the ``(n,)`` fold of each and a seed, it returns the ``(n, C)``
        answers of models that had not seen the fold, or None where there is nothing to learn from. All ways,
        measured as usual, where `ways` is None.
    titles
        What to call a way where it is not what its usual title says.
    """

    require: Part | None = None
    prepare: Part = Part("headstart.preparing:prepare_on")
    choose: Part = Part("headstart.evaluation.choosing:choose")
    advise: Part = Part("headstart.advice.advising:advise")
    report: Part | None = None
    ways: Mapping[str, Part | None] | None = None
    titles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data.

    Another package may bring one: see `headstart.kinds`. It needs only what has no default here.

    Attributes
    ----------
    name
        As it stands in manifests, cards and options.
    words
        What a person calls it.
    files
        How its files are told from others.
    task
        The name that model hubs have for telling classes of it apart.
    simple_features
        Called with ``threads=``: the encoder of simple features, without any base. `Encoder`
        in `headstart.encoders.encoder` says what it must do; its ``decode`` reads an input.
    sample
        A small input, to run a model once before the first real one.
    file_suffix
        The ending of an example file; empty where an input is given as it is.
    most_bytes
        The largest file that the app and the server take.
    usual_seconds
        What reading and embedding one example takes on a usual computer: a first guess of how long it lasts.
    encoder
        Called with a spec and ``threads=``: makes a prepared base runnable. None where there are no bases.
    needs
        Called with inputs: what a base must be able to do for them, as `headstart.bases.needs.Needs`. None
        where every base of this kind may do.
    resemble
        Called with prepared examples and the measured bases: how similar the examples are to what each base
        learned, and hints at which other bases would suit. See `headstart.advice.resembling`.
    explain
        Called with a model, an input and a class or None: where in the input the answer comes from. What it
        returns has a ``to_dict``. None where that cannot be told.
    probe
        Called with ``rate=``: the inputs of the probe set that forgetting is measured on.
    front
        What stands before the encoders in an exported graph: see `headstart.export.fronts`. None where a
        model cannot be exported.
    host
        What the program around an exported graph must do: see `headstart.export.parity`.
    made_inputs
        Called without arguments: inputs of many sizes, to compare a model with what was exported from it.
    trial
        Called with a card and a random generator: what to feed the graph of a base to see whether it runs.
    wire
        Called with the kind's name: how a decoded input crosses from the process that decodes to the server,
        see `headstart.web.wire`. By default what `simple_features` decodes to must be an array of NumPy.
    inline
        Whether a string is an input itself, and not the name of a file.
    memory
        What an array in memory is to this kind: ``pixels``, ``samples``, or nothing.
    drawn
        How an example is shown: as a ``picture``, a ``sound``, a ``text``, or by its ``name`` alone.
    blends
        Whether simple features are worth offering beside an embedding.
    counted
        Whether simple features are sparse counts, quicker to make anew than to keep.
    examine
        Called with a path, an `headstart.app.examine.Examined` to fill in and where to keep a small picture:
        what the app shows of a file. None where it is enough that `simple_features` can decode it.
    finetuning
        Defaults of `FinetuneConfig` for this kind.
    mirrored
        Whether an example seen in a mirror is still one.
    columns
        Whether an example is a row: named cells, each an input of a kind of its own.
    learning
        How a model of it is learned.
    """

    name: str
    words: Words
    files: Files
    task: str
    simple_features: Part
    sample: Part
    file_suffix: str
    most_bytes: int
    usual_seconds: float
    encoder: Part | None = None
    resemble: Part | None = None
    needs: Part | None = None
    explain: Part | None = None
    probe: Part | None = None
    front: Part | None = None
    host: Part | None = None
    made_inputs: Part | None = None
    trial: Part | None = None
    wire: Part | None = None
    inline: bool = False
    memory: str = ""
    drawn: str = "name"
    examine: Part | None = None
    blends: bool = True
    counted: bool = False
    finetuning: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    mirrored: bool = False
    columns: bool = False
    learning: Learning = field(default_factory=Learning)

    def require(self, part: str, purpose: str) -> Part:
        """Return a part that a kind may lack.

        Parameters
        ----------
        part
            The name of the attribute.
        purpose
            What it is needed for: ``explain an answer``.

        Raises
        ------
        ParameterError
            When this kind does not have it.
        """
        found: Part | None = getattr(self, part)
        if found is None:
            raise ParameterError(
                f"headstart cannot {purpose} for {self.words.many}: the kind of data {self.name!r} brings "
                f"no part {part!r}.",
                "Ask those who make the package that it comes from.",
            )
        return found
