"""What commands that look for findings share: their words."""

import argparse

from ..network.findings.points import BALANCED, POINTS, Asked, Point


def add_findings(parser: argparse.ArgumentParser) -> None:
    """Declare the words that ask for findings."""
    parser.add_argument(
        "--findings",
        action="store_true",
        help="look for fracture, hardware and projection too, where the part is one "
        "that the network of findings knows; experimental, for research, not for "
        "diagnosis",
    )
    parser.add_argument(
        "--operating-point",
        choices=POINTS,
        metavar="POINT",
        help=f"with --findings: flag fractures as {', '.join(POINTS)}; {BALANCED} if "
        "left out",
    )


def wanted_findings(arguments: argparse.Namespace) -> Asked:
    """Say by which operating point findings are wanted, if at all."""
    if arguments.operating_point and not arguments.findings:
        arguments.refuse("expected --operating-point with --findings")
    if not arguments.findings:
        return False
    point: Point = arguments.operating_point or BALANCED
    return point
