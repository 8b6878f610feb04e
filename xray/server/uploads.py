"""Bodies as they come in: counted before they are held, never in a temporary folder.

Multipart bodies are parsed while they arrive (RFC 2046 5.1); their parts go where the
route wants them, into bounded memory or into the spool.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from ..reading.archive import display_name
from .problems import RequestError
from .work import Place

FORM = "multipart/form-data"
RAW_TYPES = ("application/dicom", "image/png", "image/jpeg", "application/octet-stream")
UNNAMED = "-"  # what is sent without a name

Take = Callable[[bytes], None]  # is given the pieces of a body, or of a part


@dataclass(frozen=True, slots=True)
class MediaType:
    """A Content-Type."""

    name: str  # lower case, without parameters
    parameters: dict[str, str]

    @classmethod
    def of(cls, header: str | None) -> "MediaType":
        """Read a Content-Type or Content-Disposition."""
        name, parameters = parse_options_header(header)
        return cls(
            name.decode("latin-1"),
            {
                key.decode("latin-1").lower(): value.decode(errors="replace")
                for key, value in parameters.items()
            },
        )


@dataclass(slots=True)
class Upload:
    """One file of a request, in memory."""

    name: str
    pieces: list[bytes] = field(default_factory=list)

    def data(self) -> bytes:
        """Put the file together; the pieces are gone then."""
        data = b"".join(self.pieces)
        self.pieces.clear()
        return data


async def receive(request: Request, most: int, seconds: float, take: Take) -> None:
    """Read a body piece by piece.

    Args:
        request: Whose body wasn't read yet.
        most: Bytes, after which it is refused.
        seconds: Until it must be there.
        take: Is given the pieces.

    Raises:
        RequestError: The body is too long or too slow.
    """
    too_large = RequestError("request_too_large", limit=f"{most:,}")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise too_large
    total = 0
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                total += len(piece)
                if total > most:
                    raise too_large
                take(piece)
    except TimeoutError as error:
        raise RequestError("body_too_slow", seconds=f"{seconds:g}") from error


async def receive_films(
    request: Request, place: Place, several: bool = True
) -> tuple[list[Upload], bool]:
    """Read the files of a request into memory.

    Args:
        request: Its body is one file, or several as multipart.
        place: The request's; counts what is held.
        several: Whether multipart is taken.

    Returns:
        The files, and whether they came as a list, multipart.

    Raises:
        RequestError: The body is of no type taken here, broken, too long or too slow.
    """
    settings = place.settings
    kind = MediaType.of(request.headers.get("content-type"))
    films: list[Upload] = []

    def begin(name: str, _media_type: str) -> Take:
        films.append(Upload(name))
        return partial(_keep, place, films[-1])

    multipart = None
    if kind.name == FORM and several:
        multipart = Multipart(kind, begin, settings.request_files)
        take: Take = multipart.feed
    elif kind.name in ("", *RAW_TYPES):
        take = begin(UNNAMED, kind.name)
    else:
        types = (*RAW_TYPES, FORM) if several else RAW_TYPES
        raise RequestError("media_type", expected=", ".join(types))
    await receive(request, settings.body_bytes, settings.body_seconds, take)
    if multipart is not None:
        multipart.finish()
    return films, multipart is not None


def _keep(place: Place, film: Upload, piece: bytes) -> None:
    place.hold(len(piece))
    film.pieces.append(piece)


class Multipart:
    """A multipart body, parsed as it comes in.

    Args:
        kind: The body's Content-Type.
        begin: Called with name and media type of each part; gives what takes it.
        most: Parts, after which the body is refused.

    Raises:
        RequestError: The Content-Type names no boundary.
    """

    def __init__(
        self, kind: MediaType, begin: Callable[[str, str], Take], most: int
    ) -> None:
        self._begin, self._most = begin, most
        self._count = 0
        self._is_whole = False
        self._headers: dict[str, str] = {}
        self._field = self._value = b""
        self._take: Take = _ignore
        boundary = kind.parameters.get("boundary", "")
        if not boundary:
            raise RequestError("bad_multipart")
        try:
            self._parser = MultipartParser(
                boundary.encode(),
                {
                    "on_part_begin": self._on_part_begin,
                    "on_header_field": self._on_header_field,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_part_data,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:
            raise RequestError("bad_multipart") from error

    def feed(self, piece: bytes) -> None:
        """Parse on.

        Raises:
            RequestError: This is no multipart body, or it has too many parts.
        """
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise RequestError("bad_multipart") from error

    def finish(self) -> None:
        """Make sure that the body has come to its end.

        Raises:
            RequestError: It breaks off, or has no part.
        """
        if not self._is_whole or not self._count:
            raise RequestError("bad_multipart")

    def _on_part_begin(self) -> None:
        self._count += 1
        if self._count > self._most:
            raise RequestError("too_many_parts", limit=f"{self._most:,}")
        self._headers = {}

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        name = self._field.decode("latin-1").lower()
        self._headers[name] = self._value.decode("latin-1")
        self._field = self._value = b""

    def _on_headers_finished(self) -> None:
        said = MediaType.of(self._headers.get("content-disposition"))
        name = said.parameters.get("filename")
        if name is None and said.name == "form-data":
            field = "Content-Disposition"
            raise RequestError("bad_parameter", expected="a filename", name=field)
        media_type = MediaType.of(self._headers.get("content-type")).name
        self._take = self._begin(display_name(name) if name else UNNAMED, media_type)

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._take(data[start:end])

    def _on_end(self) -> None:
        self._is_whole = True


def _ignore(_piece: bytes) -> None:
    """Take what comes before any part."""
