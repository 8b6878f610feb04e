"""Pieces of an audit's page: verdicts in their colors, shares with their intervals."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from ..classify.verdict import Verdict
from ..text import percent
from .summary import interval

COLORS = {
    Verdict.AGREE: "#2e9e5b",
    Verdict.NEIGHBORING: "#e0a030",
    Verdict.DISAGREE: "#d64545",
    Verdict.MISSING: "#7f8fa6",
    Verdict.NOT_UNDERSTOOD: "#a58fc0",
    Verdict.UNCERTAIN: "#5b6b7f",
}


def bar(
    counts: Mapping[str, int],
    width: int,
    height: int,
    word: Callable[[Verdict], str] = Verdict.word,
) -> str:
    """Draw shares as one stacked bar, each with its word."""
    total = sum(counts.values())
    pieces, start = [], 0.0
    for verdict, part in _shares(counts, total):
        pieces.append(
            f'<rect x="{start:.2f}" width="{part * width:.2f}" height="{height}" '
            f'fill="{COLORS[verdict]}"><title>{escape(word(verdict))} '
            f"{escape(percent(part, 1))}</title></rect>"
        )
        start += part * width
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'style="max-width:100%" role="img">{"".join(pieces)}</svg>'
    )


def shares(
    counts: Mapping[str, int], word: Callable[[Verdict], str] = Verdict.word
) -> str:
    """Write how many there are of each verdict, as a bar and as a table."""
    total = sum(counts.values())
    lines = (
        f"<tr><td>{mark(verdict)} {escape(word(verdict))}</td>"
        f"<td>{counts.get(verdict.value, 0):,}</td>"
        f"<td>{share(counts.get(verdict.value, 0), total)}</td></tr>"
        for verdict in Verdict
    )
    return (
        f"{bar(counts, 900, 22, word)}<table><tr><th>Verdict</th><th>Files</th>"
        f"<th>Share (95 % interval)</th></tr>{''.join(lines)}</table>"
    )


def matrix(
    counts: Mapping[tuple[str, str], Counter[str]], labels: Sequence[str]
) -> str:
    """Write what headers (rows) and pictures (columns) say, colored by verdict.

    Args:
        counts: How many of each verdict, by header's and picture's label.
        labels: Of rows and columns, in their order.
    """
    rows, columns = (
        [label for label in labels if label in shown]
        for shown in map(set, zip(*counts, strict=True))
    )
    lines = (
        f"<tr><th>{escape(row.replace('|', ', '))}</th>"
        + "".join(_cell(counts.get((row, column))) for column in columns)
        + "</tr>"
        for row in rows
    )
    return table(map(escape, columns), lines, "matrix")


def table(heads: Iterable[str], lines: Iterable[str], kind: str = "") -> str:
    """Write a wide table of markup whose first column has no head."""
    head = "".join(f"<th>{each}</th>" for each in heads)
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr><th></th>{head}</tr>'
        f"</thead>{''.join(lines)}</table></div>"
    )


def mark(verdict: Verdict) -> str:
    """Write a verdict's icon in its color."""
    return f'<span style="color:{COLORS[verdict]}">{verdict.icon}</span>'


def share(count: int, total: int) -> str:
    """Write a share with its interval; empty where there are none."""
    if not total:
        return ""
    low, high = (100 * end for end in interval(count, total))
    shown = escape(percent(count / total, 1))
    return f"{shown} <small>{low:.1f} to {high:.1f} %</small>"


def _cell(verdicts: Counter[str] | None) -> str:
    """Write a cell of a matrix, in the color of its most frequent verdict."""
    if not verdicts:
        return "<td></td>"
    ((verdict, _),) = verdicts.most_common(1)
    color = COLORS[Verdict(verdict)]
    return f'<td style="background:{color}55">{verdicts.total():,}</td>'


def _shares(counts: Mapping[str, int], total: int) -> Iterable[tuple[Verdict, float]]:
    for verdict in Verdict:
        count = counts.get(verdict.value, 0)
        if count:
            yield verdict, count / total
