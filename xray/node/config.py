"""The node's settings: one TOML file, read whole and checked before anything starts."""

import tomllib
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import cast, get_args

from ..errors import ConfigError
from ..network.findings.points import BALANCED, POINTS, Asked, Point
from ..records.structured_report import ReportForm
from .destinations.base import Destination
from .destinations.dicom import DicomDestination
from .destinations.files import FilesDestination
from .destinations.stow import StowDestination
from .destinations.webhook import WebhookDestination
from .rules import Rule, read_rule
from .table import Table
from .tls import Tls, read_server_tls

ANY = "*"
_KINDS: dict[str, type[Destination]] = {
    "dicom": DicomDestination,
    "stow": StowDestination,
    "webhook": WebhookDestination,
    "files": FilesDestination,
}
_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Peer:
    """Who may send: an AE title that calls, from a network."""

    ae_title: str  # "*": any
    network: IPv4Network | IPv6Network | None  # None: any


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
    tls: Tls | None
    report: ReportForm
    keep_free: int
    keep_days: float  # to know a film again that was delivered
    max_associations: int
    attempts: int  # refusals by a destination before a delivery is dead
    weights: Path | None
    findings: Asked  # by which operating point


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
    title = node.ae_title()
    peers = tuple(_peer(table) for table in top.tables("peer"))
    destinations = tuple(
        _destination(table, title) for table in top.tables("destination")
    )
    rules = tuple(read_rule(table) for table in top.tables("rule"))
    top.end()
    config = _node(node, title, peers, destinations, rules)
    _require_consistent(peers, destinations, rules)
    return config


def _node(
    table: Table,
    title: str,
    peers: tuple[Peer, ...],
    destinations: tuple[Destination, ...],
    rules: tuple[Rule, ...],
) -> Config:
    report = table.choice("report", get_args(ReportForm), "enhanced")
    config = Config(
        ae_title=title,
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
        attempts=int(table.number("attempts", 10, 1, 1000)),
        weights=table.file_if_named("weights"),
        findings=_read_findings(table),
    )
    table.end()
    return config


def _peer(table: Table) -> Peer:
    title = table.ae_title()
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


def _destination(table: Table, caller: str) -> Destination:
    name = table.text("name")
    made = _KINDS[table.choice("kind", _KINDS)].read(name, table, caller)
    table.end()
    return made


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
    for product in rule.send:
        if product not in destination.takes:
            raise ConfigError(
                f"Expected rule {rule.name} to send {', '.join(destination.takes)} to "
                f"{destination.name}. Received: {product}. Make a rule of its own for "
                "each kind of destination."
            )


def _read_findings(table: Table) -> Asked:
    """Read by which operating point findings are wanted, if at all.

    Raises:
        ConfigError: A value can't be, or there is an operating point alone.
    """
    wanted = table.flag("findings")
    point = table.choice("operating_point", POINTS, BALANCED)
    if not wanted and table.has("operating_point"):
        raise table.wrong("findings", "true, for its operating_point", wanted)
    return cast("Point", point) if wanted else False
