"""What several test modules need: the shipped classifier, real films."""

from pathlib import Path

import pytest
from hypothesis import settings

from xray.classifier import Classifier

FILMS = Path(__file__).parent / "films"

# Another program may hold the processor: slow is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The classifier that the app serves."""
    return Classifier.load()


@pytest.fixture(scope="session")
def films() -> dict[str, bytes]:
    """Real radiographs by name, in order of name."""
    return {path.stem: path.read_bytes() for path in sorted(FILMS.glob("*.jpg"))}
