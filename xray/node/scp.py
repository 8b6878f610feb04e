"""C-ECHO, C-STORE and the reports of storage commitment, as the side that is called.

Success is answered only when a film is on the disk for good. What can't be kept or
read is refused with a status that says so (PS3.4 B.2.3); nothing is answered with
success that was not kept.
"""

import logging
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from pydicom import Dataset
from pynetdicom import AE, _config, evt
from pynetdicom.dimse_primitives import C_STORE

from ..errors import ImageError, SpoolError, SpoolFullError
from ..spool.folder import Spool
from ..spool.instances import put_instance, read_identity
from ..spool.item import Added
from .acceptor import Bounds, Gate, GatedServer, describe
from .config import Config
from .contexts import COMMITMENT, STORED, SYNTAXES, VERIFICATION
from .destinations.base import Reported
from .destinations.dicom import quiet_pynetdicom, read_commitment
from .receiving import DISK_FULL, TOO_LARGE, IncomingFilm

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
OTHER_INSTANCE = 0xA900  # the data set isn't the instance that the request names
NOT_UNDERSTOOD = 0xC000
FAILED = 0x0110

_DRAIN_POLL = 0.05  # seconds

_log = logging.getLogger(__name__)


class _RefusedError(Exception):
    """A film that isn't taken; its sender's association goes on.

    Args:
        code: Status (0000,0900).
        reason: A key, to be counted.
        comment: Error Comment (0000,0902); nothing of the film.
    """

    def __init__(self, code: int, reason: str, comment: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = Dataset()
        self.status.Status = code
        self.status.ErrorComment = comment[:64]


class Scp:
    """Receives films into a spool until it is stopped.

    Args:
        config: Title, port, peers, limits.
        spool: Where films go.
        arrived: Called after each film that is new.
        reported: Called with what a PACS reports.
        bounds: Of each sender.
    """

    def __init__(
        self,
        config: Config,
        spool: Spool,
        arrived: Callable[[], None] = lambda: None,
        reported: Reported = lambda *_: None,
        bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    ) -> None:
        self._config = config
        self._spool = spool
        self._arrived = arrived
        self._reported = reported
        self._lock = threading.Lock()
        self.refused: dict[str, int] = {}  # by reason
        self._gate = Gate(config, spool.store, self._count, bounds)
        self._server: GatedServer | None = None
        self._ae = _make_ae(config, bounds)

    @property
    def port(self) -> int:
        """The port it listens on, also where the settings left that to the system."""
        return int(self._server.server_address[1]) if self._server else 0

    def start(self) -> None:
        """Listen.

        Raises:
            OSError: The port is taken.
        """
        quiet_pynetdicom()
        # Where pynetdicom writes what comes in: a link from there costs no copy.
        self._tempdir = tempfile.tempdir
        tempfile.tempdir = str(self._spool.store.incoming.absolute())
        _config.STORE_RECV_CHUNKED_DATASET = True
        self._server = server = GatedServer(
            self._ae,
            (self._config.host, self._config.port),
            [
                (evt.EVT_C_ECHO, lambda _: SUCCESS),
                (evt.EVT_C_STORE, self._store),
                (evt.EVT_N_EVENT_REPORT, self._report),
                (evt.EVT_REQUESTED, self._check),
            ],
            self._gate,
        )
        self._ae._servers.append(server)  # what start_server does
        threading.Thread(
            target=server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="xray-scp",
            daemon=True,
        ).start()

    def stop(self, seconds: float = 10.0) -> None:
        """Take no more calls, let those that run come to their end, then cut them."""
        if self._server is None:
            return
        self._server.shutdown()
        until = time.monotonic() + seconds
        while self._server.active_associations and time.monotonic() < until:
            time.sleep(_DRAIN_POLL)
        for association in self._server.active_associations:
            association.abort()
        tempfile.tempdir = self._tempdir

    def _check(self, event: evt.Event) -> None:
        """Refuse an association by who asks, before anything is agreed."""
        requestor = event.assoc.requestor
        title = (
            requestor.ae_title
            if requestor.primitive is None
            else (requestor.primitive.calling_ae_title or "")
        )
        if self._gate.knows(title.strip(), requestor.address or ""):
            return
        self._count("unknown_ae")
        _log.warning("refused an association of %s", describe(title))
        event.assoc.acse.send_reject(0x01, 0x01, 0x03)
        event.assoc.kill()  # waits until that has been sent

    def _store(self, event: evt.Event) -> int | Dataset:
        title = describe(event.assoc.requestor.ae_title)
        try:
            added = self._keep(cast("C_STORE", event.request), title)
        except _RefusedError as refused:
            self._count(refused.reason)
            _log.warning("refused a film of %s: %s", title, refused.reason)
            return refused.status
        if added.is_conflict and added.is_new:
            _log.error(
                "ALARM: other bytes came under the SOP Instance UID of an earlier "
                "film (item %d, from %s); both are kept",
                added.id,
                title,
            )
        if added.is_new:
            self._arrived()
        return SUCCESS

    def _keep(self, request: C_STORE, title: str) -> Added:
        film = request._dataset_file
        if not isinstance(film, IncomingFilm):
            raise _RefusedError(NOT_UNDERSTOOD, "no_data_set", "No data set")
        if film.refused == TOO_LARGE:
            limit = f"Longer than {self._gate.bounds.film:,} bytes"
            raise _RefusedError(NOT_UNDERSTOOD, film.refused, limit)
        if film.refused:
            raise _RefusedError(OUT_OF_RESOURCES, film.refused, "Disk nearly full")
        path = Path(film.name)
        try:
            identity = read_identity(path)
            for reason, said, found in (
                ("instance", request.AffectedSOPInstanceUID, identity.sop_instance),
                ("class", request.AffectedSOPClassUID, identity.sop_class),
            ):
                if said != found:
                    comment = f"SOP {reason.title()} UID differs"
                    raise _RefusedError(OTHER_INSTANCE, f"other_{reason}", comment)
            source = {"via": "c-store", "ae": title}
            return put_instance(self._spool, path, source, identity)
        except ImageError as error:
            comment = f"Cannot understand: {error.key}"
            raise _RefusedError(NOT_UNDERSTOOD, error.key, comment) from error
        except SpoolFullError as error:
            raise _RefusedError(OUT_OF_RESOURCES, DISK_FULL, "Disk full") from error
        except SpoolError as error:
            _log.exception("a film of %s could not be kept", title)
            raise _RefusedError(FAILED, "spool_failed", "Not kept") from error

    def _report(self, event: evt.Event) -> tuple[int, Dataset | None]:
        kept, missing = read_commitment(event.event_information)
        try:
            self._reported(event.assoc.requestor.ae_title.strip(), kept, missing)
        except SpoolError:
            self._count("spool_failed")
            return FAILED, None  # what isn't written down is asked again
        return SUCCESS, None

    def _count(self, reason: str) -> None:
        with self._lock:
            self.refused[reason] = self.refused.get(reason, 0) + 1


def _make_ae(config: Config, bounds: Bounds) -> AE:
    ae = AE(config.ae_title)
    ae.require_called_aet = True
    ae.maximum_associations = config.max_associations
    ae.maximum_pdu_size = bounds.pdu
    ae.network_timeout = ae.dimse_timeout = bounds.idle_seconds
    ae.add_supported_context(VERIFICATION)
    for each in STORED:
        ae.add_supported_context(each, list(SYNTAXES))
    # Who reports a commitment calls as the side that serves: it asks for that role.
    ae.add_supported_context(COMMITMENT, scu_role=False, scp_role=True)
    return ae
