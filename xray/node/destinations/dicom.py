"""Products to a PACS by C-STORE, with its promise to keep them where asked for."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydicom import Dataset
from pydicom.uid import UID, generate_uid
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.presentation import build_role

from ..contexts import COMMITMENT, COMMITMENT_INSTANCE, VERIFICATION
from ..table import Table
from ..tls import Tls, client_context, read_client_tls
from .base import DONE, Answer, Destination, Fate, Parcel, Reported, UnreachableError

ExtendedNegotiation = list[Any]  # pynetdicom names a union that no list of one fits

_SECONDS = 30.0  # to connect, and to wait for an answer
_DUPLICATE = 0x0111
_MOST_CONTEXTS = 120  # of 128 in an association


@dataclass(frozen=True, slots=True)
class DicomDestination(Destination):
    """A PACS that takes products by C-STORE."""

    batch = 50
    caller: str  # AE title of the node
    host: str
    port: int
    ae_title: str
    commitment: bool  # ask it to promise that it keeps them
    commitment_seconds: float  # to wait for that promise
    tls: Tls | None

    @classmethod
    def read(cls, name: str, table: Table, caller: str, /) -> Self:
        """Read address and title, and whether it is asked to keep what it gets."""
        return cls(
            name,
            caller,
            host=table.text("host"),
            port=int(table.number("port", 104, 1, 65535)),
            ae_title=table.ae_title(),
            commitment=table.flag("commitment"),
            commitment_seconds=table.number("commitment_seconds", 3600, 0.1, 604800),
            tls=read_client_tls(table),
        )

    def describe(self) -> str:
        """Say where that is."""
        keeps = ", and asks it to keep them" if self.commitment else ""
        tls = ", with TLS" if self.tls else ""
        return f"{self.ae_title} at {self.host} port {self.port} by C-STORE{tls}{keeps}"

    def send(
        self, parcels: Sequence[Parcel], reported: Reported = lambda *_: None, /
    ) -> list[Answer]:
        """Store them over one association."""
        contexts = {
            (each.delivery.about["class"], each.delivery.about["syntax"])
            for each in parcels
        }
        association = self._associate(sorted(contexts)[:_MOST_CONTEXTS], reported)
        try:
            answers = [self._store(association, parcel) for parcel in parcels]
            if self.commitment:
                self._ask_to_keep(association, parcels, answers)
        finally:
            if association.is_established:
                association.release()
        return answers

    def echo(self) -> str:
        """Ask whether it is there; "" or the reason why not."""
        try:
            association = self._associate([], lambda *_: None)
        except UnreachableError as error:
            return error.reason
        try:
            status = association.send_c_echo()
            return "" if status and status.Status == 0 else "no_echo"
        finally:
            association.release()

    def _associate(
        self, contexts: Sequence[tuple[str, str]], reported: Reported
    ) -> Association:
        def report(event: evt.Event) -> tuple[int, None]:
            reported(self.ae_title, *read_commitment(event.event_information))
            return 0, None

        quiet_pynetdicom()
        _config.STORE_SEND_CHUNKED_DATASET = True
        ae = AE(self.caller)
        ae.connection_timeout = ae.acse_timeout = ae.dimse_timeout = _SECONDS
        ae.network_timeout = _SECONDS
        for sop_class, syntax in contexts:
            ae.add_requested_context(sop_class, syntax)
        roles: ExtendedNegotiation = []
        if self.commitment:
            ae.add_requested_context(COMMITMENT)
            roles.append(build_role(COMMITMENT, scu_role=True))
        ae.add_requested_context(VERIFICATION)
        tls = None if self.tls is None else (client_context(self.tls), self.host)
        association = ae.associate(
            self.host,
            self.port,
            ae_title=self.ae_title,
            ext_neg=roles,
            tls_args=tls,
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, report)],
        )
        if not association.is_established:
            rejected = association.is_rejected
            raise UnreachableError("association_refused" if rejected else "unreachable")
        return association

    def _store(self, association: Association, parcel: Parcel) -> Answer:
        if not association.is_established:
            return Answer(Fate.LATER, "connection_lost")
        about = parcel.delivery.about
        if not any(
            each.abstract_syntax == about["class"]
            and about["syntax"] in each.transfer_syntax
            for each in association.accepted_contexts
        ):
            return Answer(Fate.REFUSED, "class_not_taken")
        status = association.send_c_store(parcel.path)
        if "Status" not in status:
            return Answer(Fate.LATER, "connection_lost")
        code = int(status.Status)
        if code in (0, _DUPLICATE) or code >> 12 == 0xB:  # 0xBxxx: stored, but
            return Answer(Fate.SENT) if self.commitment else DONE
        if code >> 8 == 0xA7:
            return Answer(Fate.LATER, "out_of_resources")
        return Answer(Fate.REFUSED, f"status_{code:04x}")

    def _ask_to_keep(
        self,
        association: Association,
        parcels: Sequence[Parcel],
        answers: Sequence[Answer],
    ) -> None:
        """Ask for a promise by N-ACTION; where that fails, it is asked again later."""
        request = Dataset()
        request.TransactionUID = generate_uid()
        request.ReferencedSOPSequence = []
        for parcel, answer in zip(parcels, answers, strict=True):
            if answer.fate is Fate.SENT:
                item = Dataset()
                item.ReferencedSOPClassUID = UID(parcel.delivery.about["class"])
                item.ReferencedSOPInstanceUID = UID(parcel.delivery.about["uid"])
                request.ReferencedSOPSequence.append(item)
        taken = {each.abstract_syntax for each in association.accepted_contexts}
        if (
            request.ReferencedSOPSequence
            and association.is_established
            and COMMITMENT in taken
        ):
            association.send_n_action(request, 1, COMMITMENT, COMMITMENT_INSTANCE)


def read_commitment(information: Dataset) -> tuple[list[str], list[str]]:
    """Read which instances a storage commitment report keeps, and which it lacks."""
    return (
        _uids(information, "ReferencedSOPSequence"),
        _uids(information, "FailedSOPSequence"),
    )


def quiet_pynetdicom() -> None:
    """Keep pynetdicom from logging: its messages quote what was received."""
    _config.LOG_HANDLER_LEVEL = "none"
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)


def _uids(information: Dataset, keyword: str) -> list[str]:
    return [
        str(item.ReferencedSOPInstanceUID)
        for item in information.get(keyword) or ()
        if "ReferencedSOPInstanceUID" in item
    ]
