"""Products sent over TLS, to programs that show a certificate and ask for one."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.nodes import ANYBODY, pacs, settings, small_films
from tests.servers.waiting import free_port, wait_until
from xray.errors import ConfigError
from xray.node.config import Config, read_config
from xray.node.destinations.base import (
    Destination,
    Fate,
    Parcel,
    UnreachableError,
)
from xray.node.destinations.dicom import DicomDestination
from xray.spool.deliveries import Delivery

# pynetdicom lets go of a socket that didn't connect without closing it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.usefixtures("sockets_let_go"),
]


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("stranger"))


def _config(folder: Path, *lines: str) -> Config:
    return read_config(settings(folder, ANYBODY, *lines))


def _destination(folder: Path, *lines: str) -> Destination:
    (destination,) = _config(folder, *lines).destinations
    return destination


def _parcel(folder: Path) -> Parcel:
    (path,) = small_films(folder / "products", 1)
    film = dcmread(path)
    about = {
        "uid": film.SOPInstanceUID,
        "class": film.SOPClassUID,
        "syntax": film.file_meta.TransferSyntaxUID,
    }
    return Parcel(Delivery(1, 1, "to", "copy", "", about, "waiting", 1, "", ""), path)


@contextmanager
def storescp(folder: Path, made: Certificates) -> Iterator[int]:
    """Run DCMTK's receiver, which asks for a certificate of the same authority."""
    port = free_port()
    folder.mkdir()
    own = ("+tls", made.key, made.certificate, "+cf", made.authority, "-rc")
    command = ["storescp", *own, "-od", folder, port]
    with subprocess.Popen(
        list(map(str, command)), stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield port
        finally:
            process.terminate()


@pytest.mark.skipif(shutil.which("storescp") is None, reason="needs DCMTK")
def test_a_pacs_with_tls_gets_it_from_who_shows_a_certificate_it_knows(
    tmp_path, known, stranger
):
    parcel, received = _parcel(tmp_path), tmp_path / "received"
    with storescp(received, known) as port:
        there = pacs(port)
        destination = _destination(tmp_path, there, known.tls("destination"))
        assert isinstance(destination, DicomDestination)
        wait_until(lambda: not destination.echo())
        assert [each.fate for each in destination.send([parcel])] == [Fate.DONE]
        (path,) = received.iterdir()
        for wrong in (
            there,  # without TLS
            there + stranger.tls("destination"),
            f'{there}[destination.tls]\nauthorities = "{known.authority}"\n',
            f'{there}[destination.tls]\ncertificate = "{known.certificate}"\n'
            f'key = "{known.key}"\n',  # the system knows no such authority
        ):
            with pytest.raises(UnreachableError):
                _destination(tmp_path, wrong).send([parcel])
    assert dcmread(path).PixelData == dcmread(parcel.path).PixelData
    assert list(received.iterdir()) == [path]


@contextmanager
def https(made: Certificates) -> Iterator[tuple[str, list[bytes]]]:
    """Run a server that asks for a certificate of the same authority."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            return  # a handshake that failed

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(made.authority)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        server.server_close()


def _stow(url: str) -> str:
    return f'[[destination]]\nname = "web"\nkind = "stow"\nurl = "{url}"\n'


def _hook(folder: Path, url: str) -> str:
    (folder / "secret").write_text("0123456789abcdef")
    return (
        f'[[destination]]\nname = "app"\nkind = "webhook"\nurl = "{url}"\n'
        'secret_file = "secret"\n'
    )


@pytest.mark.parametrize("kind", ["stow", "webhook"])
def test_an_https_server_gets_it_from_who_shows_a_certificate_it_knows(
    kind, tmp_path, known, stranger
):
    parcel = _parcel(tmp_path)
    with https(known) as (url, bodies):
        there = _stow(url) if kind == "stow" else _hook(tmp_path, url)
        destination = _destination(tmp_path, there, known.tls("destination"))
        assert [each.fate for each in destination.send([parcel])] == [Fate.DONE]
        for wrong in (there, there + stranger.tls("destination")):
            with pytest.raises(UnreachableError):
                _destination(tmp_path, wrong).send([parcel])
    (body,) = bodies
    assert parcel.path.read_bytes() in body


def test_certificates_for_an_address_without_https_are_refused(tmp_path, known):
    there = _stow("http://127.0.0.1:1")
    with pytest.raises(ConfigError, match="https"):
        _config(tmp_path, there, known.tls("destination"))


@pytest.mark.parametrize("name", ["node", "destination"])
def test_files_that_are_no_certificates_are_said_before_anything_starts(
    name, tmp_path, known, stranger
):
    (tmp_path / "text.pem").write_text("no certificate")
    there = _stow("https://127.0.0.1:1") if name == "destination" else ""
    mixed = Certificates(known.authority, known.certificate, stranger.key)
    text = Certificates(tmp_path / "text.pem", known.certificate, known.key)
    for wrong in (mixed, text):
        with pytest.raises(ConfigError, match="PEM"):
            _config(tmp_path, there, wrong.tls(name))
