"""Sides and projections in an audit's page."""

from html import escape

from ..classify.verdict import Verdict
from ..header.view_table import FRONTAL, LATERAL, OBLIQUE, SEVERAL
from .marks import bar, cell, mark, share
from .views import Side, Views

_SHOWN = (FRONTAL, LATERAL, OBLIQUE, SEVERAL)


def render_views(views: Views) -> str:
    """Write both sections; each only where there is something to count."""
    return _sides(views) + _projections(views)


def _sides(views: Views) -> str:
    if not views.sided:
        return ""
    heads = {
        Side.STATED: "In an element",
        Side.DESCRIBED: "Only in a description",
        Side.MISSING: "Nowhere",
    }
    ranked = sorted(views.sides.items(), key=lambda item: (-item[1].total(), item[0]))
    lines = (
        f"<tr><td>{escape(part)}</td><td>{sides.total():,}</td>"
        + "".join(
            f"<td>{share(sides[each.value], sides.total())}</td>" for each in heads
        )
        + "</tr>"
        for part, sides in ranked
    )
    head = "".join(f"<th>{each}</th>" for each in heads.values())
    return (
        "<h2>Left or right</h2>"
        f'<p class="quiet">{views.sided:,} films show a part that has a side; the '
        f"headers of {views.without_side:,} don't say which, "
        f"{share(views.without_side, views.sided)}. In {views.opposite:,}, element and "
        "description name opposite sides. What the headers say was not compared with "
        'the pictures.</p><div class="wide"><table><tr><th></th><th>Films</th>'
        f"{head}</tr>{''.join(lines)}</table></div>"
    )


def _projections(views: Views) -> str:
    total = views.projections.total()
    if not total:
        return ""
    lines = (
        f"<tr><td>{mark(verdict)} {escape(verdict.word_of_projection())}</td>"
        f"<td>{views.projections[verdict.value]:,}</td>"
        f"<td>{share(views.projections[verdict.value], total)}</td></tr>"
        for verdict in Verdict
    )
    return (
        "<h2>Projection: header against picture</h2>"
        '<p class="quiet">Experimental, for research, not for diagnosis. AP and PA are '
        "both frontal.</p>"
        + bar(views.projections, 900, 22, Verdict.word_of_projection)
        + "<table><tr><th>Verdict</th><th>Files</th><th>Share (95 % interval)</th>"
        f"</tr>{''.join(lines)}</table>{_confusion(views)}"
    )


def _confusion(views: Views) -> str:
    if not views.confusion:
        return ""
    rows = sorted({header for header, _ in views.confusion})
    shown = {picture for _, picture in views.confusion}
    columns = [each for each in _SHOWN if each in shown]
    lines = (
        f"<tr><th>{escape(row.replace('|', ', '))}</th>"
        + "".join(cell(views.confusion.get((row, column))) for column in columns)
        + "</tr>"
        for row in rows
    )
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    return (
        '<p class="quiet">Header (rows) × picture (columns); other: a view that is '
        "neither, or room for further ones.</p>"
        f'<div class="wide"><table class="matrix"><thead><tr><th></th>{head}</tr>'
        f"</thead>{''.join(lines)}</table></div>"
    )
