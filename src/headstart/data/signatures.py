"""Formats that are known by the bytes at fixed places near the start of a file."""

from __future__ import annotations

import re
import struct

# In this order: the first that fits counts. What could also begin a text is not here but in `_BY_PATTERN`.
_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"IIRO\x08", "raw photo"),
    (b"IIRS\x08", "raw photo"),
    (b"MMOR\x00", "raw photo"),
    (b"IIU\x00", "raw photo"),
    (b"FUJIFILMCCD-RAW", "raw photo"),
    (b"FOVb\x00", "raw photo"),
    (b"\x00MRM", "raw photo"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"fLaC", "flac"),
    (b"OggS\x00", "ogg"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"%PDF-", "pdf"),
    (b"8BPS\x00\x01", "psd"),
    (b"8BPS\x00\x02", "psb"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"\x00\x00\x00\x0cjP  ", "jpeg2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000"),
    (b"\x00\x00\x00\x0cJXL ", "jpegxl"),
    (b"\xff\x0a", "jpegxl"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\x00", "compressed"),
    (b"\x28\xb5\x2f\xfd", "compressed"),
    (b"\x04\x22\x4d\x18", "compressed"),
    (b"\x1f\x9d", "compressed"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"MSCF\x00", "archive"),
    (b"!<arch>\n", "archive"),
    (b"PAR1", "parquet"),
    (b"ARROW1\x00", "arrow"),
    (b"FEA1\x00", "arrow"),
    (b"Obj\x01", "avro"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"#!AMR", "amr"),
    (b".snd\x00", "au"),
    (b"caff\x00", "caf"),
    (b"riff\x2e\x91\xcf\x11", "w64"),
    (b"NIST_1A\n", "nist"),
    (b"Creative Voice File", "voc"),
    (b"MThd\x00\x00\x00\x06", "midi"),
    (b"wvpk", "lossless sound"),
    (b"MAC \x96", "lossless sound"),
    (b"TTA1", "lossless sound"),
    (b"MPCKSH", "lossless sound"),
    (b"DSD \x1c", "lossless sound"),
    (b".RMF\x00", "realmedia"),
    (b".ra\xfd", "realmedia"),
    (b"FLV\x01", "video"),
    (b"\x00\x00\x01\xba", "video"),
    (b"\x00\x00\x01\xb3", "video"),
    (b"version https://git-lfs", "git-lfs"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole2"),
    (b"\x93NUMPY", "npy"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"CDF\x01", "netcdf"),
    (b"CDF\x02", "netcdf"),
    (b"MATLAB 5.0 MAT-file", "matlab"),
    (b"MATLAB 7.3 MAT-file", "matlab"),
    (b"RDX2\n", "r data"),
    (b"RDX3\n", "r data"),
    (b"<stata_dta>", "statistics"),
    (b"$FL2@(#)", "statistics"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x7fELF", "program"),
    (b"\xfe\xed\xfa\xce", "program"),
    (b"\xfe\xed\xfa\xcf", "program"),
    (b"\xce\xfa\xed\xfe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\x00asm\x01", "program"),
    (b"dex\n03", "program"),
    (b"\x00\x01\x00\x00\x00", "font"),
    (b"OTTO\x00", "font"),
    (b"ttcf\x00", "font"),
    (b"wOFF\x00", "font"),
    (b"wOF2\x00", "font"),
    (b"\x80\x01", "font"),
    (b"SIMPLE  =", "fits"),
    (b"NRRD000", "nrrd"),
    (b"gimp xcf", "xcf"),
    (b"DDS |", "dds"),
    (b"icns\x00", "icns"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"#?RADIANCE", "hdr"),
    (b"#?RGBE", "hdr"),
    (b"\x01\xda\x00", "sgi"),
    (b"\x01\xda\x01", "sgi"),
    (b"\x59\xa6\x6a\x95", "sun raster"),
    (b"/* XPM */", "x bitmap"),
    (b"AT&TFORM", "djvu"),
    (b"\xd7\xcd\xc6\x9a", "metafile"),
    (b"\x01\x00\x09\x00\x00\x03", "metafile"),
    (b"bplist0", "plist"),
    (b"Kaydara FBX", "model 3d"),
    (b"glTF\x02\x00", "model 3d"),
    # Byte-order marks of UTF-16 and UTF-32; the first could also begin an MPEG layer I frame, now unheard of.
    (b"\xff\xfe", "text"),
    (b"\xfe\xff", "text"),
    (b"\x00\x00\xfe\xff", "text"),
)

_AT: tuple[tuple[int, bytes, str], ...] = (
    (128, b"DICM", "dicom"),
    (344, b"n+1\x00", "nifti"),
    (344, b"ni1\x00", "nifti"),
    (257, b"ustar", "archive"),
    (4, b"TFL3", "model"),
    (40, b" EMF", "metafile"),
)

_BY_PATTERN: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (rb"P7\nWIDTH ", "pam"),
        (rb"P[Ff]\s+\d+\s+\d+\s+-?\d+\.?\d*\s", "pfm"),
        (rb"%!PS-Adobe-[\d.]+ EPSF", "eps"),
        (rb"%!PS", "postscript"),
        (rb"\x80[\x02-\x05][\x95}\](c\x8cXK]", "pickle"),
        (rb"\([ld]p\d+\n", "pickle"),
        (
            rb"c(copy_reg|copyreg|__builtin__|builtins|numpy[\w.]*|pandas[\w.]*|sklearn[\w.]*)\n\w+\n",
            "pickle",
        ),
        (rb"\x08[\x01-\x10]\x12[\x01-\x40][ -~]+", "model"),  # ONNX: a version, then who made it
        (rb".{6}\x00\x00\{", "model"),  # safetensors: the length of its JSON, then the JSON
        (rb"\x0a[\x00\x02-\x05]\x01[\x01\x02\x04\x08]", "pcx"),
        (rb"MZ.{58}.{4}.*PE\x00\x00", "program"),
        (rb"[FCZ]WS[\x01-\x32].{2}[\x00-\x0f]\x00", "flash"),
        (rb"\s*(/\*.{0,400}?\*/\s*)?#define \w+_width \d+\s+#define \w+_height \d+\s", "x bitmap"),
        (rb"ID3[\x00-\x1f]", "mp3"),
        (rb"BZh[1-9]1AY", "compressed"),
        (rb"GGUF[\x01-\x0f]\x00", "model"),
        (rb"BLENDER[-_][vV]", "model 3d"),
        (rb"G.{2}[\x10-\x3f].{184}(G.{187}){3}G", "video"),  # MPEG transport stream
    )
)

_RIFF = {b"WAVE": "wav", b"WEBP": "webp", b"AVI ": "video", b"RMID": "midi", b"ACON": "cursor"}
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2")
_AVIF_BRANDS = (b"avif", b"avis")

_PNM = re.compile(rb"P([1-6])(?=[\s#])")
_PNM_TOKEN = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*(?<!\d)(\d{1,9})(?=[\s#])")
_NOT_PLAIN_PNM = re.compile(rb"[^\d\s#]")

_NEW_SUBFILE, _PHOTOMETRIC, _SUB_IFDS, _DNG_VERSION = 254, 262, 330, 0xC612
_SENSOR_DATA = (32803, 34892)  # colour filter array, linear raw


def by_signature(head: bytes) -> str | None:
    """Return the kind that the first bytes prove, or None.

    ``mp4``, ``matroska``, ``asf`` and ``ogg`` name containers: what is inside is for
    `headstart.data.containers` to say.
    """
    for prefix, kind in _PREFIXES:
        if head.startswith(prefix):
            return _raw_photo(head) if kind == "tiff" else kind
    for at, mark, kind in _AT:
        if head[at : at + len(mark)] == mark:
            return kind
    return _container(head) or _mpeg(head) or _pnm(head) or _patterned(head)


def _patterned(head: bytes) -> str | None:
    return next((kind for pattern, kind in _BY_PATTERN if pattern.match(head)), None)


def _container(head: bytes) -> str | None:
    """Look at the second tag of formats that wrap others."""
    if head[:4] in (b"RIFF", b"RF64", b"RIFX"):
        return _RIFF.get(head[8:12], None if head[4:8].isalpha() or b" " in head[4:8] else "unknown")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[:4] == b"FORM" and head[8:12] in (b"ILBM", b"8SVX", b"PBM "):
        return "iff"
    if (
        head[:2] == b"BM"
        and head[6:10] == b"\x00\x00\x00\x00"
        and head[14:15] in b"\x0c\x28\x34\x38\x40\x6c\x7c"
    ):
        return "bmp"
    if head[4:8] == b"ftyp":
        return _brand(head)
    return (
        "mp4" if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip") and head[:2] == b"\0\0" else None
    )


def _brand(head: bytes) -> str:
    """Tell pictures from films by the brands; those of containers are said first, those of codecs after."""
    length = min(max(16, int.from_bytes(head[:4], "big")), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(length, len(head)) - 3, 4))]
    if brands[0] == b"crx ":
        return "raw photo"
    if brands[0] in _AVIF_BRANDS or (
        brands[0] in _HEIF_BRANDS and any(brand in _AVIF_BRANDS for brand in brands)
    ):
        return "avif"
    return "heic" if brands[0] in _HEIF_BRANDS else "mp4"


def _mpeg(head: bytes) -> str | None:
    """Recognise a frame of MPEG sound: 11 sync bits, then version, layer, bit rate and rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sampling = head[2] >> 4, head[2] >> 2 & 3
    if layer == 0:  # AAC: 12 sync bits, layer 0, one of 13 rates, a frame longer than its head
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) > 6 else 0
        return "aac" if head[1] & 0xF6 == 0xF0 and head[2] >> 2 & 15 < 13 and length > 7 else None
    return "mp3" if version != 1 and rate not in (0, 15) and sampling != 3 else None


def _pnm(head: bytes) -> str | None:
    """Recognise a PBM, PGM or PPM picture by the numbers after its two letters, never a text about a "P5"."""
    magic = _PNM.match(head)
    if magic is None:
        return None
    form, at, numbers = int(magic[1]), magic.end(), []
    for _ in range(2 if form in (1, 4) else 3):
        token = _PNM_TOKEN.match(head, at)
        if token is None:
            return None
        numbers.append(int(token[1]))
        at = token.end()
    if 0 in numbers or (len(numbers) == 3 and numbers[2] > 65535):
        return None
    if form <= 3:
        return None if _NOT_PLAIN_PNM.search(re.sub(rb"#[^\r\n]*", b"", head[at:])) else "pnm"
    # Each program writes one line end after the letters; a text goes on in the line.
    return "pnm" if head[2:3] in b"\n\r" or _seems_pixels(head[at + 1 :]) else None


def _seems_pixels(body: bytes) -> bool:
    return any(byte < 9 or byte > 126 or 13 < byte < 32 for byte in body[:256])


def _raw_photo(head: bytes) -> str:
    """Tell raw data of cameras, whose first picture is only a small preview, from TIFF pictures."""
    if head[8:10] == b"CR":
        return "raw photo"
    order = "<" if head[:2] == b"II" else ">"
    try:
        tags = _tags(head, order)
    except struct.error:
        return "tiff"
    is_preview = tags.get(_NEW_SUBFILE, 0) & 1 and _SUB_IFDS in tags
    is_raw = _DNG_VERSION in tags or is_preview or tags.get(_PHOTOMETRIC) in _SENSOR_DATA
    return "raw photo" if is_raw else "tiff"


def _tags(head: bytes, order: str) -> dict[int, int]:
    if head[2:4] not in (b"*\x00", b"\x00*"):
        return {}
    (start,) = struct.unpack_from(order + "I", head, 4)
    (count,) = struct.unpack_from(order + "H", head, start)
    tags = {}
    for entry in range(min(count, (len(head) - start - 2) // 12)):
        tag, kind, _, value = struct.unpack_from(order + "HHI4s", head, start + 2 + 12 * entry)
        (tags[tag],) = struct.unpack_from(order + ("H" if kind == 3 else "I"), value)
    return tags
