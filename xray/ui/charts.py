"""Charts of the page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..labels import BODY_PARTS
from .history import Entry
from .language import language, say, sureness

if TYPE_CHECKING:
    import altair as alt


LIKELIEST = 5  # parts of the single view's chart


def likeliest_chart(entry: Entry) -> "alt.LayerChart":
    """Draw the likeliest parts as bars with their percentages."""
    import altair as alt
    import pandas as pd

    words = language()
    rows = [
        {
            "part": part.name(words),
            "probability": probability,
            "shown": sureness(probability),
        }
        for part, probability in entry.prediction.top(LIKELIEST)
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
    numbers = base.mark_text(align="left", dx=6).encode(text="shown:N")
    chart: alt.LayerChart = (bars + numbers).properties(height=34 * len(rows))
    return chart


def confusion_chart(counts: Sequence[Sequence[int]]) -> "alt.LayerChart":
    """Draw a confusion matrix, shaded by share of each true part.

    Args:
        counts: (22, 22): films by true part (rows) and answer (columns).
    """
    import altair as alt
    import pandas as pd

    words = language()
    names = [part.name(words) for part in BODY_PARTS]
    rows = [
        {
            "label": names[row],
            "answer": names[column],
            "films": number,
            "share": number / max(1, sum(line)),
        }
        for row, line in enumerate(counts)
        for column, number in enumerate(line)
        if number
    ]
    axis = alt.Axis(
        labelLimit=140, labelAngle=-60, labelOverlap=False, labelFlush=False
    )
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("answer:N", sort=names, title=say("answer"), axis=axis).scale(
            domain=names
        ),
        y=alt.Y(
            "label:N",
            sort=names,
            title=say("label"),
            axis=alt.Axis(labelOverlap=False, labelFlush=False),
        ).scale(domain=names),
        tooltip=[
            alt.Tooltip("label:N", title=say("label")),
            alt.Tooltip("answer:N", title=say("answer")),
            alt.Tooltip("films:Q", title=say("films_column")),
        ],
    )
    squares = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color("share:Q", legend=None).scale(scheme="blues", domain=[0, 1])
    )
    dark = alt.datum.share > 0.5
    numbers = base.mark_text(fontSize=10).encode(
        text="films:Q", color=alt.condition(dark, alt.value("white"), alt.value("#123"))
    )
    chart: alt.LayerChart = (squares + numbers).properties(height=560)
    return chart
