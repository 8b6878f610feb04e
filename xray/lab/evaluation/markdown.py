"""Tables and shares as the model card's README writes them."""

from collections.abc import Iterable

from ... import text


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table of text."""
    names = list(columns)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percent(value: float | None) -> str:
    """Write a share in [0, 1]; a dash where there is none."""
    return text.percent(value, 1)
