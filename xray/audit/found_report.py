"""Findings in an audit's page, and at the terminal after it."""

from collections import Counter
from html import escape

from ..messages import MESSAGES
from .marks import share, table
from .summary import ASKED, FRACTURE, HARDWARE, FoundCounts, summed


def render_found(counts: FoundCounts) -> str:
    """Write the section; nothing where nobody asked."""
    if not counts:
        return ""
    total, research = summed(counts), MESSAGES["findings_research"].text()
    ranked = sorted(counts.items(), key=lambda item: (-item[1][ASKED], item[0]))
    lines = (_line(part, each) for part, each in [*ranked, ("All", total)])
    return (
        f'<h2>Findings</h2><p class="quiet">{escape(research.capitalize())}. Flags of '
        "a network, by the operating point that stands with the model; "
        "nobody has looked at these films.</p>"
        + table(("Films asked about", "Fracture flagged", "Hardware flagged"), lines)
    )


def print_found(counts: FoundCounts) -> str:
    """Say the counts at the terminal; nothing where nobody asked."""
    if not counts:
        return ""
    total = summed(counts)
    return (
        f"{total[FRACTURE]:>12,}  of {total[ASKED]:,} films asked about: fracture "
        f"flagged ({MESSAGES['findings_research'].text()})\n"
        f"{total[HARDWARE]:>12,}  of them: hardware flagged\n"
    )


def _line(part: str, counts: Counter[str]) -> str:
    asked = counts[ASKED]
    shares = "".join(
        f"<td>{share(counts[each], asked)}</td>" for each in (FRACTURE, HARDWARE)
    )
    return f"<tr><td>{escape(part)}</td><td>{asked:,}</td>{shares}</tr>"
