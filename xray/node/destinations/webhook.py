"""Answers told to a program as JSON, signed so that it knows who tells them."""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from ..rules import RECORD
from ..table import Table
from ..tls import Tls
from .base import DONE, Answer, Destination, Fate, Parcel
from .http import post, read_server

_SHORTEST = 16  # bytes of a secret


@dataclass(frozen=True, slots=True)
class WebhookDestination(Destination):
    """A program that is told each answer as JSON."""

    takes = (RECORD,)
    batch = 1
    url: str
    secret: bytes = field(repr=False)  # that both ends know
    tls: Tls | None = None

    @classmethod
    def read(cls, name: str, table: Table, *_: object) -> Self:
        """Read address and secret."""
        url, tls = read_server(table)
        return cls(name, url, table.secret("secret_file", _SHORTEST), tls)

    def describe(self) -> str:
        """Say where that is."""
        return f"{self.url} as signed JSON"

    def send(self, parcels: Sequence[Parcel], *_: object) -> list[Answer]:
        """Post them one by one."""
        return [self._send(parcel) for parcel in parcels]

    def _send(self, parcel: Parcel) -> Answer:
        body = parcel.path.read_bytes()
        now = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.delivery.about["uid"],
            "X-Xray-Timestamp": now,
            "X-Xray-Signature": sign(self.secret, now, body),
        }
        reply = post(self.url, body, headers, self.tls)
        if 200 <= reply.status < 300:
            return DONE
        return Answer(Fate.REFUSED, f"http_{reply.status}")


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """Sign a body and when it was sent: HMAC with SHA-256 over "timestamp.body".

    >>> sign(b"secret", "1700000000", b"{}")[:10]
    'v1=a84e0a7'
    """
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
