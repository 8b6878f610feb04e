"""The node's settings: one TOML file, read whole and checked before anything starts."""

import tomllib
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import cast, get_args
from urllib.parse import urlsplit

from ..errors import ConfigError
from ..limits import LIMITS
from ..network.findings.points import Asked
from ..records.structured_report import ReportForm
from .asking import read_wanted
from .rules import DICOM_PRODUCTS, RECORD, Rule, read_rule
from .table import Table
from .tls import Tls, read_client_tls, read_server_tls

ANY = "*"
_MOST_AE = 16  # characters, PS3.5 6.2
_GIB = 2**30
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Peer:
    """Who may send: an AE title that calls, from a network."""

    ae_title: str  # "*": any
    network: IPv4Network | IPv6Network | None  # None: any


@dataclass(frozen=True, slots=True)
class Destination:
    """Where products go."""

    name: str


@dataclass(frozen=True, slots=True)
class DicomDestination(Destination):
    """A PACS that takes products by C-STORE."""

    host: str
    port: int
    ae_title: str
    commitment: bool = False  # ask it to promise that it keeps them
    commitment_seconds: float = 3600.0  # to wait for that promise
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class StowDestination(Destination):
    """A DICOMweb server that takes products by STOW-RS."""

    url: str
    token_file: Path | None = None
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class WebhookDestination(Destination):
    """A program that is told each answer as JSON."""

    url: str
    secret_file: Path
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class FilesDestination(Destination):
    """A file that each answer is added to, line by line."""

    path: Path
    format: str  # "jsonl" or "csv"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that the file says."""

    ae_title: str
    host: str
    port: int
    spool: Path
    peers: tuple[Peer, ...]
    destinations: tuple[Destination, ...]
    rules: tuple[Rule, ...]
    tls: Tls | None = None
    report: ReportForm = "enhanced"
    keep_free: int = 5 * _GIB
    keep_days: float = 30.0  # to know a film again that was delivered
    max_associations: int = 10
    max_pdu: int = _MIB
    max_file: int = LIMITS.file_bytes
    idle_seconds: float = 60.0
    retry_seconds: float = 5.0  # before the first retry; doubled for each further
    retry_longest: float = 300.0
    attempts: int = 10  # refusals by a destination before a delivery is dead
    weights: Path | None = None
    findings: Asked = False  # by which operating point


def read_config(path: Path) -> Config:
    """Read and check the settings.

    Raises:
        ConfigError: The file is missing or malformed, or a value can't be.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"Expected a settings file in {path}. Received: {error}. Give its path "
            "with --config."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"Expected TOML in {path}. Received: {error}. Correct that line."
        ) from error
    top = Table(values, "the settings file", path.parent)
    node = top.table("node")
    if node is None:
        raise ConfigError(
            f"Expected a table [node] in {path}. Received: none. Add it with ae_title "
            "and spool, as docs/deploying.md shows."
        )
    peers = tuple(_peer(table) for table in top.tables("peer"))
    destinations = tuple(_destination(table) for table in top.tables("destination"))
    rules = tuple(read_rule(table) for table in top.tables("rule"))
    top.end()
    config = _node(node, peers, destinations, rules)
    _require_consistent(peers, destinations, rules)
    return config


def _node(
    table: Table,
    peers: tuple[Peer, ...],
    destinations: tuple[Destination, ...],
    rules: tuple[Rule, ...],
) -> Config:
    report = table.choice("report", get_args(ReportForm), "enhanced")
    config = Config(
        ae_title=_ae_title(table),
        host=table.text("host", "127.0.0.1"),
        port=int(table.number("port", 11112, 0, 65535)),
        spool=table.path("spool"),
        peers=peers,
        destinations=destinations,
        rules=rules,
        tls=read_server_tls(table),
        report=cast("ReportForm", report),
        keep_free=int(table.number("keep_free_gib", 5, 0, 2**20) * _GIB),
        keep_days=table.number("keep_days", 30, 0, 36500),
        max_associations=int(table.number("max_associations", 10, 1, 1000)),
        max_pdu=int(table.number("max_pdu_kib", 1024, 4, 65536) * 1024),
        max_file=int(
            table.number("max_file_mib", LIMITS.file_bytes / _MIB, 1, 2048) * _MIB
        ),
        idle_seconds=table.number("idle_seconds", 60, 1, 3600),
        retry_seconds=table.number("retry_seconds", 5, 0.05, 3600),
        retry_longest=table.number("retry_longest_seconds", 300, 0.05, 86400),
        attempts=int(table.number("attempts", 10, 1, 1000)),
        weights=table.file_if_named("weights"),
        findings=read_wanted(table),
    )
    table.end()
    return config


def _peer(table: Table) -> Peer:
    title = _ae_title(table)
    address = table.text("address", ANY)
    table.end()
    if address == ANY:
        return Peer(title, None)
    try:
        return Peer(title, ip_network(address, strict=False))
    except ValueError:
        raise table.wrong(
            "address", "an address or network, as 10.0.0.0/24", address
        ) from None


def _destination(table: Table) -> Destination:
    name = table.text("name")
    kind = table.choice("kind", ("dicom", "stow", "webhook", "files"))
    made: Destination
    if kind == "dicom":
        made = DicomDestination(
            name,
            host=table.text("host"),
            port=int(table.number("port", 104, 1, 65535)),
            ae_title=_ae_title(table),
            commitment=table.flag("commitment"),
            commitment_seconds=table.number("commitment_seconds", 3600, 0.1, 604800),
            tls=read_client_tls(table),
        )
    elif kind == "stow":
        token = table.file_if_named("token_file")
        made = StowDestination(name, _url(table), token, read_client_tls(table))
    elif kind == "webhook":
        secret = table.file("secret_file")
        made = WebhookDestination(name, _url(table), secret, read_client_tls(table))
    else:
        format_ = table.choice("format", ("jsonl", "csv"), "jsonl")
        made = FilesDestination(name, table.path("path"), format_)
    table.end()
    _require_https(table, made)
    return made


def _require_https(table: Table, made: Destination) -> None:
    match made:
        case (
            StowDestination(url=url, tls=Tls()) | WebhookDestination(url=url, tls=Tls())
        ) if not url.startswith("https:"):
            raise table.wrong("url", "an address with https, as tls is set", url)


def _ae_title(table: Table) -> str:
    title = table.text("ae_title").strip()
    if not 0 < len(title) <= _MOST_AE or not title.isascii() or "\\" in title:
        raise table.wrong("ae_title", f"1 to {_MOST_AE} ASCII characters", title)
    return title


def _url(table: Table) -> str:
    url = table.text("url")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise table.wrong("url", "an address as https://server/path", url)
    if parts.username or parts.password:
        raise table.wrong("url", "an address without a password; name a file", "one")
    return url


def _require_consistent(
    peers: tuple[Peer, ...],
    destinations: tuple[Destination, ...],
    rules: tuple[Rule, ...],
) -> None:
    by_name = {each.name: each for each in destinations}
    if not peers:
        raise ConfigError(
            "Expected at least one [[peer]] that may send. Received: none. Add one; "
            f'ae_title = "{ANY}" and address = "{ANY}" let everybody.'
        )
    if len(by_name) < len(destinations):
        raise ConfigError(
            "Expected each [[destination]] to have its own name. Received: one name "
            "twice. Rename one."
        )
    for each in destinations:
        if isinstance(each, DicomDestination) and each.commitment:
            _require_reporting(each, peers)
    for rule in rules:
        for name in rule.to:
            if name not in by_name:
                raise ConfigError(
                    f"Expected rule {rule.name} to send to a [[destination]]. "
                    f"Received: {name}. Known: {', '.join(by_name) or 'none'}."
                )
            _require_fitting(rule, by_name[name])


def _require_reporting(destination: DicomDestination, peers: tuple[Peer, ...]) -> None:
    if not any(peer.ae_title in (ANY, destination.ae_title) for peer in peers):
        raise ConfigError(
            f"Expected a [[peer]] with ae_title {destination.ae_title}: with "
            f"commitment = true, {destination.name} calls back to report what it "
            "keeps. Received: none. Add it, with its address."
        )


def _require_fitting(rule: Rule, destination: Destination) -> None:
    takes_files = isinstance(destination, DicomDestination | StowDestination)
    fitting = DICOM_PRODUCTS if takes_files else (RECORD,)
    for product in rule.send:
        if product not in fitting:
            raise ConfigError(
                f"Expected rule {rule.name} to send {', '.join(fitting)} to "
                f"{destination.name}. Received: {product}. Make a rule of its own for "
                "each kind of destination."
            )
