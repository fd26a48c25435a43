"""What a target is: one record that the rest of the house asks instead of the target's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.kinds.record import Part
    from headstart.types import Dataset


@dataclass(frozen=True, slots=True)
class Words:
    """What a person calls a target.

    Attributes
    ----------
    one, many
        ``class``, ``classes``.
    learned
        What a model of it learns, in a sentence: ``which class each example is of``.
    """

    one: str
    many: str
    learned: str


@dataclass(frozen=True, slots=True)
class Target:
    """One way in which examples are labelled, and everything that follows from it.

    Another package may bring one: see `headstart.targets`. It needs only what has no default here.

    Attributes
    ----------
    name
        As it stands in options, reports and manifests: ``classes``.
    words
        What a person calls it.
    read
        Called with the items that were read, the `Reading`, and whether a person insisted: those that have
        a label, in which `label` is what stands there and `value` what is learned from it, with the others
        listed as problems. ``reading.outputs`` gets the names of the numbers in a value.
    prepare
        Called with a dataset, the `TrainConfig`, ``progress=`` and ``executor=``: the `Prepared` examples.
        None: they are embedded with each base.
    learn
        Called with `Prepared` examples, the `TrainConfig` and ``progress=``: a
        `headstart.workflows.learning.learned.Learned`.
    answer
        Called with a model, its features of some inputs, their names, ``top=`` and ``confidence=``: a
        `Prediction` for each name.
    measure
        Called with a model, features, their labelled examples and their groups or None: a `Measurement` of
        what the model is worth on them.
    read_head
        Called with the arrays and the description of a saved head, and ``names=`` of the outputs: the head;
        raises ValueError where they do not fit. None where a model cannot be saved.
    recognise
        Called with the items that were read and the `Reading`: a note where labels clearly are this target,
        or None. It is asked where nobody said what the labels are.
    known
        Called with a model and a dataset: the examples whose labels the model can be measured by, `value` in
        the order of the model's own outputs, the problems of the others, and notes. None where every label is
        one and the outputs are the same.
    strata
        Called with a dataset: an index for each example, by which folds are dealt and near-duplicates joined.
    values
        Called with a dataset: ``(n, K)`` what is learned of each example. None where that is the class.
    require
        Called with a dataset: raises where nothing can be learned from it.
    tidy
        Called with a dataset from which unreadable examples are gone: what is left of it to learn. None: all.
    columns
        Called with the names of the outputs and whether a confidence is asked for: the columns of a table of
        predictions beside the source and the error, each with the name of its type in Arrow (``string``,
        ``double``, ``bool``, ``list`` of strings, ``doubles``). They are keys of what `Prediction.to_dict`
        returns.
    show
        Called with a report (of training, or of a measurement) as plain data, and with ``words=`` (a
        `headstart.wording.Words`) where a language was chosen: a `headstart.targets.shown.Shown`. None for
        classes alone, which have screens of their own.
    settings
        Fields of `TrainConfig` that are for this target alone.
    unlabelled
        Whether it can be learned from examples that have no label at all.
    empty
        Whether an empty list in the place of a label says something: that an example has none of them.
    graph
        Called with the pieces of an ONNX graph, a head, what holds each block of features in it, and the
        names of the outputs: adds the head and returns its outputs, see `headstart.export.heads.Output`. None
        where it cannot be exported.
    scores
        Called with a model and features: ``(n, K)`` what the first of those outputs must be.
    page
        How an exported web page shows an answer: ``classes``, ``tags``, ``numbers`` or ``defects``; empty where
        none can.
    sortable
        Whether files can be sorted into a folder for each answer.
    tunable
        Whether the gentle way is open to it.
    advised
        Whether the three questions can be answered for it.
    examined
        Whether checking examples learns from them as training does, and tells what that is worth: for targets
        for which the three questions are not answered in any other way.
    ranged
        Whether a confidence adds a range to the answer and leaves the answer as it is.
    confident
        Called with a model and a confidence: raises where it cannot be promised.
    exports
        What a model can be exported to, with its weights as they are.
    drift
        Called with a model: what tests whether inputs still are like those of training, see
        `headstart.defects.drift.DriftTest`. None where nothing does.
    """

    name: str
    words: Words
    read: Part
    learn: Part
    answer: Part
    measure: Part
    read_head: Part | None = None
    recognise: Part | None = None
    known: Part | None = None
    strata: Part | None = None
    values: Part | None = None
    require: Part | None = None
    tidy: Part | None = None
    columns: Part | None = None
    show: Part | None = None
    prepare: Part | None = None
    settings: tuple[str, ...] = ()
    unlabelled: bool = False
    empty: bool = False
    graph: Part | None = None
    scores: Part | None = None
    page: str = ""
    sortable: bool = False
    tunable: bool = False
    advised: bool = False
    examined: bool = False
    ranged: bool = False
    confident: Part | None = None
    drift: Part | None = None
    exports: tuple[str, ...] = ("onnx",)

    def check(self, dataset: Dataset) -> None:
        """Raise where nothing can be learned from a data set."""
        if self.require is not None:
            self.require(dataset)

    def tidied(self, dataset: Dataset) -> Dataset:
        """Return what is left to learn of a data set that has lost its unreadable examples; see `check`."""
        self.check(dataset)
        if self.tidy is None:
            return dataset
        left: Dataset = self.tidy(dataset)
        return left

    def require_advised(self, doing: str) -> None:
        """Raise where the three questions cannot be answered for it.

        Raises
        ------
        ParameterError
            Saying what cannot be done.
        """
        if not self.advised:
            raise ParameterError(
                f"headstart cannot {doing} yet where {self.words.many} are learned.",
                "Train instead, which measures the model beside what needs no base: train with --target "
                f"{self.name}.",
            )

    def need(self, part: str, purpose: str) -> Part:
        """Return a part that a target may lack.

        Raises
        ------
        ParameterError
            When this target does not have it.
        """
        found: Part | None = getattr(self, part)
        if found is None:
            raise ParameterError(
                f"headstart cannot {purpose} for {self.words.many}: the target {self.name!r} brings no part "
                f"{part!r}.",
                "Ask those who make the package that it comes from.",
            )
        return found
