"""From errors to answers: every refusal is a problem document, and is counted."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from ..errors import ImageError, KeyReusedError, SpoolError, SpoolFullError
from .problems import RequestError, problem
from .service import language_of, service_of


def install(app: FastAPI) -> None:
    """Let an app answer errors as problem documents."""
    app.add_exception_handler(RequestError, _answer)
    app.add_exception_handler(ImageError, _answer_film)
    app.add_exception_handler(SpoolError, _answer_spool)
    app.add_exception_handler(HTTPException, _answer_starlette)
    app.add_exception_handler(RequestValidationError, _answer_invalid)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestError)
    return _problem(request, error)


async def _answer_film(request: Request, error: Exception) -> JSONResponse:
    """Answer for a file that can't be read; it is counted where it was read."""
    assert isinstance(error, ImageError)
    return problem(error, language_of(request))


async def _answer_spool(request: Request, error: Exception) -> JSONResponse:
    keys: dict[type[Exception], str] = {
        SpoolFullError: "disk_full",
        KeyReusedError: "key_reused",
    }
    return _problem(request, RequestError(keys.get(type(error), "spool_failed")))


async def _answer_starlette(request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework refuses: an unknown path, a wrong method."""
    assert isinstance(error, HTTPException)
    keys = {404: "unknown_path", 405: "wrong_method"}
    if error.status_code in keys:
        headers = {"Allow": _methods(request)} if error.status_code == 405 else None
        return _problem(request, RequestError(keys[error.status_code]), headers)
    return _problem(request, _invalid("a request that can be understood", "HTTP"))


async def _answer_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # Where, but not what: a value may be a name.
    first = error.errors()[0]
    return _problem(request, _invalid("a valid value", str(first["loc"][-1])))


def _methods(request: Request) -> str:
    """List the methods of all routes of a path; the framework lists one route's."""
    found: set[str] = set()
    for route in request.app.state.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE:
            found |= route.methods or set()
    return ", ".join(sorted(found))


def _invalid(expected: str, name: str) -> RequestError:
    return RequestError("bad_parameter", expected=expected, name=name)


def _problem(
    request: Request, error: RequestError, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    service_of(request).metrics.refused(error.key)
    return problem(error, language_of(request), dict(headers or {}))
