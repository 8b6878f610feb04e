"""`xray node`: a DICOM node that films are sent to and that sends answers on."""

import argparse
import json
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..node.config import Config


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command's words."""
    parser = commands.add_parser(
        "node",
        help="receive films by DICOM, and send what they show on",
        description="Receive films by C-STORE, classify them, and send reports, heat "
        "maps or records on by the rules of a settings file (docs/deploying.md). What "
        "was received survives a crash. SIGTERM or Ctrl-C: finish what is in hand.",
    )
    parser.add_argument(
        "--config", type=Path, required=True, metavar="NODE.toml", help="settings file"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--check",
        action="store_true",
        help="say what the settings mean, ask each PACS for an echo, and stop",
    )
    what.add_argument(
        "--status",
        action="store_true",
        help="queue, last hour, failures by reason; exit status 1: not running",
    )
    what.add_argument("--dead", action="store_true", help="list what was given up")
    what.add_argument(
        "--retry",
        nargs="*",
        type=int,
        metavar="ID",
        help="try what was given up again: all, or these",
    )
    parser.add_argument("--json", action="store_true", help="--status as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from ..node.config import read_config

    config = read_config(arguments.config)
    if arguments.check:
        return _check(config)
    if arguments.status:
        return _status(config, arguments.json)
    if arguments.dead:
        return _dead(config)
    if arguments.retry is not None:
        return _retry(config, arguments.retry)
    return _serve(config)


def _serve(config: "Config") -> int:
    from ..node.running import Node

    _log_to_stderr()
    with Node(config) as node:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: node.ask_to_stop())
        sys.stderr.write(f"listening as {config.ae_title} on port {node.port}\n")
        return 0 if node.wait() else 1


def _log_to_stderr() -> None:
    """Log what xray says, and nothing of the libraries, which may quote a header."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("xray")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _check(config: "Config") -> int:
    from ..node.destinations.dicom import DicomDestination
    from ..node.status import explain_config
    from ..text import printable

    for line in explain_config(config):
        sys.stdout.write(printable(line) + "\n")
    failed = False
    for destination in config.destinations:
        if isinstance(destination, DicomDestination):
            reason = destination.echo()
            said = reason or "answers"
            sys.stdout.write(f"{printable(destination.name)}: {said}\n")
            failed = failed or bool(reason)
    return 1 if failed else 0


def _status(config: "Config", as_json: bool) -> int:
    from ..lock import hold
    from ..node import status
    from ..node.running import LOCK_NAME
    from ..spool.folder import Spool
    from ..spool.status import read_status

    with Spool(config.spool, config.keep_free) as spool:
        with hold(config.spool / LOCK_NAME) as is_free:
            running = not is_free
        found = read_status(spool)
    if as_json:
        sys.stdout.write(json.dumps(status.as_json(found, running)) + "\n")
    else:
        for line in status.explain_status(found, running):
            sys.stdout.write(line + "\n")
    return 0 if running else 1


def _dead(config: "Config") -> int:
    from ..node.status import explain_dead
    from ..spool.folder import Spool
    from ..spool.item import State

    with Spool(config.spool, config.keep_free) as spool:
        last = 0
        while items := spool.items.list("dicom", state=State.DEAD, after=last):
            for item in items:
                sys.stdout.write(explain_dead(item) + "\n")
            last = items[-1].id
    return 0


def _retry(config: "Config", ids: list[int]) -> int:
    from ..spool.folder import Spool

    with Spool(config.spool, config.keep_free) as spool:
        count = spool.items.retry(ids or None)
    sys.stdout.write(f"{count:,} to be tried again\n")
    return 0 if count or not ids else 1
