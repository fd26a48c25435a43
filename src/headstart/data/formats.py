"""The kinds of files: which modality each belongs to, what to call it, what mends it."""

from __future__ import annotations

from headstart.errors import SourceError
from headstart.kinds import holder, kind_of
from headstart.types import Modality

IMAGE_KINDS, AUDIO_KINDS, TEXT_KINDS = (
    frozenset(kind_of(name).files.formats) for name in (Modality.IMAGE, Modality.AUDIO, Modality.TEXT)
)

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

# kind that no decoder takes: (what to call it, what mends it)
_WORDS: dict[str, tuple[str, str]] = {
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

_MENDS = {
    "html": "download the file itself, not the page that shows it",
    "svg": "export it as PNG",
}
"""What mends a file of a kind that one of the decoders takes, where another is wanted."""


def modality_of(kind: str) -> Modality | None:
    """Return the modality whose decoder takes this kind, or None."""
    holding = holder(lambda record: kind in record.files.formats)
    return None if holding is None else Modality(holding.name)


def describe(kind: str) -> str:
    """Name a kind in words, with its article."""
    return _words(kind)[0]


def rejection(kind: str, modality: Modality) -> SourceError:
    """Say why a file of this kind is not used where `modality` is wanted, and what would mend it."""
    words, mend = _words(kind)
    if kind == "empty":
        return SourceError(f"The file is empty (0 bytes); {mend}.", kind="empty")
    files = kind_of(modality).files
    mend = mend or f"give {files.wanted}, or move it elsewhere"
    return SourceError(f"It is {words}, not {files.wanted}; {mend}.", kind=files.code)


def _words(kind: str) -> tuple[str, str]:
    """Return what to call a kind of file, and what mends it."""
    if kind in _WORDS:
        return _WORDS[kind]
    holding = holder(lambda record: kind in record.files.formats)
    return _WORDS["unknown"] if holding is None else (holding.files.formats[kind], _MENDS.get(kind, ""))
