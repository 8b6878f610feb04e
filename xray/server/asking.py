"""What routes that look for findings share: the parameters that ask for them."""

from collections.abc import Mapping
from typing import Annotated, cast

from fastapi import Depends, Query

from ..network.findings.points import BALANCED, Asked, Point
from .problems import RequestError

_KEY = "findings"  # in the source of a job's item


def _wanted(
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
    return (operating_point or BALANCED) if findings else False


Findings = Annotated[Asked, Depends(_wanted)]


def as_source(findings: Asked) -> dict[str, str]:
    """Write what is wanted of a job's film beside it."""
    return {_KEY: findings} if findings else {}


def wanted_by(source: Mapping[str, str]) -> Asked:
    """Read what is wanted of a job's film."""
    return cast("Point", source[_KEY]) if _KEY in source else False
