"""Radiographs of a DICOMweb server: listed by QIDO-RS, read whole by WADO-RS.

PS3.18 10.6 and 10.4. Instances are taken as they are stored, in any transfer syntax.
Credentials come from the environment, and from nowhere else.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from threading import local
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import DatasetError, ImageError
from ..limits import LIMITS
from ..threads import wait_at_once
from .archive import Found
from .dicom.modality import PLAIN
from .files import too_large
from .listing import PAGE, Answers, Studies, pages, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import requests
    from dicomweb_client import DICOMwebClient

AT_ONCE = 4  # requests to one server, which others use as well
TOKEN, USER, PASSWORD = (
    f"XRAY_DICOMWEB_{name}" for name in ("TOKEN", "USER", "PASSWORD")
)

_ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_SECONDS = (10.0, 120.0)  # to connect, and for each answer
_TRIES = 3
_CHUNK = 1 << 20
_SERIES, _INSTANCE = "0020000E", "00080018"
_MODALITY = "00080060"
_STOPPING = frozenset({401, 403, 407, 429, 502, 503, 504})  # no fault of one file


@dataclass(frozen=True, slots=True)
class Instance:
    """Where an instance is."""

    study: str
    series: str
    uid: str

    @property
    def path(self) -> str:
        """Its place below the server's address."""
        return f"studies/{self.study}/series/{self.series}/instances/{self.uid}"


class DicomWeb:
    """A server, or one study of it.

    Args:
        url: As `https://pacs.example/dicom-web`, or with `/studies/UID` behind it.

    Raises:
        DatasetError: The URL holds credentials, which would be written into reports.
    """

    def __init__(self, url: str) -> None:
        if urlsplit(url).username is not None:
            raise DatasetError(
                f"Expected credentials in {TOKEN}, or {USER} and {PASSWORD}, received "
                "some in the address. Leave them out of it."
            )
        base, _, study = url.rstrip("/").partition("/studies/")
        self.study = study or None
        self.base = base.rstrip("/")
        self._host = urlsplit(url).hostname or url
        self._own = local()  # a session of requests is of one thread

    def instances(self) -> Iterator[Instance]:
        """List every radiograph once, study by study.

        Raises:
            DatasetError: The server can't be reached, doesn't let us in, or hides
                studies that it has.
        """
        studies = (
            [self.study]
            if self.study
            else Studies(self._host, self._search).of(sorted(PLAIN))
        )
        for found in wait_at_once(self._instances_of, studies, AT_ONCE):
            yield from found

    def found(self, instance: Instance) -> Found:
        """Name an instance by its path, to be read later."""
        return Found(instance.path, lambda: self.read(instance))

    def read(self, instance: Instance) -> bytes | ImageError:
        """Read a whole instance; gives the error that is this file's own.

        Raises:
            DatasetError: The server can't be reached, or doesn't let us in.
        """
        import requests

        url = f"{self.base}/{instance.path}"
        try:
            with self._session.get(
                url, headers={"Accept": _ACCEPT}, stream=True, timeout=_SECONDS
            ) as answer:
                answer.raise_for_status()
                body = _read_within_limit(answer.iter_content(_CHUNK))
                return _single_part(body, answer.headers.get("Content-Type", ""))
        except ImageError as error:
            return error
        except requests.HTTPError as error:
            if answer.status_code in _STOPPING:
                raise self._error(error) from error
            return ImageError("unreadable", reason=f"HTTP {answer.status_code}")
        except requests.RequestException as error:
            raise self._error(error) from error

    def _search(self, filters: dict[str, str], offset: int) -> Answers:
        import requests

        try:
            return self._client.search_for_studies(
                limit=PAGE, offset=offset, search_filters=filters
            )
        except requests.RequestException as error:
            raise self._error(error) from error

    def _instances_of(self, study: str) -> list[Instance]:
        return list(self._list_instances(study))

    def _list_instances(self, study: str) -> Iterator[Instance]:
        import requests

        seen: set[str] = set()

        def ask(offset: int) -> Answers:
            try:
                found = self._client.search_for_instances(
                    study, limit=PAGE, offset=offset, fields=[_MODALITY, _SERIES]
                )
            except requests.RequestException as error:
                raise self._error(error) from error
            listed.update({text(each, _INSTANCE): each for each in found})
            return found

        listed: dict[str, dict[str, Any]] = {}
        for page, _ in pages(ask, _INSTANCE):
            for uid in page:
                modality = text(listed[uid], _MODALITY)
                if uid in seen or (modality and modality not in PLAIN):
                    continue
                seen.add(uid)
                yield Instance(study, text(listed[uid], _SERIES), uid)

    @property
    def _session(self) -> "requests.Session":
        if not hasattr(self._own, "session"):
            self._own.session = _session()
        session: requests.Session = self._own.session
        return session

    @property
    def _client(self) -> "DICOMwebClient":
        from dicomweb_client import DICOMwebClient

        if not hasattr(self._own, "client"):
            self._own.client = DICOMwebClient(self.base, self._session)
            # The session tries again.
            self._own.client.set_http_retry_params(retry=False)
        client: DICOMwebClient = self._own.client
        return client

    def _error(self, error: "requests.RequestException") -> DatasetError:
        """Say what a server answered, without its address, which may hold UIDs."""
        answer = error.response
        if answer is None:
            received, advice = type(error).__name__, "Check the address and the network"
        elif answer.status_code in (401, 403):
            received = f"HTTP {answer.status_code}"
            advice = f"Set {TOKEN}, or {USER} and {PASSWORD}, to what it knows"
        else:
            received, advice = f"HTTP {answer.status_code}", "Ask who runs it"
        return DatasetError(
            f"Expected {self._host} to answer as a DICOMweb server. Received: "
            f"{received}. {advice}, and run the same again: it goes on where it was."
        )


def is_url(place: str) -> bool:
    """Say whether a place is the address of a DICOMweb server."""
    return place.startswith(("https://", "http://"))


def read_ahead(found: "Iterable[Found]") -> Iterator[Found]:
    """Read files of a server before they are asked for, several at once.

    Args:
        found: Each may be read at any time, as members of a zip may not.

    Yields:
        The same, in their order; a few are held in memory.
    """

    def read(each: Found) -> Found:
        data = each.read()
        return Found(each.path, lambda: data)

    return wait_at_once(read, found, AT_ONCE)


def _session() -> "requests.Session":
    """Make a session that shows what the environment says, and tries again."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    again = Retry(_TRIES, backoff_factor=0.5, status_forcelist=(429, 502, 503, 504))
    again.raise_on_status = False
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=again))
    token, user = os.environ.get(TOKEN), os.environ.get(USER)
    if token:
        session.auth = _Bearer(token)
    elif user:
        session.auth = (user, os.environ.get(PASSWORD, ""))
    return session


class _Bearer:
    """Shows a token; as `auth`, so that no .netrc replaces it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(
        self, request: "requests.PreparedRequest"
    ) -> "requests.PreparedRequest":
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _read_within_limit(pieces: "Iterable[bytes]") -> bytes:
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LIMITS.file_bytes:
            raise too_large()
        held.append(piece)
    return b"".join(held)


def _single_part(body: bytes, content_type: str) -> bytes:
    """Take the one part out of a multipart body (RFC 2046 5.1)."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary()
    if boundary is None:
        return body  # some servers send the file itself
    start = body.find(b"\r\n\r\n")
    end = body.rfind(b"\r\n--" + boundary.encode())
    if start < 0 or end < start:
        raise ImageError("damaged", kind="DICOM")
    return body[start + 4 : end]
