"""What a model that finds defects says of a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from headstart.defects.regions import Box, oddest_box
from headstart.errors import ParameterError
from headstart.types import Prediction

if TYPE_CHECKING:
    from headstart.defects.head import DefectHead
    from headstart.features import FeatureSet
    from headstart.model import Model
    from headstart.types import Float32Array

OK, DEFECT, STRANGE = "ok", "defect", "out-of-distribution"


@dataclass(frozen=True, slots=True)
class DefectPrediction(Prediction):
    """What is said of one picture.

    Attributes
    ----------
    defect
        Whether its score is above the threshold. True also where the picture shows something else.
    score
        How many standard deviations odder it is than the usual good picture.
    threshold
        The score above which a picture is called defective.
    p_value
        Share of good pictures that are at least as odd.
    kind
        The known kind of defect that it is likest; None where it is good, or no kinds are known.
    box
        Where the oddest part is: left, top, right and bottom as shares of the picture's width and height;
        None where it is good, or shows something else altogether.
    heatmap
        ``(side, side)`` how odd each place is, from the top left corner; 1 is where defects begin.
    """

    defect: bool | None = None
    score: float | None = None
    threshold: float | None = None
    p_value: float | None = None
    kind: str | None = None
    box: Box | None = None
    heatmap: Float32Array | None = field(default=None, compare=False, repr=False)

    @property
    def answer(self) -> str:
        """``ok``, ``defect`` or ``out-of-distribution``."""
        return "not read" if self.error is not None else str(self.label)

    @property
    def detail(self) -> str:
        """The score beside the threshold, and how many good pictures are as odd."""
        if self.score is None or self.threshold is None or self.p_value is None:
            return ""
        like = f", like {self.kind!r}" if self.kind else ""
        return f"score {self.score:.1f} (defect from {self.threshold:.1f}), p {self.p_value:.2g}{like}"

    def to_dict(self) -> dict[str, Any]:
        """Return ``{source, answer, defect, score, threshold, p_value, kind, box}``, or the error."""
        if self.error is not None:
            return {"source": self.source, "error": self.error}
        return {
            "source": self.source,
            "answer": self.answer,
            "defect": self.defect,
            "score": self.score,
            "threshold": self.threshold,
            "p_value": self.p_value,
            "kind": self.kind,
            "box": None if self.box is None else list(self.box),
        }


def refuse_confidence(model: Model, confidence: float) -> None:
    """Say what a model that finds defects promises instead.

    Raises
    ------
    ParameterError
        Always.
    """
    raise ParameterError(
        f"A confidence ({confidence:g}) is for classes, tags and numbers. A model that finds defects "
        "promises how often good parts are called defective.",
        "Leave --confidence away; train with --false-alarms 1% to call fewer good parts defective.",
    )


def answer(
    model: Model, features: FeatureSet, names: Sequence[str], *, top: int, confidence: float | None
) -> list[Prediction]:
    """Return what to say of each picture, in order; those that cannot be read have ``error`` set."""
    head = cast("DefectHead", model.head)
    seen = head.look(features)
    kinds = head.name_kinds(features, seen)
    threshold = round(head.detector.standard.threshold, 4)
    row_of = {example: row for row, example in enumerate(features.rows.tolist())}
    said: list[Prediction] = []
    for place, name in enumerate(names):
        if place in features.failures:
            said.append(DefectPrediction(name, error=features.failures[place][0]))
            continue
        row = row_of[place]
        strange, defective = bool(seen.strange[row]), bool(seen.defective[row] or seen.strange[row])
        said.append(
            DefectPrediction(
                name,
                label=STRANGE if strange else DEFECT if defective else OK,
                defect=defective,
                score=round(float(seen.score[row]), 4),
                threshold=threshold,
                kind=kinds[row],
                p_value=round(float(seen.p_value[row]), 6),
                box=oddest_box(seen.heat[row]) if defective and not strange else None,
                heatmap=seen.heat[row],
            )
        )
    return said


def columns(names: Sequence[str], doubted: bool) -> Mapping[str, str]:
    """Return the columns of a table of predictions, each with its type in Arrow."""
    return {
        "answer": "string",
        "defect": "bool",
        "score": "double",
        "threshold": "double",
        "p_value": "double",
        "kind": "string",
        "box": "doubles",
    }
