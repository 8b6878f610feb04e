"""The model card for people."""

import streamlit as st

from xray import __version__
from xray.ui import finding_facts, model_facts
from xray.ui.frame import enter, explain_colors
from xray.ui.language import say
from xray.ui.model import model_card

enter()
card = model_card()
st.title(say("about"), anchor=False)
st.markdown(say("about_lead", model=card.version))
st.caption(f"xray {__version__}")
st.warning(say("about_warning"), icon=":material/science:")

st.header(say("about_colors"), anchor=False)
explain_colors()
st.caption(say("about_colors_more"))

st.header(say("about_good"), anchor=False)
model_facts.measured(card)
model_facts.left_out_measured(card)

finding_facts.findings()

st.header(say("about_limits"), anchor=False)
st.markdown(say("limits"))

st.header(say("about_training"), anchor=False)
model_facts.training(card)

second = card.second()
if second is not None and card.ensemble is not None:
    st.header(say("about_ensemble"), anchor=False)
    model_facts.ensemble(second, card.ensemble.share)

st.header(say("about_license"), anchor=False)
st.markdown(say("license_weights", license=card.license))
model_facts.credits()
