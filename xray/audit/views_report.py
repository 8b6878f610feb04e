"""Sides and projections in an audit's page."""

from html import escape

from ..classify.verdict import Verdict
from ..header.view_table import FRONTAL, LATERAL, OBLIQUE, SEVERAL
from .marks import matrix, share, shares, table
from .views import Side, ViewCounts

_SHOWN = (FRONTAL, LATERAL, OBLIQUE, SEVERAL)


def render_views(views: ViewCounts) -> str:
    """Write both sections; each only where there is something to count."""
    return _sides(views) + _projections(views)


def _sides(views: ViewCounts) -> str:
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
    return (
        "<h2>Left or right</h2>"
        f'<p class="quiet">{views.sided:,} films show a part that has a side; the '
        f"headers of {views.without_side:,} don't say which, "
        f"{share(views.without_side, views.sided)}. In {views.opposite:,}, element and "
        "description name opposite sides. What the headers say was not compared with "
        "the pictures.</p>" + table(("Films", *heads.values()), lines)
    )


def _projections(views: ViewCounts) -> str:
    if not views.projections:
        return ""
    return (
        "<h2>Projection: header against picture</h2>"
        '<p class="quiet">Experimental, for research, not for diagnosis. AP and PA are '
        "both frontal.</p>"
        f"{shares(views.projections, Verdict.word_of_projection)}{_confusion(views)}"
    )


def _confusion(views: ViewCounts) -> str:
    if not views.confusion:
        return ""
    claimed = {header for header, _ in views.confusion}
    labels = [*_SHOWN, *sorted(claimed.difference(_SHOWN))]
    return (
        '<p class="quiet">Header (rows) × picture (columns); other: a view that is '
        f"neither, or room for further ones.</p>{matrix(views.confusion, labels)}"
    )
