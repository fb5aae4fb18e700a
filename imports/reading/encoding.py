"""How the bytes of a text file become characters."""

import codecs
import re
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Final

import chardet

from imports.reading.errors import FileError

SAMPLE_BYTES: Final = 256 * 1024
_CHUNK_BYTES: Final = 1024 * 1024

# Longest first: UTF-32's little-endian mark begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Supersets that real files are written in, whatever they are called.
_SUPERSETS: Final = {
    "ascii": "utf-8",
    "utf-8-sig": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_DEFAULT: Final = "cp1252"
_NOT_OF_FILES: Final = frozenset(
    (
        "idna",
        "punycode",
        "utf-7",
        "unicode-escape",
        "raw-unicode-escape",
        "undefined",
        "mbcs",
        "oem",
    )
)

# Fewer bytes beyond ASCII than this are no evidence for a rare single-byte encoding.
_EVIDENCE_BYTES: Final = 16
_HIGH: Final = re.compile(rb"[\x80-\xff]")
DAMAGED: Final = "imports-damaged"


def _damaged_bytes(error: UnicodeError) -> tuple[str, int]:
    """Keep each undecodable byte as a lone surrogate, in any codec, for the cleaners to refuse."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    damaged = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in damaged), error.end


codecs.register_error(DAMAGED, _damaged_bytes)


def detect_encoding(path: Path) -> str:
    """Name the Python codec of a text file: by its mark, as UTF-8, then by statistics.

    Reads the whole file once in a stream to be sure of UTF-8. Raises FileError for binary files.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    marked = _by_mark(head)
    if marked is not None:
        return marked
    wide = _wide_without_mark(head)
    if wide is not None:
        return wide
    survey = _survey(path)
    return "utf-8" if survey.is_utf8 else _by_statistics(survey.evidence)


def known_encoding(name: str) -> str:
    """Return the codec's own name, or its superset in use. Raises FileError for an unknown one."""
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)
    except (LookupError, TypeError, ValueError):
        codec = None
    if codec is None or codec.name in _NOT_OF_FILES:
        raise FileError(
            "unknown_encoding",
            f"There is no text encoding named “{name[:40]}”; choose one such as utf-8 or cp1252.",
        )
    return _SUPERSETS.get(codec.name, codec.name)


def open_text(path: Path, encoding: str) -> TextIOWrapper:
    """Open a text file behind its mark, line breaks untouched.

    Bytes that the encoding does not have become lone surrogates: nothing fails here.
    """
    file = path.open("rb")
    try:
        file.seek(_mark_length(file, encoding))
        return TextIOWrapper(file, encoding=encoding, errors=DAMAGED, newline="")
    except BaseException:
        file.close()
        raise


def decode_sample(path: Path, encoding: str) -> str:
    """The first 256 KiB as text, cut at the last whole line when the file is longer."""
    with path.open("rb") as file:
        file.seek(_mark_length(file, encoding))
        head = file.read(SAMPLE_BYTES)
        is_whole = not file.read(1)
    text = codecs.getincrementaldecoder(encoding)(DAMAGED).decode(head, final=is_whole)
    if is_whole:
        return text
    end = max(text.rfind("\n"), text.rfind("\r"))
    return text[: end + 1] if end > 0 else text


def _mark_length(file: BufferedReader, encoding: str) -> int:
    head = file.read(4)
    for mark, marked in _MARKS:
        # Some exporters write UTF-32 behind a two-byte mark of UTF-16, of either order.
        is_short = encoding.startswith("utf-32") and len(mark) == 2
        if head.startswith(mark) and (marked == encoding or is_short):
            return len(mark)
    return 0


def _by_mark(head: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            wide = _wide_without_mark(head[2:]) if len(mark) == 2 else None
            return wide if wide is not None and wide.startswith("utf-32") else encoding
    return None


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 or UTF-32, told by where their zero bytes stand."""
    zeros = [head[place::4].count(0) for place in range(4)]
    quarter = len(head) // 4
    if quarter == 0 or sum(zeros) < max(2, len(head) // 100):
        return None
    for encoding, zero_places, other in (
        ("utf-32-le", (2, 3), 0),
        ("utf-32-be", (0, 1), 3),
    ):
        if all(zeros[place] >= quarter * 0.95 for place in zero_places) and not zeros[other]:
            return encoding
    low, high = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if min(low, high) > max(low, high) / 50 or max(low, high) < len(head) / 20:
        return None
    return _decodable(head, "utf-16-le" if high > low else "utf-16-be")


def _decodable(head: bytes, encoding: str) -> str | None:
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError:
        return None
    return encoding


@dataclass(frozen=True, slots=True)
class _Survey:
    is_utf8: bool
    evidence: bytes


def _survey(path: Path) -> _Survey:
    """Read a whole file: is it UTF-8, and the first lines of it that are more than ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    is_valid, evidence = True, bytearray()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            is_valid = is_valid and _feed(decoder, chunk)
            if len(evidence) < SAMPLE_BYTES:
                evidence += _beyond_ascii(chunk, SAMPLE_BYTES - len(evidence))
            elif not is_valid:
                break
    is_valid = is_valid and _feed(decoder, b"", final=True)
    return _Survey(is_valid or _is_damaged_utf8(bytes(evidence)), bytes(evidence))


def _feed(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _beyond_ascii(chunk: bytes, limit: int) -> bytes:
    found = None if chunk.isascii() else _HIGH.search(chunk)
    if found is None:
        return b""
    start = chunk.rfind(b"\n", 0, found.start()) + 1
    return chunk[start : start + limit]


def _is_damaged_utf8(evidence: bytes) -> bool:
    """UTF-8 with a few broken bytes: those rows fail, the rest of the file is right."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(evidence)
    beyond_ascii = sum(1 for character in text if character > "\x7f")
    broken = text.count("\ufffd")
    return beyond_ascii - broken >= 20 and broken * 20 <= beyond_ascii


def _by_statistics(evidence: bytes) -> str:
    found = chardet.detect(evidence, encoding_era=chardet.EncodingEra.MODERN_WEB)
    if found["encoding"] is None:
        raise FileError(
            "binary", "This file is not text; choose a CSV file, or save the list as CSV (UTF-8)."
        )
    encoding = known_encoding(found["encoding"])
    return _DEFAULT if _is_weak(encoding, evidence) else encoding


def _is_weak(encoding: str, evidence: bytes) -> bool:
    """Too few bytes to believe in a rare encoding, where Western European reads them all."""
    high_bytes = len(_HIGH.findall(evidence))
    is_single_byte = encoding.startswith(("cp125", "iso8859", "koi8", "mac", "cp874"))
    is_weak = high_bytes < _EVIDENCE_BYTES and (is_single_byte or high_bytes < 4)
    return is_weak and _decodable(evidence, _DEFAULT) is not None
