"""Values of DICOM elements, read so that a malformed one counts as absent."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from pydicom import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue

from ..errors import ImageError

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

    Also a decorator: `@careful()`.

    Raises:
        ImageError: Something in the file can't be read or written again.
    """
    try:
        with quiet():
            yield
    except BROKEN as error:
        raise ImageError("damaged", kind="DICOM") from error


def drop_malformed(dataset: Dataset) -> None:
    """Remove every element whose value can't be converted, items included."""
    for tag in list(dataset.keys()):
        try:
            element = dataset[tag]
        except BROKEN:
            del dataset[tag]
            continue
        if element.VR == "SQ":
            for item in items(dataset, tag):
                drop_malformed(item)


def items(dataset: Dataset, key: str | int) -> list[Dataset]:
    """Read the items of a sequence; empty where there is none."""
    value = dataset[key].value if key in dataset else None
    if value is None or isinstance(value, str | bytes | int | float):
        return []
    return [item for item in value if isinstance(item, Dataset)]


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Read every finite number of an element; empty where there is none."""
    value = dataset.get(keyword)
    many = value if isinstance(value, MultiValue | list | tuple) else [value]
    found = []
    for item in many:
        try:
            number = float(item)
        except (TypeError, ValueError, OverflowError):
            continue
        if np.isfinite(number):
            found.append(number)
    return found


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
