"""Starting from ImageNet: what can't be had is said in words."""

from pathlib import Path

import keras
import pytest

from xray.errors import ModelError
from xray.lab.training.densenet import build_model


class Trunk:
    """A DenseNet201 whose weights can neither be downloaded nor read."""

    def __init__(self, *, weights: str | None, **_options: object) -> None:
        if weights is not None:
            raise OSError("URL fetch failure: no route to host")

    def load_weights(self, path: Path) -> None:
        raise OSError(f"{path} is no HDF5 file")


@pytest.mark.parametrize(
    ("imagenet", "said"),
    [
        (True, r"download them: URL fetch.*--weights"),
        (Path("notop.h5"), r"read them: notop.h5 is no HDF5 file"),
    ],
)
def test_imagenet_weights_that_cannot_be_had_say_what_to_do(
    imagenet, said, monkeypatch
) -> None:
    monkeypatch.setattr(keras.applications, "DenseNet201", Trunk)
    with pytest.raises(ModelError, match=said):
        build_model(imagenet=imagenet)


def test_other_failures_are_not_blamed_on_the_weights() -> None:
    with pytest.raises(ValueError, match="must be at least 32x32"):
        build_model(size=16)
