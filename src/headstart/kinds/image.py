"""Pictures."""

from types import MappingProxyType

from headstart.kinds.record import Files, Kind, Part, Words

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
    files=Files(
        formats=MappingProxyType(
            {
                "jpeg": "a JPEG picture",
                "png": "a PNG picture",
                "gif": "a GIF picture",
                "webp": "a WebP picture",
                "bmp": "a BMP picture",
                "tiff": "a TIFF picture",
                "pnm": "a PNM picture (.pgm, .ppm, .pbm)",
                "tga": "a TGA picture",
                "jpeg2000": "a JPEG 2000 picture",
                "avif": "an AVIF picture",
                "heic": "a HEIC photo, as iPhones make them",
                "ico": "an icon file",
                "psd": "a Photoshop file",
            }
        ),
        endings=frozenset(
            ".jpg .jpeg .jpe .jfif .png .webp .gif .bmp .dib .tif .tiff .heic .heif .avif .jp2 .j2k .jxl "
            ".pbm .pgm .ppm .pnm .tga .ico .svg .psd .dng .cr2 .nef .arw .dcm .fits".split()
        ),
        wanted="a JPEG, PNG, WebP, GIF, BMP or TIFF picture",
        may_be="Pictures may be JPEG, PNG, WebP, GIF, BMP, TIFF or HEIC.",
        one="a picture",
        many="pictures",
        code="not_an_image",
        accept="image/*,.heic,.heif,.avif,.jp2,.j2k,.pgm,.ppm,.pbm,.tga,.psd",
    ),
    task="image-classification",
    encoder=Part("headstart.encoders.image:ImageEncoder"),
    simple_features=Part("headstart.encoders.simple_image:RawImage"),
    resemble=Part("headstart.advice.resembling:photos"),
    explain=Part("headstart.workflows.explaining:heat_map"),
    probe=Part("headstart.finetune.probe:pictures"),
    front=Part("headstart.export.fronts:Pictures"),
    host=Part("headstart.export.parity:PictureHost"),
    made_inputs=Part("headstart.export.parity:made_pictures"),
    sample=Part("headstart.kinds.samples:picture"),
    trial=Part("headstart.kinds.samples:pixels_for"),
    file_suffix=".jpg",
    most_bytes=200 << 20,
    usual_seconds=0.05,
    wire=Part("headstart.web.pictures:Pictures"),
    memory="pixels",
    drawn="picture",
    examine=Part("headstart.app.examine:picture"),
    blends=False,
    finetuning=MappingProxyType({"depth": "half", "epochs": 12, "rate": 0.002, "variations": 4}),
    mirrored=True,
)
