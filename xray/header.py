"""What a DICOM header itself claims about the body part."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeaderClaim:
    """The header's own reading of the body part, independent of the picture."""

    parts: frozenset[int] = frozenset()  # class numbers the claim may mean
    source: str | None = None  # the tag it was read from, as "(gggg,eeee)"
    term: str | None = None  # the coded or CS value; never free text
    hint: bool = False  # read from a description: a weak claim

    @property
    def missing(self) -> bool:
        """Whether the header says nothing about the body part."""
        return self.source is None
