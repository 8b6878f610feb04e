"""What xray says when it refuses a file or warns of one, in every language.

One catalog, so that the page can be switched and the README can list them all.
Each message names what was expected, what was received, the DICOM tag where
there is one, and what the person can do.
"""

from dataclasses import dataclass

from .labels import Language


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence pattern in the app's languages, with {placeholders}."""

    english: str
    spanish: str

    def text(self, language: Language = "en") -> str:
        """Choose the pattern of a language."""
        return self.spanish if language == "es" else self.english


MESSAGES: dict[str, Message] = {
    "empty": Message(
        "Expected a DICOM, PNG or JPEG file, received an empty one. "
        "Copy or export it again.",
        "Se esperaba un archivo DICOM, PNG o JPEG y llegó uno vacío. "
        "Cópielo o expórtelo de nuevo.",
    ),
    "unsupported": Message(
        "Expected a DICOM, PNG or JPEG file, received something else. "
        "Export the radiograph in one of these formats.",
        "Se esperaba un archivo DICOM, PNG o JPEG y llegó otra cosa. "
        "Exporte la radiografía en uno de estos formatos.",
    ),
    "damaged": Message(
        "Expected a complete {kind} file, this one is damaged or cut short. "
        "Export or copy it again.",
        "Se esperaba un archivo {kind} completo y este está dañado o cortado. "
        "Expórtelo o cópielo de nuevo.",
    ),
    "file_too_large": Message(
        "Expected at most {limit}, received {received}. "
        "Export the picture at a smaller size.",
        "Se esperaba como máximo {limit} y llegaron {received}. "
        "Exporte la imagen a un tamaño menor.",
    ),
    "too_many_pixels": Message(
        "Expected at most {limit} pixels, received {received}. "
        "Export the picture at a smaller size.",
        "Se esperaban como máximo {limit} píxeles y llegaron {received}. "
        "Exporte la imagen a un tamaño menor.",
    ),
}
