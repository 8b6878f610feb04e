"""The model card for people: what the JSON card says, drawn; missing parts left out."""

import re
from collections.abc import Iterable, Iterator, Mapping

import streamlit as st

from ..classify.trust.confidence import Band
from ..labels import BODY_PARTS
from ..network.card import Card, Figures
from ..network.credits import CREDITS
from ..text import percent
from .badges import band_badge
from .charts import confusion_chart
from .language import language, plain, say
from .texts import TEXTS

_SHARES = ("any_label", "strict", "any_label_or_neighbor", "macro_recall")
_LEARNED_FROM = ("films", "films_by_source", "validation_films")


def measured(card: Card) -> None:
    """Say how good the model is, by each protocol that was measured."""
    protocols: Figures = card.figures.get("splits", {})
    if not protocols:
        st.info(say("not_measured"))
    for name, figures in protocols.items():
        accuracy = figures.get("accuracy", {})
        films, patients = accuracy.get("films", 0), accuracy.get("patients", 0)
        st.subheader(
            say("measured_on", name=translated("protocol", name)), anchor=False
        )
        st.caption(say("measured_how", films=films, patients=patients))
        if figures.get("seen_in_training"):
            st.warning(say("seen_in_training"))
        _shares(accuracy)
        _bands(figures.get("calibration", {}))
        _classes(accuracy)
        _confusion(accuracy)
        _changes(figures.get("changes", {}))
        _strangers(figures.get("strangers", {}))
        _explanations(figures.get("explanations", {}))
        if "command" in figures:
            st.caption(say("measured_by"))
            st.code(figures["command"], language="sh", wrap_lines=True)


def left_out_measured(card: Card) -> None:
    """Say what is reached on films of sources that trained neither network."""
    found: Figures = card.figures.get("left_out", {})
    if not found:
        return
    st.subheader(say("left_out_measured"), anchor=False)
    st.markdown(say("left_out_measured_note"))
    table(
        {
            "kept_out": translated("protocol", figures["kept_out"]),
            "films_column": figures["accuracy"]["films"],
            "figure_any_label": _value(figures, "any_label"),
            "figure_any_label_or_neighbor": _value(figures, "any_label_or_neighbor"),
        }
        for figures in found.values()
    )


def training(card: Card) -> None:
    """Say what the model learned from; how, in the card's own English words."""
    rows = dict(_flat(card.training.facts()))
    for key in _LEARNED_FROM:
        if key in rows:
            title, value = say(f"training_{key}"), plain(rows.pop(key))
            st.markdown(f":gray[{title}]  \n{value}")
    rows |= {"network": card.network.layers, "input": card.network.input}
    _listed(say("training_more"), rows)


def ensemble(second: Card, share: float) -> None:
    """Say which network is asked beside, how much it counts, how it was made."""
    st.markdown(say("ensemble_text", counts=percent(share, 1)))
    title = say("training_of", file=second.weights.name)
    _listed(title, dict(_flat(second.training.facts())))


def credits() -> None:
    """Credit the films that the model learned from."""
    st.markdown("\n".join(f"- {plain(text)}" for text in CREDITS.values()))


def _shares(accuracy: Figures) -> None:
    cells = st.grid(4, min_column_width=170, key=f"shares-{id(accuracy)}")
    for key in _SHARES:
        if key in accuracy:
            figure = accuracy[key]
            with cells.cell():
                st.metric(
                    say(f"figure_{key}"), percent(figure["value"], 1), border=True
                )
                low, high = (percent(figure[end], 1) for end in ("low", "high"))
                st.caption(say("interval", low=low, high=high))


def _bands(calibration: Figures) -> None:
    bands = calibration.get("bands", {})
    if not bands:
        return
    st.markdown(f"**{say('bands_measured')}**")
    cells = st.grid(3, min_column_width=200, key=f"bands-{id(bands)}")
    for band in Band:
        figure = bands.get(band.value)
        if figure is not None:
            with (
                cells.cell(),
                st.container(border=True, gap="xsmall", height="stretch"),
            ):
                st.markdown(band_badge(band, band.word(language())))
                share = percent(figure["share"], 1)
                wrong = percent(figure["error_rate"], 1)
                st.markdown(say("band_measured", share=share, wrong=wrong))
    if "expected_calibration_error" in calibration:
        error = calibration["expected_calibration_error"]
        brier = calibration.get("brier", "–")
        st.caption(say("calibration", error=error, brier=brier))


def _classes(accuracy: Figures) -> None:
    rows = accuracy.get("classes", [])
    if not rows:
        return
    words = language()
    names = {part.english: part.name(words) for part in BODY_PARTS}
    st.markdown(f"**{say('per_class')}**")
    share = st.column_config.ProgressColumn(
        format="%.0f %%", min_value=0.0, max_value=100.0
    )
    st.dataframe(
        [
            {
                say("part"): names.get(row["class"], row["class"]),
                say("films_column"): row["films"],
                say("recall"): _hundred(row["recall"]),
                say("precision"): _hundred(row["precision"]),
            }
            for row in rows
        ],
        column_config={say("recall"): share, say("precision"): share},
        hide_index=True,
        height="content",
        alt=say("per_class"),
    )


def _confusion(accuracy: Figures) -> None:
    if "confusion" in accuracy:
        st.markdown(f"**{say('confusion')}**")
        st.caption(say("confusion_hint"))
        chart = confusion_chart(accuracy["confusion"])
        with st.container(key="confusion"):
            st.altair_chart(chart, alt=say("confusion_hint"))


def _changes(changes: Figures) -> None:
    if changes:
        st.markdown(f"**{say('changes')}**")
        table(
            {
                "change": translated("change", name),
                "figure_any_label": percent(figure["any_label"], 1),
                "points_lost": f"{figure['points_lost']:.1f}",
            }
            for name, figure in changes.items()
        )


def _strangers(strangers: Figures) -> None:
    if strangers:
        st.markdown(f"**{say('strangers')}**")
        table(
            {
                "stranger": translated("stranger", kind),
                "pictures": figure["pictures"],
                "stranger_rejected": figure["rejected"],
                "stranger_green": figure["a_body_part_in_green"],
            }
            for kind, figure in strangers.items()
        )


def table(rows: Iterable[Mapping[str, object]]) -> None:
    """Draw rows whose columns are named by keys of the catalog."""
    told = [{say(key): value for key, value in row.items()} for row in rows]
    st.table(told, hide_index=True)


def _listed(title: str, facts: Mapping[str, str]) -> None:
    """List facts in the card's own words, for those who ask."""
    with st.expander(title, icon=":material/description:"):
        for key, value in facts.items():
            st.markdown(f":gray[{plain(key.replace('_', ' '))}]  \n{plain(value)}")


def _explanations(figures: Figures) -> None:
    deletion = figures.get("deletion", {})
    if "better_than_random" in deletion:
        st.markdown(f"**{say('maps_true')}**")
        values = {
            "films": figures["films"],
            "random": percent(deletion["better_than_random"], 1),
            "gaussian": percent(deletion["better_than_gaussian"], 1),
        }
        st.markdown(say("maps_deletion", **values))


def _value(figures: Figures, key: str) -> str:
    return percent(figures["accuracy"][key]["value"], 1)


def _flat(values: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield key, ", ".join(f"{name} {each}" for name, each in value.items())
        else:
            yield key, str(value)


def translated(what: str, name: str) -> str:
    """Put a name of the card into the chosen language where it has a translation."""
    slug = "_".join(re.findall(r"\w+", name))
    key = f"{what}_{slug}"
    return say(key) if key in TEXTS else plain(name.replace("_", " "))


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share
