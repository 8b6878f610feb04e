"""Charts of the page."""

from typing import TYPE_CHECKING

from ..history import Entry
from .language import language, percent, say

_QUIET = "#8593a1"  # readable on dark and on light

if TYPE_CHECKING:
    import altair as alt


def likeliest_chart(entry: Entry, number: int = 5) -> "alt.LayerChart":
    """Draw the likeliest parts as bars with their percentages."""
    import altair as alt
    import pandas as pd

    words = language()
    rows = [
        {
            "part": part.name(words),
            "probability": probability,
            "shown": percent(probability),
        }
        for part, probability in entry.prediction.top(number)
    ]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("probability:Q", axis=None, scale=alt.Scale(domain=[0, 1.18])),
        y=alt.Y("part:N", sort=None, title=None, axis=alt.Axis(labelLimit=160)),
        tooltip=[
            alt.Tooltip("part:N", title=say("part")),
            alt.Tooltip("shown:N", title=say("probability")),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=4, height=16)
    numbers = base.mark_text(align="left", dx=6, color=_QUIET).encode(text="shown:N")
    chart: alt.LayerChart = (bars + numbers).properties(height=34 * len(rows))
    return chart
