"""Messages as they come in: films to the spool's disk, the others into memory.

pynetdicom keeps whatever comes, however long, and ends its thread over what it can't
read. Here a film is written up to the agreed length, what follows is let pass so that
it can be answered for, and an association that breaks the protocol is aborted.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import IO, cast

from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.pdu_primitives import P_DATA

from ..header.elements import BROKEN
from ..spool.store import FULL, Store

DISK_FULL, TOO_LARGE = "disk_full", "file_too_large"

_IN_MEMORY = 2**20  # bytes of a message that is no film: a command, a report
_ENDLESS = 2**32  # bytes of a film that is let pass: no element of one is longer
_OFTEN = 2**24  # bytes between two looks at the disk
_AHEAD = 16  # messages of one sender that wait; it should await each answer


class IncomingFilm:
    """The file of a film that comes in; nothing is kept of one that is refused.

    Args:
        file: As pynetdicom opened it, by then with the file meta information.
        most: Bytes of the data set, after which it is refused.
        store: Whose disk it is on.
    """

    def __init__(self, file: IO[bytes], most: int, store: Store) -> None:
        self.name = file.name
        self.file = self  # what pynetdicom flushes
        self.refused = ""  # or why
        self.bytes = 0
        self._file, self._most, self._store = file, most, store
        self._unchecked = _OFTEN
        self.write(b"")

    def write(self, data: bytes) -> None:
        """Take a piece of the data set."""
        self.bytes += len(data)
        self._unchecked += len(data)
        if self.bytes > self._most:
            self._refuse(TOO_LARGE)
        elif self._unchecked >= _OFTEN:
            self._unchecked = 0
            if not self._store.enough_room():
                self._refuse(DISK_FULL)
        if self.refused:
            return
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            if error.errno not in FULL:
                raise
            self._refuse(DISK_FULL)

    def flush(self) -> None:
        """Do nothing: each piece is written as it comes."""

    def close(self) -> None:
        """Let go of the file."""
        with suppress(OSError):  # what a full disk didn't take
            self._file.close()

    def _refuse(self, reason: str) -> None:
        if not self.refused:
            self.refused = reason
            os.truncate(self.name, 0)


class Receiver(DIMSEServiceProvider):
    """Puts the messages of an association together, within bounds.

    Args:
        association: Whose messages.
        most: Bytes of a film.
        store: Where films go.
        refused: Called with a reason where the association is aborted.
    """

    def __init__(
        self,
        association: Association,
        most: int,
        store: Store,
        refused: Callable[[str], None],
    ) -> None:
        super().__init__(association)
        self._most, self._store, self._refused = most, store, refused
        self._bytes = 0  # in memory, of the message that comes in

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Take what a PDU brought: pieces of a message, or of two."""
        for context, data in primitive.presentation_data_value_list:
            piece = P_DATA()
            # A list in it, whatever its annotation says: else it raises.
            piece.presentation_data_value_list = [[context, data]]  # type: ignore[list-item]
            try:
                self._take(piece, data)
            except BROKEN:
                self._refused("bad_message")
                self.dul.event_queue.put("Evt19")  # invalid PDU: it is aborted
                return

    def drop(self) -> None:
        """Remove the films of an association that is no more."""
        waiting = [getattr(self.message, "_data_set_file", None)]
        with suppress(Empty):
            while True:
                _, message = self.msg_queue.get_nowait()
                waiting.append(getattr(message, "_dataset_file", None))
        for film in waiting:
            if film is not None:
                film.close()
                Path(film.name).unlink(missing_ok=True)

    def _take(self, piece: P_DATA, data: bytes) -> None:
        known = self.message
        if data[0] & 1 and known is not None and known.context_id is not None:
            raise ValueError("expected one command in a message")
        super().receive_primitive(piece)
        message = self.message
        if message is None:  # it is whole
            self._bytes = 0
            if self.msg_queue.qsize() > _AHEAD:
                raise ValueError("expected a sender that awaits answers")
            return
        film = message._data_set_file
        if film is not None and not isinstance(film, IncomingFilm):
            opened = IncomingFilm(cast("IO[bytes]", film), self._most, self._store)
            message._data_set_file = opened  # type: ignore[assignment]
        elif isinstance(film, IncomingFilm):
            if film.bytes > _ENDLESS:
                raise ValueError("expected a film that ends")
        else:
            self._bytes += len(data)
            if self._bytes > _IN_MEMORY:
                raise ValueError("expected a shorter message")
