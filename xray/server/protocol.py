"""HTTP/1.1 as uvicorn speaks it, for askers that come to the point.

uvicorn waits for ever for the head of a request: a thousand connections that send none,
or a byte a minute, would shut everybody else out.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 20.0  # for the head of a request, once the connection or it has begun


class PromptProtocol(H11Protocol):
    """Closes a connection whose next request has begun, and isn't there in time."""

    _look_again: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look at the clock."""
        super().connection_made(transport)
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._look_again is not None:
            self._look_again.cancel()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        begun = self.cycle if self._awaits_head() else self
        self._look_again = self.loop.call_later(HEAD_SECONDS, self._look, begun)

    def _look(self, begun: object) -> None:
        if self._awaits_head() and self.cycle is begun:
            self.transport.close()
        else:
            self._look_later()

    def _awaits_head(self) -> bool:
        """Say whether a request is due: the first one, or one that has begun."""
        is_idle = self.conn.their_state is h11.IDLE
        return is_idle and (self.cycle is None or bool(self.conn.trailing_data[0]))
