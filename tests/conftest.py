"""What several test modules need: the shipped classifier, real films."""

import atexit
import gc
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict

import pytest
from hypothesis import settings

from tests.archives import FILMS
from xray.classify.classifier import Classifier
from xray.limits import LIMITS
from xray.network.weights import DEFAULT_WEIGHTS, Weights, read_weights

# The compiled networks of tests are no business of the user's own cache. All workers,
# and the servers and commands that tests start, share one.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _CACHE = tempfile.mkdtemp("-xray")
    os.environ["XDG_CACHE_HOME"] = _CACHE
    atexit.register(shutil.rmtree, _CACHE, ignore_errors=True)

# Another program may hold the processor: slow is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    """The classifier that the app serves."""
    return Classifier.load()


@pytest.fixture
def load(monkeypatch) -> Callable[[Classifier], None]:
    """Say which classifier commands load: to load one takes most of a second."""
    return lambda ready: monkeypatch.setattr(Classifier, "load", lambda *_: ready)


@pytest.fixture
def loaded(load: Callable[[Classifier], None], classifier: Classifier) -> None:
    """Let commands load the classifier that is there."""
    load(classifier)


@pytest.fixture(scope="session")
def weights() -> Weights:
    """The arrays of the first network that the app serves."""
    return read_weights(DEFAULT_WEIGHTS)


@pytest.fixture(scope="session")
def films() -> dict[str, bytes]:
    """Real radiographs by name, in order of name."""
    return {path.stem: path.read_bytes() for path in sorted(FILMS.glob("*.jpg"))}


@pytest.fixture
def limits() -> Iterator[Callable[..., None]]:
    """Set limits by their names, for everything that this process reads."""

    def set_limits(**values: float) -> None:
        for name, value in values.items():
            object.__setattr__(LIMITS, name, value)

    usual = asdict(LIMITS)
    yield set_limits
    set_limits(**usual)


@pytest.fixture
def sockets_let_go() -> Iterator[None]:
    """Collect what a library left open, before it is laid at another test's door."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
