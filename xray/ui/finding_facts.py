"""What is known of the network of findings, for people; missing figures left out."""

import streamlit as st

from ..errors import ModelError
from ..labels import BODY_PARTS
from ..messages import MESSAGES
from ..network.card import Figures
from ..network.findings.card import FindingsCard
from ..network.findings.points import POINTS
from . import model
from .language import language, percent, plain, say
from .model_facts import table, translated


def findings() -> None:
    """Say what the network is for, how good it is and what it costs."""
    st.header(say("about_findings"), anchor=False)
    try:
        card = model.findings_card()
    except ModelError as error:
        st.info(plain(error.text(language())))
        return
    words = language()
    research = MESSAGES["findings_research"].text(words)
    st.warning(research[:1].upper() + research[1:] + ".", icon=":material/science:")
    names = [part.name(words) for part in BODY_PARTS if part.english in card.parts]
    st.markdown(say("about_findings_use", parts=", ".join(names).lower()))
    figures: Figures = card.figures
    if "films" in figures:
        films, fractured = figures["films"], figures.get("fractured", "–")
        st.caption(say("findings_measured", films=films, fractured=fractured))
    _metrics(figures)
    _points(card)
    _regions(figures)
    st.markdown(say("findings_limits", license=card.license))


def _metrics(figures: Figures) -> None:
    fracture = figures.get("fracture", {})
    shown = {
        "auroc": fracture.get("auroc", {}),
        "sensitivity": fracture.get("sensitivity_at_specificity_0.90", {}),
        "in_a_box": {"value": figures.get("pointing", {}).get("in_a_box")},
        "projection": {"value": figures.get("projection", {}).get("balanced_accuracy")},
    }
    cells = st.grid(4, min_column_width=170, key="findings-figures")
    for name, figure in shown.items():
        if figure.get("value") is None:
            continue
        with cells.cell():
            st.metric(say(f"figure_{name}"), _share(name, figure["value"]), border=True)
            if interval := figure.get("interval"):
                low, high = (_share(name, end) for end in interval)
                st.caption(say("interval", low=low, high=high))


def _points(card: FindingsCard) -> None:
    table(
        {
            "operating_point": say(f"point_{name}"),
            "point_from": percent(card.points[name].threshold, 1),
            "point_flagged": percent(card.points[name].sensitivity, 1),
            "point_alone": percent(card.points[name].specificity, 1),
        }
        for name in POINTS
    )


def _regions(figures: Figures) -> None:
    rows: dict[str, Figures] = dict(figures.get("regions", {}))
    if "without_hardware" in figures:
        rows["without_hardware"] = figures["without_hardware"]
    if rows:
        table(
            {
                "region": translated("region", name),
                "films_column": str(row.get("films", "–")),
                "fractured_column": str(row.get("fractured", "–")),
                "figure_auroc": _value(row, "auroc"),
                "figure_sensitivity": _value(row, "sensitivity_at_specificity_0.90"),
            }
            for name, row in rows.items()
        )


def _value(row: Figures, key: str) -> str:
    name = "auroc" if key == "auroc" else "sensitivity"
    value = row.get(key, {}).get("value")
    return "–" if value is None else _share(name, value)


def _share(name: str, value: float) -> str:
    return f"{value:.3f}" if name == "auroc" else percent(value, 1)
