"""Run the server: one process, which on SIGTERM ends what it has begun and goes."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType

import uvicorn
from fastapi import FastAPI

from ..classify.classifier import Classifier
from ..errors import XrayError
from ..spool.folder import Spool
from .app import make_app
from .protocol import PromptProtocol
from .service import Service
from .settings import Settings

_WAITING = 128  # connections that aren't accepted yet
# Longer than clients and proxies keep a connection: who closes first must not be us,
# or a request that is on its way meets a closed door.
_IDLE_SECONDS = 75
_CONNECTIONS = 1_000  # beyond them uvicorn refuses by itself
_WORKER_SECONDS = 5.0  # for the films of jobs in work; others come back
_LATE = 75  # exit status where what had begun didn't end in time (EX_TEMPFAIL)


def run_server(
    host: str,
    port: int,
    settings: Settings,
    load: Callable[[], Classifier] = Classifier.load,
) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        host: Address to listen on.
        port: 0 chooses a free one.
        settings: Whom the server answers, how much it takes.
        load: Gives the network.

    Returns:
        The exit status.

    Raises:
        XrayError: The port is taken, the spool or the network can't be opened.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    with ExitStack() as stack:
        listening = stack.enter_context(_listen(host, port))
        folder = settings.spool
        spool = None if folder is None else stack.enter_context(Spool(folder))
        app = make_app(load(), settings, spool)
        service: Service = app.state.service
        server = _Server(make_config(app, settings.drain_seconds), service)
        sys.stderr.write(f"serving on {_address(host, listening)}\n")
        server.run(sockets=[listening])
        if not _has_ended(service):
            # A thread at work would be waited for without a limit.
            logging.shutdown()
            os._exit(_LATE)
    return 0


def make_config(app: FastAPI, drain_seconds: float) -> uvicorn.Config:
    """Configure uvicorn: no log of addresses, an end within a limit."""
    return uvicorn.Config(
        app,
        http=PromptProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=max(1, round(drain_seconds)),
    )


def _has_ended(service: Service) -> bool:
    worker = service.worker
    is_done = worker is None or worker.has_ended(_WORKER_SECONDS)
    return service.work.close() and is_done


class _Server(uvicorn.Server):
    """uvicorn, whose readiness ends with SIGTERM and whose process ends with 0."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._service.stop()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_WAITING)  # from now on who asks waits, and isn't refused
    except OSError as error:
        listening.close()
        raise XrayError(
            f"Expected to listen on {host}, port {port}, received: {error.strerror}. "
            "Choose another with --host and --port."
        ) from error
    return listening


def _address(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
