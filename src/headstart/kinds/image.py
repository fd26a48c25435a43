"""Pictures."""

from types import MappingProxyType

from headstart.kinds.record import Kind, Part, Words

IMAGE = Kind(
    name="image",
    words=Words(
        one="photo",
        many="photos",
        inputs="photos and other pictures",
        new="NEW_PHOTO.jpg",
        example="photo.jpg",
        field="files=@photo.jpg",
        explained="Each place was covered with a blur in turn. The brighter a place is, the less sure of the "
        "answer the model became without it.",
        probe="64 crops of two photos and 36 drawings",
    ),
    task="image-classification",
    encoder=Part("headstart.encoders.image:ImageEncoder"),
    simple_features=Part("headstart.encoders.raw:RawImage"),
    explain=Part("headstart.workflows.explaining:heat_map"),
    probe=Part("headstart.finetune.probe:pictures"),
    made_inputs=Part("headstart.export.parity:made_pictures"),
    sample=Part("headstart.kinds.samples:picture"),
    trial=Part("headstart.kinds.samples:pixels_for"),
    file_suffix=".jpg",
    most_bytes=200 << 20,
    usual_seconds=0.05,
    finetuning=MappingProxyType({"depth": "half", "epochs": 12, "rate": 0.002, "variations": 4}),
    mirrored=True,
)
