"""Products to a PACS by C-STORE, with its promise to keep them where asked for."""

from collections.abc import Callable, Sequence
from typing import Any

from pydicom import Dataset
from pydicom.uid import UID, generate_uid
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.presentation import build_role

from ..config import DicomDestination
from ..contexts import COMMITMENT, COMMITMENT_INSTANCE, VERIFICATION
from ..scp import quiet_pynetdicom, read_commitment
from ..tls import client_context
from .sender import DONE, Answer, Fate, Parcel, UnreachableError

ExtendedNegotiation = list[Any]  # pynetdicom names a union that no list of one fits
Reported = Callable[[str, Sequence[str], Sequence[str]], None]

_SECONDS = 30.0  # to connect, and to wait for an answer
_DUPLICATE = 0x0111
_MOST_CONTEXTS = 120  # of 128 in an association


class DicomSender:
    """Stores instances in a PACS.

    Args:
        destination: The PACS.
        ae_title: What the node calls itself.
        reported: Called where the PACS reports on the association it was asked on.
    """

    batch = 50

    def __init__(
        self, destination: DicomDestination, ae_title: str, reported: Reported
    ) -> None:
        quiet_pynetdicom()
        _config.STORE_SEND_CHUNKED_DATASET = True
        self._destination = destination
        self._ae_title = ae_title
        self._reported = reported
        self._sent = Answer(Fate.SENT) if destination.commitment else DONE

    def send(self, parcels: Sequence[Parcel]) -> list[Answer]:
        """Store them over one association."""
        contexts = {
            (each.delivery.about["class"], each.delivery.about["syntax"])
            for each in parcels
        }
        association = self._associate(sorted(contexts)[:_MOST_CONTEXTS])
        try:
            answers = [self._store(association, parcel) for parcel in parcels]
            if self._destination.commitment:
                self._ask_to_keep(association, parcels, answers)
        finally:
            if association.is_established:
                association.release()
        return answers

    def echo(self) -> str:
        """Ask whether it is there; "" or the reason why not."""
        try:
            association = self._associate([])
        except UnreachableError as error:
            return error.reason
        try:
            status = association.send_c_echo()
            return "" if status and status.Status == 0 else "no_echo"
        finally:
            association.release()

    def _associate(self, contexts: Sequence[tuple[str, str]]) -> Association:
        ae = AE(self._ae_title)
        ae.connection_timeout = ae.acse_timeout = ae.dimse_timeout = _SECONDS
        ae.network_timeout = _SECONDS
        for sop_class, syntax in contexts:
            ae.add_requested_context(sop_class, syntax)
        roles: ExtendedNegotiation = []
        if self._destination.commitment:
            ae.add_requested_context(COMMITMENT)
            roles.append(build_role(COMMITMENT, scu_role=True))
        ae.add_requested_context(VERIFICATION)
        to = self._destination
        tls = None if to.tls is None else (client_context(to.tls), to.host)
        association = ae.associate(
            to.host,
            to.port,
            ae_title=to.ae_title,
            ext_neg=roles,
            tls_args=tls,
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._report)],
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
            return self._sent
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

    def _report(self, event: evt.Event) -> tuple[int, None]:
        kept, missing = read_commitment(event.event_information)
        self._reported(self._destination.ae_title, kept, missing)
        return 0, None
