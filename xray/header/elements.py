"""Values of DICOM elements, read so that a malformed one counts as absent."""

import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from pydicom import DataElement, Dataset
from pydicom.charset import default_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_sequence
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from ..errors import ImageError
from .bounded import Budget, HeaderBytes
from .charset import declared, encodings, raw_text, read_text

LONGEST_VALUE = 2 * 65536  # bytes: of the largest look-up table
_BYTES_A_PIECE = 32  # of a value, for what converting it costs

# What pydicom and the decoders raise over damaged input.
BROKEN = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    LookupError,
    OSError,
    RuntimeError,  # RecursionError and NotImplementedError among them
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence pydicom, which warns of odd values by quoting them: maybe a name.

    Also a decorator: `@quiet()`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def careful() -> Iterator[None]:
    """Be `quiet`, and call a file damaged over which pydicom stumbles.

    Only around what reads a file's elements, or writes them as they were: anything
    else that fails in here would pass for damage.

    Raises:
        ImageError: Something in the file can't be read or written again.
    """
    try:
        with quiet():
            yield
    except BROKEN as error:
        raise ImageError("damaged", kind="DICOM") from error


def drop_malformed(
    dataset: Dataset, budget: Budget, parent_charset: Iterable[str] = ()
) -> None:
    """Remove every element whose value can't be converted, items included.

    What is left is converted. Once the budget is spent, all else counts as
    malformed. An item shares the character set of the header it lies in.
    """
    drop_unbounded(dataset, budget)
    charset = declared(dataset) or list(parent_charset)
    names, _ = encodings(charset)
    for tag in list(dataset.keys()):
        text = raw_text(dataset, tag)
        if text is not None and not text[1].isascii():
            dataset[tag] = DataElement(tag, text[0], read_text(text[1], names))
        try:
            element = dataset[tag]
        except BROKEN:
            del dataset[tag]
            continue
        if element.VR == "SQ":
            dataset[tag] = element  # tells its items whether values are signed
            for item in items(dataset, tag):
                drop_malformed(item, budget, charset)


def drop_unbounded(dataset: Dataset, budget: Budget) -> None:
    """Parse the sequences, and remove every element that would outrun the budget.

    pydicom converts whatever is there once it is looked at: a million items, or
    numbers. Afterwards it may be looked at; items have still to be treated alike.
    """
    for tag in list(dataset.keys()):
        try:
            _limit(dataset, tag, budget)
        except BROKEN:
            del dataset[tag]


def items(dataset: Dataset, key: str | int) -> list[Dataset]:
    """Read the items of a sequence; empty where there is none."""
    value = dataset[key].value if key in dataset else None
    if value is None or isinstance(value, str | bytes | int | float):
        return []
    return [item for item in value if isinstance(item, Dataset)]


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Read every finite number of an element; empty where there is none."""
    return [number for number in places(dataset, keyword) if number is not None]


def places(dataset: Dataset, keyword: str) -> list[float | None]:
    """Read the numbers of an element in their places; None where one is none."""
    value = dataset.get(keyword)
    many = value if isinstance(value, MultiValue | list | tuple) else [value]
    return [_finite(item) for item in many]


def first_number(dataset: Dataset, keyword: str) -> float | None:
    """Read the first finite number of an element."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def code_string(dataset: Dataset, keyword: str) -> str:
    """Read the first value of a code string in upper case; empty if absent."""
    value = dataset.get(keyword)
    if isinstance(value, MultiValue | list | tuple):
        value = value[0] if value else None
    return value.strip().upper() if isinstance(value, str) else ""


def _finite(item: object) -> float | None:
    try:
        # A decimal comma is no number for pydicom, which leaves it as text.
        number = float(item.replace(",", ".") if isinstance(item, str) else item)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if np.isfinite(number) else None


def _limit(dataset: Dataset, tag: BaseTag, budget: Budget) -> None:
    """Count what converting an element costs; parse it if it is a sequence."""
    raw = dataset.get_item(tag)
    if not isinstance(raw, RawDataElement) or not isinstance(raw.value, bytes):
        return
    if _is_sequence(raw):
        dataset[tag] = DataElement(tag, "SQ", _parse_items(dataset, raw, budget))
        return
    budget.spend(raw.value.count(b"\\") + len(raw.value) // _BYTES_A_PIECE)
    if len(raw.value) > LONGEST_VALUE:
        raise ValueError("expected a shorter value")


def _parse_items(dataset: Dataset, raw: RawDataElement, budget: Budget) -> Sequence:
    value = raw.value or b""
    return read_sequence(
        HeaderBytes(value, budget),
        raw.is_implicit_VR,
        raw.is_little_endian,
        len(value),
        dataset.original_character_set or default_encoding,
    )


def _is_sequence(raw: RawDataElement) -> bool:
    if raw.VR in (None, "UN"):
        try:
            return dictionary_VR(raw.tag) == "SQ"
        except KeyError:
            return False
    return raw.VR == "SQ"
