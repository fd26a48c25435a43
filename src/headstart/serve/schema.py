"""The shapes of requests and answers, for checking the ones and describing both."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class PredictOptions(BaseModel):
    """How to answer."""

    model_config = ConfigDict(extra="forbid")

    top: int = Field(
        3, ge=1, le=1000, description="How many of the likeliest classes to list for each input."
    )

    confidence: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="How often the right class must be among those in `set`, say 0.9: the model then says "
        "when it is unsure, and when an input is unlike all that it knows.",
    )

    heatmap: Literal["png", "grid"] | None = Field(
        None,
        description="Of a model that finds defects: say where. `png`: a transparent picture as base64, to be "
        "stretched over the photo; `grid`: the numbers, line by line, 1 where defects begin. `boxes` come "
        "with it: left, top, right and bottom of each odd region as shares of the photo.",
    )


class PredictBody(PredictOptions):
    """Inputs as JSON."""

    inputs: list[str | dict[str, str | int | float | bool | None]] = Field(
        min_length=1,
        description="Texts for a text model; for photos and sounds the bytes of the files as base64; for "
        "rows of a table an object each, with the columns of the model and null where a value is not known, "
        "photos and sounds in them as base64.",
    )


class Answer(BaseModel):
    """What the model says of one input, or why it says nothing.

    A model of another target than classes has fields of its own beside `source`.
    """

    model_config = ConfigDict(extra="allow")

    source: str = Field(description="The name of the file, or `input N`.")
    label: str | None = Field(None, description="The likeliest class.")
    probability: float | None = Field(None, description="Its probability.")
    top: list[tuple[str, float]] | None = Field(
        None, description="The likeliest classes, each with its probability."
    )
    set: list[str] | None = Field(
        None, description="With a confidence: the classes that cannot be ruled out, the likeliest first."
    )
    unsure: bool | None = Field(None, description="With a confidence: whether there are several.")
    novelty: float | None = Field(
        None, description="With a confidence: the share of known things that are at least as strange."
    )
    known: bool | None = Field(
        None, description="With a confidence: false where it is unlike all that the model knows."
    )
    error: str | None = Field(None, description="Why this input has no answer; the others have theirs.")
    code: str | None = Field(None, description="The same as a word for programs: `truncated`, `too_large`, …")


class Predictions(BaseModel):
    """One answer for each input, in order."""

    model: str
    predictions: list[Answer]


class Problem(BaseModel):
    """Why a request has no answer."""

    code: str
    message: str
    hint: str | None


class NoPrediction(Problem):
    """None of the inputs could be used."""

    predictions: list[Answer] | None = Field(None, description="The reason for each input.")


class Interval(BaseModel):
    """A measured share with its interval."""

    estimate: float | None
    low: float | None
    high: float | None
    level: float | None


class Summary(BaseModel):
    """One model."""

    name: str
    modality: str
    target: str = Field(description="What it learned: `classes`, or the name of another target.")
    classes: int = Field(description="How many; for another target, how many things it tells of an input.")
    accuracy: Interval | None = Field(description="Measured when it was trained; null where it is not known.")
    created: str


class Chatting(BaseModel):
    """An assistant, as OpenAI's clients list what they can chat with."""

    id: str
    object: str = "model"
    created: int = 0
    owned_by: str = "headstart"


class ModelList(BaseModel):
    """The models that are served; `data` names the assistants, for OpenAI's clients."""

    models: list[Summary]
    object: str = "list"
    data: list[Chatting] = []


class Details(BaseModel):
    """What one model is and was measured to be worth."""

    name: str
    modality: str
    target: str
    classes: list[str]
    accuracy: Interval | None
    created: str
    guessing: float | None = Field(description="What naming the commonest class would get.")
    per_class: dict[str, dict[str, float | None]] = Field(
        description="Recall of each class with its interval."
    )
    bases: list[dict[str, str]] = Field(description="The base models that it runs.")
    columns: list[dict[str, str]] = Field(
        description="Of a model for rows: the columns that it takes, each with its role; else empty."
    )
    measured: str | None = Field(description="In words, for another target than classes.")
    headstart: str = Field(description="The version that trained it.")


class Health(BaseModel):
    """Whether the server lives, or can take requests."""

    status: str


# Bodies are read piece by piece, so the framework does not know their shape; it is told here.
REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "files": {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "minItems": 1,
                        "description": "Photos, sounds or text files.",
                    },
                    "texts": {
                        "type": "array",
                        "items": {"type": "string"},
                        "minItems": 1,
                        "description": "Texts themselves, for a text model.",
                    },
                    "row": {
                        "type": "object",
                        "description": "Cells of one row as JSON, for a model for rows: column to value, "
                        "null where it is not known.",
                    },
                    "top": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 3},
                    "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                    "heatmap": {"type": "string", "enum": ["png", "grid"]},
                },
                "minProperties": 1,
                "additionalProperties": {
                    "type": "string",
                    "format": "binary",
                    "description": "For a model for rows: a field for each cell, named after its column; "
                    "photos and sounds as files.",
                },
            }
        },
        "application/json": {"schema": {"$ref": "#/components/schemas/PredictBody"}},
    },
}
