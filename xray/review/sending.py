"""Corrected copies back to a PACS, through a destination of the node's settings."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ..errors import DatasetError
from ..header.elements import careful
from ..node.config import read_config
from ..node.destinations.base import Destination, Fate, Parcel, UnreachableError
from ..node.rules import DICOM_PRODUCTS
from ..spool.deliveries import Delivery
from ..text import unguard
from .copies import TABLE_NAME


def find_destination(path: Path, name: str) -> Destination:
    """Find a PACS among the destinations of a node's settings.

    Raises:
        ConfigError: The settings can't be used.
        DatasetError: There is no such destination, or it takes no DICOM files.
    """
    destinations = read_config(path).destinations
    for each in destinations:
        if each.name == name and each.takes == DICOM_PRODUCTS:
            return each
    known = ", ".join(each.name for each in destinations) or "none"
    raise DatasetError(
        f"Expected a destination of {path} that takes DICOM files. Received: {name}. "
        f"Its destinations: {known}."
    )


def send_copies(destination: Destination, out: Path) -> Counter[str]:
    """Send every copy in a folder; what a PACS has already, it takes as sent.

    Returns:
        How many were sent, and how many not, by reason.

    Raises:
        DatasetError: The destination can't be reached.
    """
    counts: Counter[str] = Counter()
    copies = _copies(out)
    while paths := list(islice(copies, destination.batch)):
        parcels = [_parcel(path, destination.name) for path in paths]
        try:
            answers = destination.send(parcels)
        except UnreachableError as error:
            raise DatasetError(
                f"Expected {destination.name} to answer. Received: {error.reason}. "
                "The copies are written: run the same again when it is back."
            ) from error
        for answer in answers:
            sent = answer.fate in (Fate.DONE, Fate.SENT)
            counts["sent" if sent else f"not taken: {answer.reason}"] += 1
    return counts


def _copies(out: Path) -> Iterator[Path]:
    """List the copies that the table names and that are there."""
    with (out / TABLE_NAME).open(encoding="utf-8", newline="") as file:
        rows: Sequence[dict[str, str]] = list(csv.DictReader(file))
    for name in dict.fromkeys(unguard(row["copy"]) for row in rows):
        if (out / name).is_file():
            yield out / name


def _parcel(path: Path, destination: str) -> Parcel:
    from pydicom import dcmread

    with careful():
        meta = dcmread(path, stop_before_pixels=True).file_meta
        about = {
            "class": str(meta.MediaStorageSOPClassUID),
            "uid": str(meta.MediaStorageSOPInstanceUID),
            "syntax": str(meta.TransferSyntaxUID),
        }
    delivery = Delivery(
        0, 0, destination, "copy", path.name, about, "waiting", 0, "", ""
    )
    return Parcel(delivery, path)
