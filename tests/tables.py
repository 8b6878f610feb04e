"""The README's tables, from what the code really does: `python -m tests.tables`.

Each table stands between two comments, `<!-- name -->` and `<!-- end -->`.
"""

import sys
from pathlib import Path

import numpy as np
from pydicom.uid import JPEGBaseline8Bit

from tests.dicom_files import make_dicom, phantom, wedge
from xray.limits import LIMITS
from xray.messages import MESSAGES
from xray.reading.decoding import decode
from xray.reading.dicom.stored import DECODERS

README = Path(__file__).resolve().parent.parent / "README.md"

_LIBRARIES = {
    "pydicom": "pydicom (MIT)",
    "pillow": "Pillow (MIT-CMU)",
    "pylibjpeg": "pylibjpeg-openjpeg (MIT)",
    "pyjpegls": "pyjpegls (MIT)",
    "gdcm": "GDCM (BSD)",
}
_LIMITS = {
    "file_bytes": "bytes of one file",
    "pixels": "pixels of one picture, checked before it is decoded",
    "header_elements": "elements of one DICOM header",
    "fragments": "fragments of one compressed picture",
    "inflated_bytes": "bytes of one deflated DICOM file, unpacked",
    "upload_files": "files of one upload, those inside zips included",
    "upload_bytes": "bytes of one upload, zips unpacked",
    "zip_members": "entries of one zip",
    "zip_ratio": "unpacked bytes for each packed byte in a zip",
    "decode_seconds": "seconds to decode one file",
    "decode_bytes": "bytes of memory to decode one file",
}


def transfer_syntaxes() -> str:
    """List every transfer syntax, decoding a picture in each.

    The last column is how far the decoded pixels are from the uncompressed ones,
    in parts of the whole range.
    """
    lines = [
        "| Transfer syntax | UID | Decoded by | Off by |",
        "|---|---|---|---|",
    ]
    for syntax, plugins in DECODERS.items():
        pixels, bits = phantom(), 12
        if "High-Throughput" in syntax.name:
            pixels = wedge()
        if syntax == JPEGBaseline8Bit:
            pixels, bits = phantom(bits=8).astype(np.uint8), 8
        plain = decode(make_dicom(pixels, bits=bits)).samples.astype(np.int64)
        packed = decode(make_dicom(pixels, syntax, bits=bits)).samples
        off = np.abs(packed - plain).max() / 65535
        exact = "0" if off == 0 else f"{off:.1%}" if off >= 0.001 else "< 0.1%"
        by = ", then ".join(_LIBRARIES[name] for name in plugins) or "NumPy (BSD)"
        lines.append(f"| {syntax.name} | {syntax} | {by} | {exact} |")
    return "\n".join(lines)


def messages() -> str:
    """List every message in English, with its placeholders."""
    lines = ["| Key | What it says |", "|---|---|"]
    for key, message in MESSAGES.items():
        english = message.english.replace("|", "\\|")
        lines.append(f"| `{key}` | {english} |")
    return "\n".join(lines)


def limits() -> str:
    """List the caps on what comes in."""
    lines = ["| Limit | At most | Of |", "|---|---|---|"]
    for name, meaning in _LIMITS.items():
        lines.append(f"| `{name}` | {getattr(LIMITS, name):,} | {meaning} |")
    return "\n".join(lines)


TABLES = {
    "transfer-syntaxes": transfer_syntaxes,
    "messages": messages,
    "limits": limits,
}


def fill(text: str) -> str:
    """Put every table between its two comments."""
    for name, make in TABLES.items():
        start, end = f"<!-- {name} -->\n", "<!-- end -->"
        before, mark, rest = text.partition(start)
        if mark:
            _, _, after = rest.partition(end)
            text = f"{before}{start}{make()}\n{end}{after}"
    return text


def main() -> int:
    """Bring the README's tables up to date."""
    README.write_text(fill(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
