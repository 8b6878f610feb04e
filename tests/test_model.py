"""Starting from ImageNet: what can't be had is said in words."""

import keras
import pytest

from xray.errors import ModelError
from xray.lab.training import densenet as model_module


def test_imagenet_weights_that_cannot_be_downloaded_say_what_to_do(monkeypatch) -> None:
    def fail(**_options: object) -> None:
        raise OSError("URL fetch failure: no route to host")

    monkeypatch.setattr(keras.applications, "DenseNet201", fail)
    with pytest.raises(ModelError, match=r"download them: URL fetch.*--weights"):
        model_module.build_model(imagenet=True)


def test_imagenet_file_that_is_none_says_so(tmp_path, monkeypatch) -> None:
    class Trunk:
        def load_weights(self, path: object) -> None:
            raise OSError(f"{path} is no HDF5 file")

    monkeypatch.setattr(keras.applications, "DenseNet201", lambda **_options: Trunk())
    with pytest.raises(ModelError, match=r"read them: .* is no HDF5 file"):
        model_module.build_model(imagenet=tmp_path / "notop.h5")


def test_other_failures_are_not_blamed_on_the_weights(monkeypatch) -> None:
    def fail(**_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(keras.applications, "DenseNet201", fail)
    with pytest.raises(MemoryError):
        model_module.build_model()
