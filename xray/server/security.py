"""Who may ask: who knows a token, and no page of another server.

A token is sent as `Authorization: Bearer …` (RFC 6750).
"""

from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from .problems import RequestError
from .service import service_of

_bearer = HTTPBearer(auto_error=False, description="A line of --token-file.")


def authorize(
    request: Request,
    given: HTTPAuthorizationCredentials | None = Depends(_bearer),  # noqa: B008
) -> str:
    """Let a request in only with a known token, and give its owner's name.

    Raises:
        RequestError: There is none, or no such.
    """
    tokens = service_of(request).settings.tokens
    if tokens is None:
        return "anyone"
    owner = tokens.find(given.credentials) if given else None
    if owner is None:
        raise RequestError("no_token")
    return owner


def refuse_foreign_pages(request: Request) -> None:
    """Refuse what a page of another server makes a browser ask.

    A browser in the hospital reaches what the internet can't: without this any page
    open in it could fill the queue, and with a name that it resolves to this machine
    (DNS rebinding) read the answers too.

    Raises:
        RequestError: Origin is another server's, or Host no name of this one.
    """
    settings = service_of(request).settings
    host = request.headers.get("host", "")
    if settings.hosts and _name(f"//{host}") not in settings.hosts:
        raise RequestError("foreign_origin")
    origin = request.headers.get("origin")
    if origin is None or origin in settings.origins:
        return
    if urlsplit(origin).netloc != host:
        raise RequestError("foreign_origin")


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
