"""The network end of the node: who may connect, how much, and for how long.

pynetdicom 3.0.4 makes two threads for whatever connects, shakes hands for TLS on
the thread that accepts, and reads PDUs of any length that a header claims. Here a
connection costs nothing until it has sent a byte, hands are shaken on a thread of its
own within a time limit, and lengths are looked at before anything is set aside. What is
overridden is private to it, so pyproject.toml lets no other minor in.
"""

import errno
import logging
import os
import socket
import ssl
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from queue import Queue
from typing import Any, cast

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.transport import (
    AssociationSocket,
    RequestHandler,
    ThreadedAssociationServer,
)

from ..limits import LIMITS
from ..spool.store import Store
from ..text import printable
from .config import ANY, Config, Peer
from .receiving import Receiver
from .tls import server_context

_FIRST_BYTE_SECONDS = 30.0  # to begin asking for an association
_END_SECONDS = 10.0  # for the thread that reads, once its connection is closed

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one sender may send, in bytes, and how long it may be silent."""

    pdu: int = 2**20
    film: int = LIMITS.file_bytes
    idle_seconds: float = 60.0  # and until a PDU is there


class Gate:
    """What a connection has to pass, as the settings say it."""

    def __init__(
        self,
        config: Config,
        store: Store,
        refused: Callable[[str], None],
        bounds: Bounds,
    ) -> None:
        self.store, self.refused, self.bounds = store, refused, bounds
        self.connections = threading.BoundedSemaphore(4 * config.max_associations + 16)
        self.tls = None if config.tls is None else server_context(config.tls)
        self._peers = config.peers

    def knows_address(self, address: str) -> bool:
        """Say whether anybody may call from an address."""
        return any(_covers(peer, address) for peer in self._peers)

    def knows(self, ae_title: str, address: str) -> bool:
        """Say whether an AE title may call from an address."""
        return any(
            _covers(peer, address) and peer.ae_title in (ANY, ae_title)
            for peer in self._peers
        )


class GatedServer(ThreadedAssociationServer):
    """An acceptor behind a gate; listens once it is made."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        ae: AE,
        address: tuple[str, int],
        handlers: list[evt.EventHandlerType],
        gate: Gate,
    ) -> None:
        self.gate = gate
        super().__init__(
            ae,
            address,
            ae.ae_title,
            ae.supported_contexts,
            evt_handlers=handlers,
            request_handler=_Handler,
        )

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, and do nothing else on this thread."""
        listening = cast("socket.socket", self.socket)
        return listening.accept()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Say that a connection failed, and where, but nothing of what it sent."""
        kind, _, trace = sys.exc_info()
        where = "".join(traceback.format_tb(trace))
        _log.error("%s over a connection\n%s", kind and kind.__name__, where)
        self.gate.refused("connection_failed")


class _Handler(RequestHandler):
    """Lets a connection become an association, or closes it."""

    server: GatedServer

    def handle(self) -> None:
        gate = self.server.gate
        if not gate.connections.acquire(blocking=False):
            self._close("too_many_connections")
            return
        try:
            reason = self._admit(gate)
        finally:
            gate.connections.release()
        if reason is None:
            super().handle()
        else:
            self._close(reason)

    def _admit(self, gate: Gate) -> str | None:
        """Wait for a first byte; a reason where there is nothing to talk about."""
        if not gate.knows_address(self.client_address[0]):
            return "unknown_address"
        try:
            self.request.settimeout(_FIRST_BYTE_SECONDS)
            if not self.request.recv(1, socket.MSG_PEEK):
                return ""  # a port probe
            if gate.tls is not None:
                self.request = gate.tls.wrap_socket(self.request, server_side=True)
            self.request.settimeout(gate.bounds.idle_seconds)
        except ssl.SSLError as error:
            _log.warning("a TLS connection failed: %s", error.reason)
            return "tls_failed"
        except OSError:
            return ""
        return None

    def _create_association(self) -> Association:
        association, gate = super()._create_association(), self.server.gate
        association.dul.socket = CappedSocket(association, self.request, gate)
        receiver = Receiver(association, gate.bounds.film, gate.store, gate.refused)
        association.dimse = receiver
        association.run = partial(_run, association, receiver)  # type: ignore[method-assign]
        # Making the socket that this one replaces had told of a connection already.
        association.dul.event_queue.get_nowait()
        return association

    def _close(self, reason: str) -> None:
        if reason:
            self.server.gate.refused(reason)
        self.server.shutdown_request(self.request)


class CappedSocket(AssociationSocket):
    """Reads PDUs whole, and none that is longer than was agreed, or never ends."""

    def __init__(
        self, association: Association, client: socket.socket, gate: Gate
    ) -> None:
        super().__init__(association, client_socket=client)
        self._gate = gate
        self._is_cut = False

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes, or as many as come before the line is closed."""
        if nr_bytes > self._gate.bounds.pdu:
            raise self._cut("too_many_bytes")
        until = time.monotonic() + self._gate.bounds.idle_seconds
        data = bytearray(nr_bytes)
        read = 0
        with memoryview(data) as view:
            while read < nr_bytes:
                if time.monotonic() > until:
                    raise self._cut("too_slow")
                received = self.socket.recv_into(view[read:]) if self.socket else 0
                if not received:
                    self._wake_waiting()
                    break
                read += received
        return data[:read] if read < nr_bytes else data

    def _cut(self, reason: str) -> OSError:
        """Make the error over which pynetdicom ends it, as if the line had broken."""
        if not self._is_cut:
            self._gate.refused(reason)
        self._is_cut = True
        self._wake_waiting()
        return OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))

    def _wake_waiting(self) -> None:
        """Let the association's thread end, which waits for a request by timeout."""
        if self.assoc.requestor.primitive is None:
            waiting = cast("Queue[object]", self.assoc.dul.to_user_queue)
            waiting.put(None)  # as where the time is over


def _run(association: Association, receiver: Receiver) -> None:
    """Run an association to its end, whatever that is, and leave no part of a film."""
    try:
        Association.run(association)
    finally:
        association.dul.join(_END_SECONDS)
        receiver.drop()


def describe(title: str) -> str:
    """Write what a peer calls itself so that a log can hold it."""
    return printable(title.strip()[:16])


def _covers(peer: Peer, address: str) -> bool:
    if peer.network is None:
        return True
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)  # as a socket of both families says
    return (mapped or found) in peer.network
