"""What routes share that ask for more than the body part, or for less work."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query, Request

from ..errors import ModelError
from ..network.findings.points import BALANCED, Asked, Point
from .problems import RequestError
from .service import service_of


def _wanted(
    request: Request,
    findings: Annotated[
        bool,
        Query(
            description="Look for fracture, hardware and projection too. Experimental, "
            "for research, not for diagnosis."
        ),
    ] = False,
    operating_point: Annotated[
        Point | None,
        Query(description=f"With findings: flag by this one; {BALANCED} if left out."),
    ] = None,
) -> Asked:
    """Say by which operating point findings are wanted, if at all."""
    if operating_point is not None and not findings:
        raise RequestError("bad_parameter", expected="true", name="findings")
    if not findings:
        return False
    _require(service_of(request).classifier.require_findings, "findings")
    return operating_point or BALANCED


def _fast(
    request: Request,
    fast: Annotated[
        bool,
        Query(description="Let the small network answer alone what it is sure of."),
    ] = False,
) -> bool:
    if fast:
        _require(service_of(request).classifier.require_fast, "fast")
    return fast


def _require(check: Callable[[], None], name: str) -> None:
    """Refuse what the installed model can't do."""
    try:
        check()
    except ModelError as error:
        raise RequestError("bad_parameter", expected="false", name=name) from error


Findings = Annotated[Asked, Depends(_wanted)]
Fast = Annotated[bool, Depends(_fast)]
