"""Sounds."""

from types import MappingProxyType

from headstart.kinds.record import Kind, Part, Words

AUDIO = Kind(
    name="audio",
    words=Words(
        one="recording",
        many="recordings",
        inputs="sound clips",
        new="NEW_SOUND.wav",
        example="clip.wav",
        field="files=@sound.wav",
        explained="Each moment was silenced in turn. The stronger a moment is marked, the more the answer "
        "changed without it.",
        probe="100 synthetic sounds of ten kinds",
    ),
    task="audio-classification",
    encoder=Part("headstart.encoders.audio:AudioEncoder"),
    simple_features=Part("headstart.encoders.raw:RawAudio"),
    explain=Part("headstart.workflows.explaining:weigh_moments"),
    probe=Part("headstart.finetune.probe:sounds"),
    made_inputs=Part("headstart.export.parity:made_sounds"),
    sample=Part("headstart.kinds.samples:sound"),
    trial=Part("headstart.kinds.samples:waveform_for"),
    file_suffix=".wav",
    most_bytes=400 << 20,
    usual_seconds=0.025,
    finetuning=MappingProxyType({"depth": "all", "epochs": 16, "rate": 0.002, "variations": 3}),
)
