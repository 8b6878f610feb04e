"""What the server refuses, as problem details (RFC 9457) in the asker's language.

`type` is the key of a message of the catalog behind /problems/, where it can be looked
up; `detail` is that message.
"""

from http import HTTPStatus

from fastapi.responses import JSONResponse

from ..errors import CatalogError, ImageError
from ..labels import Language

MEDIA_TYPE = "application/problem+json"
STATUS = {
    "bad_multipart": 400,
    "no_token": 401,
    "foreign_origin": 403,
    "unknown_path": 404,
    "wrong_method": 405,
    "body_too_slow": 408,
    "key_reused": 409,
    "file_too_large": 413,
    "request_too_large": 413,
    "too_many_parts": 413,
    "media_type": 415,
    "unsupported": 415,
    "bad_parameter": 422,
    "queue_full": 429,
    "program_error": 500,
    "spool_failed": 503,
    "stopping": 503,
    "work_too_slow": 503,
    "disk_full": 507,
}
_UNREADABLE = 422  # every other message is of a file that can't be read
_RETRY_SECONDS = {
    **{"queue_full": 1, "work_too_slow": 10, "stopping": 10},
    "spool_failed": 10,
}
_HEADERS = {"no_token": {"WWW-Authenticate": "Bearer"}}


class RequestError(CatalogError):
    """A request that is not answered."""


def problem(
    error: RequestError | ImageError,
    language: Language = "en",
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Make the answer for what is refused."""
    status = STATUS.get(error.key, _UNREADABLE)
    every = {"Content-Language": language} | _HEADERS.get(error.key, {})
    if error.key in _RETRY_SECONDS:
        every["Retry-After"] = str(_RETRY_SECONDS[error.key])
    content = {
        "type": f"/problems/{error.key}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.text(language),
    }
    return JSONResponse(content, status, every | (headers or {}), MEDIA_TYPE)


def preferred_language(accepted: str) -> Language:
    """Choose the language of an Accept-Language header; English where in doubt."""
    shares = {"en": 0.0, "es": 0.0}
    for word in accepted.lower().split(","):
        tag, _, weight = word.strip().partition(";q=")
        name = tag.partition("-")[0]
        if name in shares:
            shares[name] = max(shares[name], _share(weight))
    return "es" if shares["es"] > shares["en"] else "en"


def _share(weight: str) -> float:
    try:
        return float(weight or 1)
    except ValueError:
        return 0.0
