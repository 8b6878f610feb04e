"""Whether the node looks for findings: `findings = true` of its settings."""

from typing import cast

from ..network.findings.points import BALANCED, POINTS, Asked, Point
from .table import Table


def read_wanted(table: Table) -> Asked:
    """Read by which operating point findings are wanted, if at all.

    Raises:
        ConfigError: A value can't be, or there is an operating point alone.
    """
    wanted = table.flag("findings")
    point = table.choice("operating_point", POINTS, BALANCED)
    if not wanted and table.has("operating_point"):
        raise table.wrong("findings", "true, for its operating_point", wanted)
    return cast("Point", point) if wanted else False
