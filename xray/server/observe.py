"""What surrounds every request: the clock, the log, safe headers, the last net."""

import logging
import time
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import ImageError
from .metrics import Metrics
from .problems import preferred_language, problem

_log = logging.getLogger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GONE = 499  # who asked went away before the answer, as nginx has it


class Observe:
    """Counts and logs requests by the pattern of their path.

    Neither log nor counts hold an address as it was asked: paths and query strings
    may have identifiers in them.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        begun = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            status = status or _GONE
        except Exception as error:  # noqa: BLE001  # the server goes on for all others
            _log_mistake(error)
            if not status:
                await _mistaken(scope, receive, noting, error)
        self._note(scope, status or _GONE, time.perf_counter() - begun)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.answered(method, route, status, seconds)
        _log.info("%s %s %d %.0f ms", method, route, status, 1000 * seconds)


def _log_mistake(error: Exception) -> None:
    """Log where, but not what: the words of an error may hold what a header says."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s while a request was answered\n%s", type(error).__name__, where)


async def _mistaken(
    scope: Scope, receive: Receive, send: Send, error: Exception
) -> None:
    language = preferred_language(Headers(scope=scope).get("accept-language", ""))
    answer = problem(ImageError("program_error", kind=type(error).__name__), language)
    await answer(scope, receive, send)
