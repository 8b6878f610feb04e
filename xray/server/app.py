"""The server as an ASGI application, to be run by `run` or by another ASGI server."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from .. import __version__
from ..classify.classifier import Classifier
from ..spool.folder import Spool
from . import explanations, handlers, health, jobs, model, page, predictions, stow
from .job_worker import JobWorker
from .metrics import Metrics
from .observe import Observe
from .schemas import Problem, problems
from .security import refuse_foreign_pages
from .service import Service
from .settings import Settings
from .work import Work

_ABOUT = (
    "Says which of 22 body parts a radiograph shows, how sure it is, and why. Research "
    "use, not a medical device."
)


def make_app(
    classifier: Classifier, settings: Settings, spool: Spool | None = None
) -> FastAPI:
    """Make a server.

    Args:
        classifier: Loaded, and shared by all requests.
        settings: Whom it answers, how much it takes.
        spool: Where jobs and stored instances wait; None: there are no such.
    """
    metrics = Metrics()
    worker = None if spool is None else JobWorker(classifier, spool, metrics)
    service = Service(classifier, settings, Work(settings), metrics, spool, worker)
    app = FastAPI(
        title="xray",
        version=__version__,
        description=_ABOUT,
        # Spans would name addresses, wherever somebody has OpenTelemetry installed.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        # Those of FastAPI load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(refuse_foreign_pages)],
        lifespan=_work_on_jobs,
    )
    app.state.service = service
    routes = [predictions, explanations, model, health, page]
    if spool is not None:
        routes += [jobs, stow]
        metrics.watch_spool(spool)
    for each in routes:
        app.include_router(each.router)
    app.state.routes = [route for each in routes for route in each.router.routes]
    handlers.install(app)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            expose_headers=["Location", "Link", "Retry-After"],
        )
    app.add_middleware(Observe, metrics=metrics)
    metrics.watch(
        "xray_requests_inside",
        "Requests that have a place: their body is being read, or answered.",
        lambda: service.work.inside,
    )
    _complete_document(app, secured=settings.tokens is not None)
    return app


@asynccontextmanager
async def _work_on_jobs(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    if service.worker is not None:
        service.worker.start()
    yield
    service.stop()


def _complete_document(app: FastAPI, secured: bool) -> None:
    """Make the OpenAPI document say what is so: how refusals look, who may ask."""
    document: dict[str, Any] = app.openapi()
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    invalid = problems("bad_parameter")[422]
    for operation in _operations(document):
        if "422" in operation["responses"]:
            operation["responses"]["422"] = invalid
        if not secured:
            operation.pop("security", None)
    if not secured:
        del document["components"]["securitySchemes"]


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()
