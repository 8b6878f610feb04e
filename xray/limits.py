"""How much of anything xray accepts: every cap, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what comes in; messages state the one that was hit."""

    file_bytes: int = 200 * 2**20  # one file
    pixels: int = 100_000_000  # one picture, checked before it is decoded
    header_elements: int = 50_000  # of one DICOM file, items of sequences included
    fragments: int = 100_000  # of one DICOM file's compressed pixels
    inflated_bytes: int = 256 * 2**20  # one deflated DICOM file, unpacked
    upload_files: int = 1_000  # files of one upload, those inside zips included
    upload_bytes: int = 2 * 2**30  # bytes of one upload
    waiting_bytes: int = 4 * 2**30  # unpacked uploads of all tabs that still wait
    session_bytes: int = 96 * 2**20  # full-size pictures that a session keeps
    zip_members: int = 5_000  # entries of one zip, folders included
    zip_ratio: int = 200  # unpacked bytes for each packed byte
    decode_seconds: float = 15.0  # one file in the decoding process, at most
    decode_seconds_start: float = 4.0  # of them for any file, the rest for its size
    decode_bytes_second: int = 2**20  # bytes of the file that earn another second
    decode_bytes: int = 2 * 2**30  # address space of a decoding process; one a core
    decode_kept_bytes: int = 512 * 2**20  # above it an idle process is replaced


LIMITS = Limits()
