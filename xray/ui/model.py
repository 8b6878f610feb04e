"""The model: loaded once, shared by all sessions."""

import streamlit as st

from ..classify.classifier import Classifier
from ..network.card import Card, read_card
from ..network.findings.card import FindingsCard, read_findings_card
from ..network.local_card import LocalCard, chosen_card, read_local_card
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


@st.cache_resource(show_spinner=False)
def findings_card() -> FindingsCard:
    """The card of the network of findings.

    Raises:
        ModelError: It or its weights are missing or damaged.
    """
    return read_findings_card()


def local_card() -> LocalCard | None:
    """The local card that answers are calibrated by; None: as shipped."""
    named = chosen_card()
    return read_local_card(named, model_card().sha256) if named else None


@st.cache_resource(show_spinner=False)
def loaded() -> Classifier:
    """The classifier, without a word while it loads."""
    found = Classifier.load()
    settle()
    return found
