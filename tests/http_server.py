"""A real server in this process, on a free port of the loopback."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI

from tests.fake_classifier import FakeClassifier
from xray.classify.classifier import Classifier
from xray.server.app import make_app
from xray.server.run import make_config
from xray.server.settings import Settings
from xray.spool.folder import Spool


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an app as long as the context lasts; gives its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who asks before it has started waits
        server = uvicorn.Server(make_config(app, 5))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def asking(
    classifier: Classifier | None = None, spool: Spool | None = None, **settings: Any
) -> Iterator[httpx2.Client]:
    """Serve a classifier, a fake one if none is given, and give what asks it."""
    app = make_app(classifier or FakeClassifier(), Settings(**settings), spool)
    with serving(app) as address, httpx2.Client(base_url=address, timeout=60) as asked:
        yield asked
