"""Products to a DICOMweb server by STOW-RS (PS3.18 10.5)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self
from uuid import uuid4

from ..table import Table
from ..tls import Tls
from .base import DONE, Answer, Destination, Fate, Parcel
from .http import Reply, post, read_server

_FAILED_SEQUENCE = "00081198"
_INSTANCE = "00081155"
_REASON = "00081197"
_DUPLICATE = 0x0111


@dataclass(frozen=True, slots=True)
class StowDestination(Destination):
    """A DICOMweb server that takes products by STOW-RS."""

    batch = 8
    url: str
    token: bytes = field(repr=False)  # b"": none
    tls: Tls | None = None

    @classmethod
    def read(cls, name: str, table: Table, *_: object) -> Self:
        """Read address and token."""
        url, tls = read_server(table)
        token = table.secret("token_file") if table.has("token_file") else b""
        return cls(name, url, token, tls)

    def describe(self) -> str:
        """Say where that is."""
        return f"{self.url} by STOW-RS"

    def send(self, parcels: Sequence[Parcel], *_: object) -> list[Answer]:
        """Post them in one request."""
        boundary = uuid4().hex
        body = b"".join(
            b"--%s\r\nContent-Type: application/dicom\r\n\r\n%s\r\n"
            % (boundary.encode(), parcel.path.read_bytes())
            for parcel in parcels
        )
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        headers = {"Accept": "application/dicom+json", "Content-Type": kind}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token.decode('latin-1')}"
        reply = post(
            self.url.rstrip("/") + "/studies",
            body + f"--{boundary}--\r\n".encode(),
            headers,
            self.tls,
        )
        failed = read_failures(reply.body)
        return [_answer(reply, failed, parcel) for parcel in parcels]


def read_failures(body: bytes) -> dict[str, int]:
    """Read which instances failed, and why, from an answer in JSON."""
    try:
        answer = json.loads(body)
        return {
            item[_INSTANCE]["Value"][0]: int(item[_REASON]["Value"][0])
            for item in answer.get(_FAILED_SEQUENCE, {}).get("Value", [])
        }
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}  # the status alone decides


def _answer(reply: Reply, failed: dict[str, int], parcel: Parcel) -> Answer:
    reason = failed.get(parcel.delivery.about["uid"])
    if reason == _DUPLICATE:
        return DONE
    if reason is not None:
        return Answer(Fate.REFUSED, f"status_{reason:04x}")
    if reply.status in (200, 202):
        return DONE
    return Answer(Fate.REFUSED, f"http_{reply.status}")
