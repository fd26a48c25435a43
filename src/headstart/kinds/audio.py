"""Sounds."""

from types import MappingProxyType

from headstart.kinds.record import Files, Kind, Part, Words

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
    files=Files(
        formats=MappingProxyType(
            {
                "wav": "a WAV sound",
                "flac": "a FLAC sound",
                "ogg": "an OGG sound",
                "mp3": "an MP3 sound",
                "aiff": "an AIFF sound",
                "au": "an AU sound",
                "caf": "a CAF sound",
                "w64": "a W64 sound",
                "nist": "a NIST SPHERE sound",
                "m4a": "an M4A sound",
                "3gp": "a 3GP sound",
                "aac": "an AAC sound",
                "amr": "an AMR sound",
                "webm": "a WebM sound",
                "wma": "a WMA sound",
                "speex": "a Speex sound",
            }
        ),
        endings=frozenset(
            ".wav .flac .ogg .oga .opus .mp3 .aiff .aif .aifc .m4a .aac .mp4 .mka .webm .amr .3gp .wma .caf "
            ".au .mov .avi .mkv".split()
        ),
        wanted="a WAV, FLAC, OGG, MP3 or AIFF sound",
        may_be="Sounds may be WAV, FLAC, OGG, MP3 or M4A.",
        one="a sound",
        many="sounds",
        code="not_a_sound",
        accept="audio/*,.wav,.flac,.ogg,.oga,.opus,.mp3,.aiff,.m4a,.aac,.amr,.3gp,.webm,"
        ".mp4,.caf,.wma,.au,.w64",
    ),
    task="audio-classification",
    encoder=Part("headstart.encoders.audio:AudioEncoder"),
    simple_features=Part("headstart.encoders.simple_audio:RawAudio"),
    resemble=Part("headstart.advice.resembling:sounds"),
    explain=Part("headstart.workflows.explaining:weigh_moments"),
    probe=Part("headstart.finetune.probe:sounds"),
    front=Part("headstart.export.fronts:Sounds"),
    host=Part("headstart.export.parity:SoundHost"),
    made_inputs=Part("headstart.export.parity:made_sounds"),
    sample=Part("headstart.kinds.samples:sound"),
    trial=Part("headstart.kinds.samples:waveform_for"),
    file_suffix=".wav",
    most_bytes=400 << 20,
    usual_seconds=0.025,
    wire=Part("headstart.web.sounds:Sounds"),
    memory="samples",
    drawn="sound",
    examine=Part("headstart.app.examine:sound"),
    finetuning=MappingProxyType({"depth": "all", "epochs": 16, "rate": 0.002, "variations": 3}),
)
