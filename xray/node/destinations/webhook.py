"""Answers told to a program as JSON, signed so that it knows who tells them."""

import hashlib
import hmac
import time
from collections.abc import Sequence

from ...errors import ConfigError
from ..config import WebhookDestination
from .http import post
from .sender import DONE, Answer, Fate, Parcel

_SHORTEST = 16  # bytes of a secret


class WebhookSender:
    """Posts each record to an address.

    Args:
        destination: Address and the file of the secret.

    Raises:
        ConfigError: The secret can't be read or is short.
    """

    batch = 1

    def __init__(self, destination: WebhookDestination) -> None:
        self._url, self._tls = destination.url, destination.tls
        self._secret = read_secret(destination)

    def send(self, parcels: Sequence[Parcel]) -> list[Answer]:
        """Post them one by one."""
        return [self._send(parcel) for parcel in parcels]

    def _send(self, parcel: Parcel) -> Answer:
        body = parcel.path.read_bytes()
        now = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.delivery.about["uid"],
            "X-Xray-Timestamp": now,
            "X-Xray-Signature": sign(self._secret, now, body),
        }
        reply = post(self._url, body, headers, self._tls)
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


def read_secret(destination: WebhookDestination) -> bytes:
    """Read the secret that both ends know."""
    try:
        secret = destination.secret_file.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"Expected a secret in {destination.secret_file}. Received: "
            f"{error.strerror}. Make the file readable for the node."
        ) from error
    if len(secret) < _SHORTEST:
        raise ConfigError(
            f"Expected a secret of at least {_SHORTEST} bytes in "
            f"{destination.secret_file}. Received: {len(secret)}. Make a longer one."
        )
    return secret
