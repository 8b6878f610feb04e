"""The model: loaded once, shared by all sessions."""

import streamlit as st

from ..classifier import Classifier
from .language import say


def classifier() -> Classifier:
    """The classifier, with a word to the person while it loads for the first time.

    Raises:
        ModelError: Weights or card are missing or damaged.
    """
    with st.spinner(say("loading")):
        return _load()


@st.cache_resource(show_spinner=False)
def _load() -> Classifier:
    return Classifier.load()
