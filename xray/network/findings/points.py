"""The operating points that a film may be flagged by."""

from typing import Literal, get_args

Point = Literal["sensitive", "balanced", "specific"]
POINTS: tuple[Point, ...] = get_args(Point)
BALANCED: Point = "balanced"
Asked = Literal[False] | Point  # False: nobody asks for findings
