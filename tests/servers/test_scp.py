"""The receiving side, as DCMTK and hostile connections meet it."""

import select
import shutil
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.dsutils import encode

from tests.archives import film, radiograph
from tests.full_disk import full_queue
from tests.servers.certificates import make_certificates
from tests.servers.nodes import ANYBODY, run_tool, send, settings, small_films
from tests.servers.waiting import wait_until
from xray.errors import ImageError
from xray.node.acceptor import Bounds
from xray.node.config import read_config
from xray.node.contexts import STORED, SYNTAXES, VERIFICATION
from xray.node.receiving import DISK_FULL, TOO_LARGE, IncomingFilm
from xray.node.scp import Scp
from xray.spool.folder import Spool

pytestmark = pytest.mark.skipif(
    shutil.which("storescu") is None, reason="needs DCMTK: apt-get install dcmtk"
)
KNOWN = '[[peer]]\nae_title = "STORESCU"\naddress = "127.0.0.0/8"\n'


@pytest.fixture
def scp(tmp_path):
    started: list[Any] = []

    def start(*lines: str, bounds: Bounds = Bounds(), **node) -> Any:  # noqa: B008
        config = read_config(settings(tmp_path, *(lines or (KNOWN,)), **node))
        spool = Spool(config.spool, config.keep_free)
        scp: Any = Scp(config, spool, bounds=bounds)
        scp.spool = spool
        scp.start()
        started.append(scp)
        return scp

    yield start
    for each in started:
        each.stop()
        each.spool.close()


def _incoming(scp: Any) -> list[Path]:
    return list(scp.spool.store.incoming.iterdir())


def echo(port: int, *words: object, title: str = "STORESCU", called: str = "XRAY"):
    return run_tool("echoscu", "-aet", title, "-aec", called, *words, "127.0.0.1", port)


@contextmanager
def associated(
    port: int, dataset: Dataset, sop_class: UID | None = None
) -> Iterator[Association]:
    """Hold an association that films like this one may be sent over."""
    ae = AE("STORESCU")
    ae.add_requested_context(sop_class or dataset.SOPClassUID, ExplicitVRLittleEndian)
    association = ae.associate("127.0.0.1", port, ae_title="XRAY")
    assert association.is_established
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


def store(port: int, dataset: Dataset) -> Dataset:
    """Send one data set, whatever is wrong with it, and give the status."""
    with associated(port, dataset) as association:
        return association.send_c_store(dataset)


def test_who_is_known_gets_an_echo_and_others_are_rejected(scp):
    node = scp()
    assert echo(node.port).returncode == 0
    stranger = echo(node.port, title="OTHER")
    assert "Calling AE Title Not Recognized" in stranger.stderr
    assert "Called AE Title Not Recognized" in echo(node.port, called="PACS").stderr
    assert node.refused == {"unknown_ae": 1}


def test_an_address_that_nobody_has_is_closed_at_once(scp):
    node = scp('[[peer]]\nae_title = "*"\naddress = "10.0.0.0/8"\n')
    assert echo(node.port).returncode != 0
    assert node.refused == {"unknown_address": 1}


def test_films_are_kept_as_they_came_and_the_same_bytes_once(scp, tmp_path):
    node = scp()
    paths = small_films(tmp_path / "films", 3)
    for _ in range(2):
        assert send(node.port, paths).returncode == 0
    items = node.spool.items.list()
    assert len(items) == 3
    sent = dcmread(paths[0])
    kept = dcmread(node.spool.store.path(items[0].file))
    assert kept.PixelData == sent.PixelData
    assert kept.PatientID == sent.PatientID
    assert items[0].key == sent.SOPInstanceUID
    assert items[0].source["ae"] == "STORESCU"
    assert _incoming(node) == []


def test_other_bytes_under_one_uid_are_both_kept_with_an_alarm(scp, caplog):
    node = scp()
    for name in ("hand", "foot"):
        image = radiograph(film(name), SOPInstanceUID="1.2.3")
        assert store(node.port, image).Status == 0
    assert [item.conflict for item in node.spool.items.list()] == [False, True]
    assert "ALARM" in caplog.text
    assert "Secret" not in caplog.text


def test_a_disk_nearly_full_is_answered_with_a700_and_keeps_nothing(scp):
    node = scp(KNOWN, keep_free_gib=2**20)
    assert store(node.port, radiograph(film("hand"))).Status == 0xA700
    assert node.spool.items.depth() == 0
    assert _incoming(node) == []
    assert node.refused == {"disk_full": 1}


def test_a_queue_without_room_is_answered_with_a700_and_nothing_is_lost(scp):
    node = scp()
    films = [radiograph(film("hand")[::8, ::8].copy()) for _ in range(20)]
    with full_queue(node.spool):
        answers = [store(node.port, each).Status for each in films]
    assert set(answers) == {0, 0xA700}
    assert len(node.spool.items.list()) == answers.count(0)
    assert _incoming(node) == []
    assert {store(node.port, each).Status for each in films} == {0}
    assert len(node.spool.items.list()) == len(films)


def test_what_can_not_be_read_is_answered_with_c000_and_a_comment(scp):
    node = scp()
    status = store(node.port, radiograph(film("hand"), PixelData=None))
    assert status.Status == 0xC000
    assert "no_pixels" in status.ErrorComment
    assert node.spool.items.depth() == 0


def test_a_disk_that_fails_is_never_answered_with_success(scp, tmp_path):
    node = scp()
    (tmp_path / "spool" / "files").rmdir()
    assert store(node.port, radiograph(film("hand"))).Status == 0x0110
    assert node.spool.items.depth() == 0


def test_every_syntax_that_is_read_is_taken_and_lossless_first(scp):
    node = scp()
    ae = AE("STORESCU")
    backwards = list(reversed(SYNTAXES))
    for each in STORED[:3]:
        ae.add_requested_context(each, backwards)
    for syntax in SYNTAXES:
        ae.add_requested_context(STORED[3], syntax)
    association = ae.associate("127.0.0.1", node.port, ae_title="XRAY")
    accepted = [
        (each.abstract_syntax, each.transfer_syntax[0])
        for each in association.accepted_contexts
    ]
    association.release()
    assert [syntax for sop, syntax in accepted if sop in STORED[:3]] == (
        [ExplicitVRLittleEndian] * 3
    )
    assert {syntax for sop, syntax in accepted if sop == STORED[3]} == set(SYNTAXES)
    assert ImplicitVRLittleEndian in SYNTAXES


def test_one_association_more_than_allowed_is_rejected(scp):
    node = scp(KNOWN, max_associations=1)
    ae = AE("STORESCU")
    ae.add_requested_context(VERIFICATION)
    first = ae.associate("127.0.0.1", node.port, ae_title="XRAY")
    assert first.is_established
    second = echo(node.port)
    assert "Local Limit Exceeded" in second.stderr
    first.release()


def test_a_film_over_the_limit_is_refused_and_its_association_goes_on(scp):
    node = scp(bounds=Bounds(film=2**20))
    big = radiograph(film("hand"))
    big.Rows, big.Columns = 4096, 1024
    big.PixelData = bytes(2**22)
    with associated(node.port, big) as association:
        status = association.send_c_store(big)
        assert status.Status == 0xC000
        assert status.ErrorComment == "Longer than 1,048,576 bytes"
        assert association.send_c_store(radiograph(film("hand"))).Status == 0
    assert node.refused == {"file_too_large": 1}
    assert node.spool.items.depth() == 1
    wait_until(lambda: _incoming(node) == [])


def test_a_disk_that_fills_up_under_a_film_is_answered_with_a700(scp, monkeypatch):
    node = scp(KNOWN)
    image, answers = radiograph(film("hand")), iter([True, False])
    monkeypatch.setattr("xray.node.receiving._OFTEN", 2**10)
    monkeypatch.setattr(
        "xray.spool.store.Store.enough_room", lambda *_: next(answers, True)
    )
    with associated(node.port, image) as association:
        assert association.send_c_store(image).Status == 0xA700
        assert association.send_c_store(image).Status == 0
    assert node.refused == {"disk_full": 1}


@pytest.mark.parametrize(
    ("most", "room", "reason"),
    [(2**22, [True, True], TOO_LARGE), (2**30, [True, False], DISK_FULL)],
)
def test_nothing_is_kept_of_a_film_from_where_it_is_refused(
    tmp_path, most, room, reason
):
    looks = iter(room)
    disk: Any = SimpleNamespace(enough_room=lambda: next(looks))
    path, lengths = tmp_path / "film", []
    with path.open("wb") as file:
        received = IncomingFilm(file, most, disk)
        for _ in range(6):
            received.write(bytes(2**22))
            lengths.append(path.stat().st_size)
    assert received.refused == reason
    assert max(lengths) < 2**24
    assert lengths[0] == 2**22
    assert lengths[-1] == 0


def test_a_film_of_another_class_than_was_said_is_refused(scp, tmp_path, monkeypatch):
    # As it sends files: the request says what the file's meta information says.
    monkeypatch.setattr("pynetdicom._config.STORE_SEND_CHUNKED_DATASET", True)
    node = scp()
    image = radiograph(film("hand"))
    said, image.SOPClassUID = image.SOPClassUID, SecondaryCaptureImageStorage
    image.file_meta.MediaStorageSOPClassUID = said
    path = tmp_path / "film.dcm"
    image.save_as(path)
    with associated(node.port, image, said) as association:
        assert association.send_c_store(path).Status == 0xA900
    assert node.refused == {"other_class": 1}


def _pdvs(context: int, *values: bytes) -> bytes:
    """Write a P-DATA-TF PDU (PS3.8 9.3.5)."""
    items = b"".join(
        struct.pack(">LB", len(each) + 1, context) + each for each in values
    )
    return b"\x04\x00" + struct.pack(">L", len(items)) + items


def _command(field: int, data_set: int = 1) -> bytes:
    """Write a command set: what it asks for, and whether a data set follows."""
    elements = Dataset()
    elements.CommandField = field
    elements.AffectedSOPClassUID = STORED[0]
    elements.AffectedSOPInstanceUID = "1.2.3"
    elements.MessageID = 1
    elements.Priority = 2
    elements.CommandDataSetType = data_set
    return encode(elements, True, True)


COMMAND, COMMAND_END, DATA, DATA_END = b"\x01", b"\x03", b"\x00", b"\x02"
C_STORE_RQ, C_ECHO_RQ = 0x0001, 0x0030


@pytest.mark.parametrize(
    "pdus",
    [
        pytest.param([_pdvs(1, b"")], id="no control byte"),
        pytest.param([_pdvs(1, COMMAND_END + b"x" * 9)], id="no command"),
        pytest.param([_pdvs(1, COMMAND_END + _command(0x7777))], id="unknown command"),
        pytest.param(
            [_pdvs(99, COMMAND_END + _command(C_STORE_RQ))], id="unknown context"
        ),
        pytest.param(
            [_pdvs(1, COMMAND_END + _command(C_STORE_RQ))] * 2, id="two commands"
        ),
        pytest.param([_pdvs(1, COMMAND + bytes(2**16))] * 40, id="endless command"),
        pytest.param(
            [
                _pdvs(1, COMMAND_END + _command(C_ECHO_RQ)),
                *[_pdvs(1, DATA + bytes(2**16))] * 40,
            ],
            id="an echo with a data set",
        ),
        pytest.param([_pdvs(1, DATA + bytes(2**16))] * 40, id="no command, but data"),
    ],
)
def test_who_breaks_the_protocol_is_aborted_and_leaves_nothing(scp, pdus, capfd):
    node = scp()
    before = threading.active_count()
    image = radiograph(film("hand"))
    with associated(node.port, image) as association:
        line = association.dul.socket.socket
        with suppress(OSError):  # it may be closed before all is sent
            for each in pdus:
                line.sendall(each)
        wait_until(lambda: association.is_aborted or not association.is_established)
    assert "bad_message" in node.refused
    wait_until(lambda: _incoming(node) == [])
    assert echo(node.port).returncode == 0
    wait_until(lambda: threading.active_count() <= before + 1)
    assert "Traceback" not in capfd.readouterr().err


def test_a_sender_that_awaits_no_answer_is_aborted_and_leaves_nothing(scp, monkeypatch):
    node, may_go_on = scp(), threading.Event()

    def wait(path: Path) -> None:
        may_go_on.wait()
        raise ImageError("no_pixels")

    monkeypatch.setattr("xray.node.scp.read_identity", wait)
    message = _pdvs(1, COMMAND_END + _command(C_STORE_RQ)) + _pdvs(
        1, DATA_END + bytes(9)
    )
    with associated(node.port, radiograph(film("hand"))) as association:
        association.dul.socket.socket.sendall(message * 40)
        wait_until(lambda: "bad_message" in node.refused)
        assert len(_incoming(node)) < 20
        may_go_on.set()
        wait_until(lambda: not association.is_established)
    wait_until(lambda: _incoming(node) == [])


def test_a_film_without_a_data_set_is_refused(scp):
    node = scp()
    image = radiograph(film("hand"))
    with associated(node.port, image) as association:
        line = association.dul.socket.socket
        association._reactor_checkpoint.clear()  # else its thread may take the answer
        wait_until(lambda: association._is_paused)
        line.sendall(_pdvs(1, COMMAND_END + _command(C_STORE_RQ, 0x0101)))
        _, answer = association.dimse.get_msg(block=True)
        association._reactor_checkpoint.set()
    assert answer.Status == 0xC000
    assert node.refused == {"no_data_set": 1}


def test_a_sender_that_drips_is_cut(scp):
    node = scp(bounds=Bounds(idle_seconds=0.5))
    with socket.create_connection(("127.0.0.1", node.port)) as line:
        line.sendall(b"\x01\x00\x00\x00\x10\x00")
        with suppress(OSError):
            while not select.select([line], [], [], 0.05)[0]:
                line.sendall(b"x")
    wait_until(lambda: node.refused == {"too_slow": 1})


def test_a_length_that_a_header_only_claims_sets_nothing_aside(scp):
    node = scp()
    with socket.create_connection(("127.0.0.1", node.port)) as line:
        line.sendall(b"\x01\x00\xff\xff\xff\xff" + b"x" * 100)
        assert line.recv(100) == b""
    assert node.refused == {"too_many_bytes": 1}


def test_a_sender_that_goes_away_half_way_leaves_nothing(scp):
    node = scp(bounds=Bounds(pdu=2**12))
    image = radiograph(film("hand"))
    ae = AE("STORESCU")
    ae.add_requested_context(image.SOPClassUID, ExplicitVRLittleEndian)
    association = ae.associate("127.0.0.1", node.port, ae_title="XRAY")
    sent, real = [], association.dul.socket.send

    def send_some(data: bytes) -> None:
        sent.append(data)
        if len(sent) == 3:  # the command, a part of the film, then silence
            association.dul.socket.socket.shutdown(socket.SHUT_RDWR)
        else:
            real(data)

    vars(association.dul.socket)["send"] = send_some
    association.send_c_store(image)
    wait_until(lambda: _incoming(node) == [])
    assert node.spool.items.depth() == 0


def test_port_probes_make_no_thread_and_no_refusal(scp):
    node = scp()
    before = threading.active_count()
    for _ in range(50):
        socket.create_connection(("127.0.0.1", node.port)).close()
    assert echo(node.port).returncode == 0
    wait_until(lambda: threading.active_count() <= before)
    assert node.refused == {}


def test_an_association_with_tls_asks_both_ends_for_their_certificate(scp, tmp_path):
    made = make_certificates(tmp_path)
    node = scp(made.tls("node"), ANYBODY)
    own = ("+tls", made.key, made.certificate, "+cf", made.authority)
    assert echo(node.port, *own).returncode == 0
    without = ("-ic", "+tla")
    assert echo(node.port, *without).returncode != 0
    plain = echo(node.port)
    assert plain.returncode != 0
    assert set(node.refused) == {"tls_failed"}


def test_a_silent_connection_with_tls_keeps_nobody_else_waiting(scp, tmp_path):
    made = make_certificates(tmp_path)
    tls = f'[node.tls]\ncertificate = "{made.certificate}"\nkey = "{made.key}"\n'
    node = scp(tls, ANYBODY)
    context = ssl.create_default_context(cafile=made.authority)
    with (
        socket.create_connection(("127.0.0.1", node.port)),
        socket.create_connection(("127.0.0.1", node.port)) as line,
        context.wrap_socket(line, server_hostname="127.0.0.1") as secured,
    ):
        assert secured.version() in ("TLSv1.2", "TLSv1.3")
