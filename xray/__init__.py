"""Say which part of the body a radiograph shows, how sure that is, and why."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .classify.classifier import Classifier as Classifier
    from .classify.findings import Findings as Findings
    from .classify.prediction import Explanation as Explanation
    from .classify.prediction import Prediction as Prediction
    from .classify.trust.confidence import Band as Band
    from .errors import DatasetError as DatasetError
    from .errors import ImageError as ImageError
    from .errors import ModelError as ModelError
    from .errors import UnsupportedImageError as UnsupportedImageError
    from .errors import XrayError as XrayError
    from .image import preprocess as preprocess
    from .labels import BODY_PARTS as BODY_PARTS
    from .reading.reader import read_radiograph as read_radiograph

__version__ = "0.10.0"

# Where each public name lives: imported on first use, so that `import xray` and
# the command line's help stay instant.
_HOMES = {
    "Classifier": "classify.classifier",
    "Band": "classify.trust.confidence",
    "DatasetError": "errors",
    "ImageError": "errors",
    "ModelError": "errors",
    "UnsupportedImageError": "errors",
    "XrayError": "errors",
    "preprocess": "image",
    "BODY_PARTS": "labels",
    "Explanation": "classify.prediction",
    "Findings": "classify.findings",
    "Prediction": "classify.prediction",
    "read_radiograph": "reading.reader",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'xray' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
