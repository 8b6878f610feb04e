"""One POST straight to a server: no redirects, which would send secrets elsewhere."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..table import Table
from ..tls import Tls, client_context, read_client_tls
from .base import UnreachableError

_SECONDS = 60.0
_MOST = 2**20  # bytes of an answer that are read
_BUSY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is one: not a server in trouble."""

    status: int
    body: bytes


def read_server(table: Table) -> tuple[str, Tls | None]:
    """Read a server's address, and the certificates for it."""
    url, tls = table.url(), read_client_tls(table)
    if tls is not None and not url.startswith("https:"):
        raise table.wrong("url", "an address with https, as tls is set", url)
    return url, tls


def post(
    url: str, body: bytes, headers: Mapping[str, str], tls: Tls | None = None
) -> Reply:
    """Send a body.

    Args:
        url: Where to.
        body: What.
        headers: Beside those of every request.
        tls: Certificates, if not the system's.

    Raises:
        UnreachableError: No server, or one that is busy, broken or refuses who asks.
    """
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = client_context(tls or Tls())
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.netloc, timeout=_SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        reply = Reply(answer.status, answer.read(_MOST))
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError("unreachable") from error
    finally:
        connection.close()
    if reply.status in (401, 403):
        raise UnreachableError("unauthorized")
    if reply.status >= 500 or reply.status in _BUSY:
        raise UnreachableError(f"http_{reply.status}")
    return reply
