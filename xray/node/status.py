"""What `xray node` tells people: its settings in words, its state in numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime

from ..limits import LIMITS
from ..messages import MESSAGES
from ..spool.item import Item, State
from ..spool.status import SpoolStatus
from .config import ANY, Config, Peer
from .rules import explain

_GIB = 2**30


def explain_config(config: Config) -> Iterator[str]:
    """Say what a node with these settings does, line by line."""
    tls = "with TLS" if config.tls else "without TLS"
    yield f"listens as {config.ae_title} on {config.host} port {config.port}, {tls}"
    if config.tls and config.tls.authorities:
        yield "  who calls has to show a certificate of its own"
    if not config.tls and config.host not in ("127.0.0.1", "::1", "localhost"):
        yield "  an AE title is no authentication: anybody on the network may claim one"
    for peer in config.peers:
        yield f"  may send: {_peer(peer)}"
    yield (
        f"  at most {config.max_associations} associations, films of "
        f"{LIMITS.file_bytes:,} bytes"
    )
    yield f"keeps what it receives in {config.spool} until it is delivered"
    yield f"  refuses films while less than {config.keep_free / _GIB:g} GiB are free"
    yield f"  knows a film again for {config.keep_days:g} days"
    for destination in config.destinations:
        yield f"delivers to {destination.name}: {destination.describe()}"
    if config.findings:
        yield f"looks for findings too, and flags by {config.findings}"
        yield f"  {MESSAGES['findings_research'].text()}: records only, no report"
    if not config.rules:
        yield "has no rule: it classifies, and delivers nothing"
    for rule in config.rules:
        yield f"rule {explain(rule)}"
    if any("sr" in rule.send for rule in config.rules):
        yield f"  reports are {config.report} SR documents, unverified"


def explain_status(status: SpoolStatus, running: bool) -> Iterator[str]:
    """Say how a node is doing, line by line."""
    yield f"the node is {'running' if running else 'not running'}"
    for state in State:
        yield f"{status.items[state]:>10,}  {state.value}"
    if status.items[State.RECEIVED]:
        yield f"            the first has waited {status.oldest_seconds:,.0f} seconds"
    for (destination, stage), count in status.deliveries.items():
        yield f"{count:>10,}  {destination}: {stage}"
    if status.conflicts:
        yield (
            f"{status.conflicts:>10,}  ALARM: came under the SOP Instance UID of an "
            "earlier film with other bytes; both are kept"
        )
    hour = status.last_hour
    yield f"last hour: {hour.received:,} received, {hour.delivered:,} delivered"
    for reason, count in hour.failed.items():
        yield f"{count:>10,}  {reason}"
    room = "" if status.has_room else ", too few: films are refused"
    yield f"{status.free_bytes / _GIB:,.1f} GiB free on the disk{room}"


def explain_dead(item: Item) -> str:
    """Say why an item was given up; nothing of the film itself."""
    since = datetime.fromtimestamp(item.changed, UTC).isoformat(timespec="seconds")
    step = "not classified" if item.result is None else "not delivered"
    return f"{item.id:>10}  {since}  {step}: {item.error}"


def as_json(status: SpoolStatus, running: bool) -> dict[str, object]:
    """Write the numbers for a program."""
    return {
        "running": running,
        "items": {state.value: count for state, count in status.items.items()},
        "deliveries": [
            {"destination": name, "state": state, "count": count}
            for (name, state), count in status.deliveries.items()
        ],
        "conflicts": status.conflicts,
        "oldest_seconds": round(status.oldest_seconds, 1),
        "last_hour": {
            "received": status.last_hour.received,
            "delivered": status.last_hour.delivered,
            "failed": status.last_hour.failed,
        },
        "free_bytes": status.free_bytes,
        "has_room": status.has_room,
    }


def _peer(peer: Peer) -> str:
    title = "any AE title" if peer.ae_title == ANY else peer.ae_title
    return f"{title} from {peer.network or 'any address'}"
