"""A real server in this process, on a free port of the loopback."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from fastapi import FastAPI

from xray.server.run import make_config


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
