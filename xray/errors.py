"""The errors xray raises, and nothing else raises past its door.

XrayError
├── CatalogError                 what people meet, in every language of the app
│   ├── ImageError               a file that can't be read as a picture
│   │   └── UnsupportedImageError    a kind of file xray doesn't read at all
│   └── server's RequestError    a request that is not answered
├── ModelError                   weights or card missing, damaged or of another network
├── DatasetError                 a training folder that isn't laid out as documented
├── ConfigError                  a settings file that says what can't be
└── SpoolError                   what was received can't be kept
    ├── SpoolFullError           for want of room on the disk
    └── KeyReusedError           an idempotency key came with another body

Every message says what was expected, what was received and what to do, and
names the DICOM tag where there is one. Front ends show it as it stands. What
people meet on the page, the CatalogErrors, comes from the catalog in `messages`,
so that it exists in every language of the page.
"""

import logging
import traceback

from .labels import Language
from .messages import MESSAGES

_log = logging.getLogger(__name__)


class XrayError(Exception):
    """Base of every error a caller of xray may want to catch."""

    def text(self, language: Language = "en") -> str:  # noqa: ARG002
        """Say what is wrong in a language of the app, where there is a choice."""
        return str(self)


class CatalogError(XrayError):
    """What people meet, in every language of the app: a message of the catalog.

    Args:
        key: Which message of the catalog.
        values: What its placeholders stand for.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def text(self, language: Language = "en") -> str:
        """Say what is wrong in a language of the app."""
        return MESSAGES[self.key].text(language).format(**self.values)

    def __str__(self) -> str:
        return self.text()

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross from the decoding process to the app's.
        return _rebuild, (type(self), self.key, self.values)


class ImageError(CatalogError):
    """A file that can't be read as a radiograph."""


class UnsupportedImageError(ImageError):
    """A file of a kind that xray doesn't read."""


class ModelError(XrayError):
    """Weights or model card that are missing, damaged or don't fit."""


class DatasetError(XrayError):
    """A data set folder that isn't laid out as documented."""


class ConfigError(XrayError):
    """A settings file that is missing, malformed or says what can't be."""


class SpoolError(XrayError):
    """What was received can't be kept: folder, disk or size."""


class SpoolFullError(SpoolError):
    """The spool's disk is full, or nearly."""


class KeyReusedError(SpoolError):
    """An idempotency key came again, with another body."""


def program_error(error: Exception) -> ImageError:
    """Turn a mistake of ours into an error that says so, and log where it happened.

    Not what: the words of an error may hold what a header says.
    """
    kind = type(error).__name__
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s in xray\n%s", kind, where)
    return ImageError("program_error", kind=kind)


def _rebuild(
    kind: type[CatalogError], key: str, values: dict[str, object]
) -> CatalogError:
    return kind(key, **values)
