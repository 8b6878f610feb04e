"""The model: loaded once, shared by all sessions."""

import streamlit as st

from ..classify.classifier import Classifier
from ..network.card import Card, read_card
from ..network.weights import DEFAULT_WEIGHTS
from .language import say
from .memory import settle


def classifier() -> Classifier:
    """The classifier, with a word to the person while it loads for the first time.

    Raises:
        ModelError: Weights or card are missing or damaged.
    """
    with st.spinner(say("loading")):
        return loaded()


@st.cache_resource(show_spinner=False)
def model_card() -> Card:
    """The card with what is known of the network.

    Raises:
        ModelError: Weights or card are missing or damaged.
    """
    return read_card(DEFAULT_WEIGHTS)


def model_version() -> str:
    """Name and version of the weights that are served, for exports."""
    return read_card(DEFAULT_WEIGHTS, check=False).version


@st.cache_resource(show_spinner=False)
def loaded() -> Classifier:
    """The classifier, without a word while it loads."""
    found = Classifier.load()
    settle()
    return found
