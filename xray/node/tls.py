"""TLS of both ends: certificates as the settings name them."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConfigError
from .table import Table

_LEAST = ssl.TLSVersion.TLSv1_2


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates of one end; with authorities, the other end is asked for its own."""

    authorities: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def server_context(tls: Tls) -> ssl.SSLContext:
    """Make what those who call are met with; with authorities they show their own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls.authorities is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(tls.authorities)
    return _with_own(context, tls)


def client_context(tls: Tls) -> ssl.SSLContext:
    """Make what a destination is called with; by default the system trusts."""
    return _with_own(ssl.create_default_context(cafile=tls.authorities), tls)


def read_server_tls(parent: Table) -> Tls | None:
    """Read [node.tls], whose certificate has to be there."""
    return _read(parent, server_context, is_server=True)


def read_client_tls(parent: Table) -> Tls | None:
    """Read [destination.tls], of which everything may be left out."""
    return _read(parent, client_context, is_server=False)


def _read(
    parent: Table, make: Callable[[Tls], ssl.SSLContext], is_server: bool
) -> Tls | None:
    """Read certificates, and make sure that they can be used."""
    table = parent.table("tls")
    if table is None:
        return None
    own = is_server or table.has("certificate") or table.has("key")
    tls = Tls(
        table.file_if_named("authorities"),
        table.file("certificate") if own else None,
        table.file("key") if own else None,
    )
    table.end()
    try:
        make(tls)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(
            f"Expected certificates and key in {table.where} to be PEM files that fit "
            f"each other. Received: {error}. Correct the paths or the files."
        ) from error
    return tls


def _with_own(context: ssl.SSLContext, tls: Tls) -> ssl.SSLContext:
    context.minimum_version = _LEAST
    if tls.certificate is not None:
        # No password: nobody is there to be asked.
        context.load_cert_chain(tls.certificate, tls.key, password="")
    return context
