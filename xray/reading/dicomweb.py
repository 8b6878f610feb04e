"""Radiographs of a DICOMweb server: listed by QIDO-RS, read whole by WADO-RS.

PS3.18 10.6 and 10.4. Instances are taken as they are stored, in any transfer syntax.
Credentials come from the environment, and from nowhere else.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import DatasetError, ImageError
from ..limits import LIMITS
from .dicom.modality import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    import requests

PAGE = 500  # answers of one question
TOKEN, USER, PASSWORD = (
    f"XRAY_DICOMWEB_{name}" for name in ("TOKEN", "USER", "PASSWORD")
)

_ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_SECONDS = (10.0, 120.0)  # to connect, and for each answer
_TRIES = 3
_CHUNK = 1 << 20
_STUDY, _SERIES, _INSTANCE = "0020000D", "0020000E", "00080018"
_MODALITY = "00080060"
_FIRST_DAY = date(1970, 1, 1)  # of studies in an archive that has to be cut up
_STOPPING = frozenset({401, 403, 407, 429, 502, 503, 504})  # no fault of one file

Answers = list[dict[str, Any]]
Window = tuple[date, date] | None  # of Study Date (0008,0020); None: any, or none


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
        from dicomweb_client import DICOMwebClient

        if urlsplit(url).username is not None:
            raise DatasetError(
                f"Expected credentials in {TOKEN}, or {USER} and {PASSWORD}, received "
                "some in the address. Leave them out of it."
            )
        base, _, study = url.rstrip("/").partition("/studies/")
        self.study = study or None
        self.base = base.rstrip("/")
        self._host = urlsplit(url).hostname or url
        self._session = _session()
        self._client = DICOMwebClient(self.base, self._session)
        self._client.set_http_retry_params(retry=False)  # the session tries again
        self._largest = 1  # page that the server has given

    def instances(self) -> Iterator[Instance]:
        """List every radiograph once, study by study.

        Raises:
            DatasetError: The server can't be reached, or doesn't let us in.
        """
        studies = [self.study] if self.study else self._studies()
        for study in studies:
            yield from self._instances_of(study)

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

    def _studies(self) -> "Iterable[str]":
        seen: set[str] = set()
        for modality in sorted(PLAIN):
            yield from self._studies_in(None, modality, seen)

    def _studies_in(
        self, window: Window, modality: str, seen: set[str]
    ) -> Iterator[str]:
        """List studies of a window, which is halved where an answer may be cut short.

        Some servers ignore `offset`, and some give fewer than were asked for without
        a word. A page as large as any that this server gave may be such.
        """
        filters = {"ModalitiesInStudy": modality}
        if window is not None:
            filters["StudyDate"] = "-".join(f"{day:%Y%m%d}" for day in window)

        def ask(offset: int) -> Answers:
            return self._client.search_for_studies(
                limit=PAGE, offset=offset, search_filters=filters
            )

        pages = self._pages(ask, _STUDY)
        ignores_offset = False
        for page, is_new in pages:
            ignores_offset = not is_new
            for study in page:
                if study not in seen:
                    seen.add(study)
                    yield study
            largest = max(self._largest, len(page))
            is_full, self._largest = len(page) >= self._largest, largest
        if ignores_offset and is_full:
            for half in _halves(window):
                yield from self._studies_in(half, modality, seen)

    def _instances_of(self, study: str) -> Iterator[Instance]:
        seen: set[str] = set()

        def ask(offset: int) -> Answers:
            found = self._client.search_for_instances(
                study, limit=PAGE, offset=offset, fields=[_MODALITY, _SERIES]
            )
            listed.update({_text(each, _INSTANCE): each for each in found})
            return found

        listed: dict[str, dict[str, Any]] = {}
        for page, _ in self._pages(ask, _INSTANCE):
            for uid in page:
                modality = _text(listed[uid], _MODALITY)
                if uid in seen or (modality and modality not in PLAIN):
                    continue
                seen.add(uid)
                yield Instance(study, _text(listed[uid], _SERIES), uid)

    def _pages(
        self, ask: Callable[[int], Answers], tag: str
    ) -> Iterator[tuple[list[str], bool]]:
        """Ask page by page, until one brings nothing that others haven't.

        Yields:
            The UIDs of a page, and whether any of them is new.
        """
        import requests

        seen: set[str] = set()
        offset = 0
        while True:
            try:
                page = [_text(each, tag) for each in ask(offset)]
            except requests.RequestException as error:
                raise self._error(error) from error
            if not page:
                return
            is_new = not seen.issuperset(page)
            yield page, is_new
            if not is_new:
                return
            seen.update(page)
            offset += len(page)

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


def _halves(window: Window) -> list[tuple[date, date]]:
    """Cut a window in two; none where it is one day."""
    # A study of tomorrow is one of a server east of here.
    first, last = window or (_FIRST_DAY, date.today() + timedelta(days=1))
    if first == last:
        return []
    middle = first + (last - first) // 2
    return [(first, middle), (middle + timedelta(days=1), last)]


def _text(answer: dict[str, Any], tag: str) -> str:
    """Read a value of the DICOM JSON model (PS3.18 F.2)."""
    values = answer.get(tag, {}).get("Value") or [""]
    return str(values[0])


def _read_within_limit(pieces: "Iterable[bytes]") -> bytes:
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LIMITS.file_bytes:
            limit = f"{LIMITS.file_bytes:,} bytes"
            raise ImageError("file_too_large", limit=limit, received=f"> {limit}")
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
