"""Products to a DICOMweb server by STOW-RS (PS3.18 10.5)."""

import json
from collections.abc import Sequence
from uuid import uuid4

from ...errors import ConfigError
from ..config import StowDestination
from .http import Reply, post
from .sender import DONE, Answer, Fate, Parcel

_FAILED_SEQUENCE = "00081198"
_INSTANCE = "00081155"
_REASON = "00081197"
_DUPLICATE = 0x0111


class StowSender:
    """Posts instances to a DICOMweb server.

    Args:
        destination: Its root, and the file of a token.

    Raises:
        ConfigError: The token can't be read.
    """

    batch = 8

    def __init__(self, destination: StowDestination) -> None:
        self._url = destination.url.rstrip("/") + "/studies"
        self._tls = destination.tls
        self._headers = {"Accept": "application/dicom+json"}
        if destination.token_file is not None:
            self._headers["Authorization"] = f"Bearer {_token(destination)}"

    def send(self, parcels: Sequence[Parcel]) -> list[Answer]:
        """Post them in one request."""
        boundary = uuid4().hex
        body = b"".join(
            b"--%s\r\nContent-Type: application/dicom\r\n\r\n%s\r\n"
            % (boundary.encode(), parcel.path.read_bytes())
            for parcel in parcels
        )
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        reply = post(
            self._url,
            body + f"--{boundary}--\r\n".encode(),
            self._headers | {"Content-Type": kind},
            self._tls,
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


def _token(destination: StowDestination) -> str:
    try:
        return str(
            destination.token_file and destination.token_file.read_text().strip()
        )
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"Expected a token in {destination.token_file}. Received: {error}. Make "
            "the file readable for the node."
        ) from error
