"""The kinds of files: which modality each belongs to, what to call it, what mends it."""

from __future__ import annotations

from headstart.errors import SourceError
from headstart.types import Modality

IMAGE_KINDS = frozenset(
    {"jpeg", "png", "gif", "webp", "bmp", "tiff", "pnm", "tga", "jpeg2000", "avif", "heic", "ico", "psd"}
)
AUDIO_KINDS = frozenset(
    {"wav", "flac", "ogg", "mp3", "aiff", "au", "caf", "w64", "nist"}
    | {"m4a", "3gp", "aac", "amr", "webm", "wma", "speex"}
)
TEXT_KINDS = frozenset({"text", "html", "svg", "json"})

PHONE_IMAGE_KINDS = frozenset({"heic"})
PHONE_AUDIO_KINDS = frozenset({"m4a", "3gp", "aac", "amr", "webm", "wma", "speex"})
"""Kinds that the libraries of the extra ``phone`` read."""

_PICTURE = "save it as JPEG or PNG"
_SOUND = "convert it to WAV or MP3"
_ARRAY = (
    "save its pictures as PNG, its sounds as WAV or its texts as .txt; from Python, give the array itself"
)
_OFFICE_TEXT = "save its words as .txt, or its pictures as JPEG"
_SHEET = "save it as CSV (in Excel: Save as, CSV UTF-8)"
_UNPACK = "unpack it first"
_MOVE = "move it elsewhere"
_CAMERA = "export it as JPEG"
_SCAN = "export its slices as PNG"

# kind: (what to call it, what mends it)
_WORDS: dict[str, tuple[str, str]] = {
    "jpeg": ("a JPEG picture", ""),
    "png": ("a PNG picture", ""),
    "gif": ("a GIF picture", ""),
    "webp": ("a WebP picture", ""),
    "bmp": ("a BMP picture", ""),
    "tiff": ("a TIFF picture", ""),
    "pnm": ("a PNM picture (.pgm, .ppm, .pbm)", ""),
    "tga": ("a TGA picture", ""),
    "jpeg2000": ("a JPEG 2000 picture", ""),
    "avif": ("an AVIF picture", ""),
    "heic": ("a HEIC photo, as iPhones make them", ""),
    "ico": ("an icon file", ""),
    "psd": ("a Photoshop file", ""),
    "wav": ("a WAV sound", ""),
    "flac": ("a FLAC sound", ""),
    "ogg": ("an OGG sound", ""),
    "mp3": ("an MP3 sound", ""),
    "aiff": ("an AIFF sound", ""),
    "au": ("an AU sound", ""),
    "caf": ("a CAF sound", ""),
    "w64": ("a W64 sound", ""),
    "nist": ("a NIST SPHERE sound", ""),
    "m4a": ("an M4A sound", ""),
    "3gp": ("a 3GP sound", ""),
    "aac": ("an AAC sound", ""),
    "amr": ("an AMR sound", ""),
    "webm": ("a WebM sound", ""),
    "wma": ("a WMA sound", ""),
    "speex": ("a Speex sound", ""),
    "text": ("plain text", ""),
    "json": ("JSON text", ""),
    "html": ("a web page (HTML)", "download the file itself, not the page that shows it"),
    "svg": ("an SVG drawing", "export it as PNG"),
    "eps": ("an EPS drawing", "export it as PNG or JPEG"),
    "postscript": ("a PostScript document", "export its pages as PNG or JPEG, or its words as .txt"),
    "pdf": ("a PDF document", "export its pages as PNG or JPEG, or its words as .txt"),
    "jpegxl": ("a JPEG XL picture", _PICTURE),
    "pam": ("a PAM picture", _PICTURE),
    "pfm": ("a PFM picture of floating numbers", "save it as TIFF"),
    "fits": ("a FITS picture, as telescopes make them", "export it as PNG or 16-bit TIFF"),
    "raw photo": ("the raw data of a camera (DNG, CR2, NEF, ARW, …)", _CAMERA),
    "psb": ("a large Photoshop file (PSB)", "export it as PNG or JPEG"),
    "xcf": ("a GIMP file", "export it as PNG or JPEG"),
    "dds": ("a DDS texture", _PICTURE),
    "icns": ("a Mac icon file", "save it as PNG"),
    "cursor": ("a mouse pointer (.cur, .ani)", "save it as PNG"),
    "exr": ("an OpenEXR picture", "save it as PNG or TIFF"),
    "hdr": ("a Radiance HDR picture", "save it as PNG or TIFF"),
    "pcx": ("a PCX picture", _PICTURE),
    "sgi": ("an SGI picture", _PICTURE),
    "sun raster": ("a Sun raster picture", _PICTURE),
    "x bitmap": ("an X11 picture (.xbm, .xpm)", _PICTURE),
    "iff": ("an Amiga IFF file", "save it as PNG or WAV"),
    "djvu": ("a DjVu document", "export its pages as PNG or JPEG"),
    "metafile": ("a Windows drawing (.wmf, .emf)", "export it as PNG"),
    "dicom": ("a DICOM file, as hospitals store them", _SCAN),
    "nifti": ("a NIfTI volume", _SCAN),
    "nrrd": ("an NRRD volume", _SCAN),
    "midi": ("a MIDI file: notes, not a sound", "play it into a WAV or MP3"),
    "lossless sound": ("a sound of a rare kind (WavPack, Monkey's Audio, …)", _SOUND),
    "realmedia": ("a RealMedia file", _SOUND),
    "voc": ("a VOC sound", _SOUND),
    "video": ("a video", "save single pictures or the sound from it"),
    "mp4": ("a sound or video (MP4) that is cut off: its table of contents is missing", "copy it again"),
    "zip": ("a ZIP archive or office document", "unpack it, or save it as text"),
    "docx": ("a Word document (.docx)", _OFFICE_TEXT),
    "xlsx": ("an Excel workbook (.xlsx)", _SHEET),
    "pptx": ("a PowerPoint presentation (.pptx)", _OFFICE_TEXT),
    "odt": ("an OpenDocument text (.odt)", _OFFICE_TEXT),
    "ods": ("an OpenDocument spreadsheet (.ods)", _SHEET),
    "odp": ("an OpenDocument presentation (.odp)", _OFFICE_TEXT),
    "epub": ("an electronic book (EPUB)", "save its words as .txt"),
    "ole2": ("an old Office document (.doc, .xls, .ppt, …)", "save its words as .txt, or its tables as CSV"),
    "rtf": ("an RTF document", "save its words as .txt"),
    "npz": ("NumPy arrays (.npz)", _ARRAY),
    "npy": ("a NumPy array (.npy)", _ARRAY),
    "torch": ("a PyTorch file", _ARRAY),
    "pickle": ("a Python pickle", _ARRAY),
    "hdf5": ("an HDF5 file", _ARRAY),
    "netcdf": ("a NetCDF file", _ARRAY),
    "matlab": ("a MATLAB file (.mat)", _ARRAY),
    "r data": ("an R data file", "write it as CSV"),
    "statistics": ("a data file of Stata, SPSS or SAS", "export it as CSV"),
    "sqlite": ("an SQLite database", "export its table as CSV"),
    "arrow": ("an Arrow or Feather table", "save it as Parquet or CSV"),
    "avro": ("an Avro table", "save it as Parquet or CSV"),
    "model": ("a trained model (ONNX, TFLite, GGUF, safetensors)", _MOVE),
    "program": ("a program", _MOVE),
    "font": ("a font", _MOVE),
    "plist": ("a settings file of a Mac (binary plist)", _MOVE),
    "flash": ("a Flash file", _MOVE),
    "model 3d": ("a 3D model", "save a picture of it"),
    "numbers": (
        "a table of numbers with hardly a word in it",
        "draw each as a picture, or save a signal as WAV; numbers that are texts go into a table: text,label",
    ),
    "encoded": ("binary data written as letters (base64 or hex)", "decode it and save what is in it"),
    "mailbox": ("a mailbox of several mails", "save each mail as a file of its own"),
    "gzip": ("a compressed file", _UNPACK),
    "compressed": ("a compressed file", _UNPACK),
    "archive": ("an archive", _UNPACK),
    "parquet": ("a Parquet table", "give its path instead of the folder's"),
    "git-lfs": ("a Git LFS pointer, not the file itself", "fetch the real files with: git lfs pull"),
    "empty": ("empty", "copy it again from where it came"),
    "unknown": ("a file of an unknown kind", "save it again in a common format"),
}

_SUPPORTED = {
    Modality.IMAGE: "a JPEG, PNG, WebP, GIF, BMP or TIFF picture",
    Modality.AUDIO: "a WAV, FLAC, OGG, MP3 or AIFF sound",
    Modality.TEXT: "plain text",
}
_NOT = {Modality.IMAGE: "not_an_image", Modality.AUDIO: "not_a_sound", Modality.TEXT: "not_text"}


def modality_of(kind: str) -> Modality | None:
    """Return the modality whose decoder takes this kind, or None."""
    if kind in IMAGE_KINDS:
        return Modality.IMAGE
    if kind in AUDIO_KINDS:
        return Modality.AUDIO
    return Modality.TEXT if kind in TEXT_KINDS else None


def describe(kind: str) -> str:
    """Name a kind in words, with its article."""
    return _WORDS.get(kind, _WORDS["unknown"])[0]


def rejection(kind: str, modality: Modality) -> SourceError:
    """Say why a file of this kind is not used where `modality` is wanted, and what would mend it."""
    words, mend = _WORDS.get(kind, _WORDS["unknown"])
    if kind == "empty":
        return SourceError(f"The file is empty (0 bytes); {mend}.", kind="empty")
    mend = mend or f"give {_SUPPORTED[modality]}, or move it elsewhere"
    return SourceError(f"It is {words}, not {_SUPPORTED[modality]}; {mend}.", kind=_NOT[modality])
