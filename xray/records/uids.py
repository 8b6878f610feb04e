"""UIDs of what is derived from a radiograph.

A person's export is a new object each time. What a program sends may be sent twice,
and a receiver knows it again by its UID only: then it follows from its source.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DerivedUids:
    """The UIDs that one derived object needs."""

    series: str
    instance: str
    tracking: str

    @classmethod
    def fresh(cls) -> "DerivedUids":
        """Make UIDs that nobody has used."""
        from pydicom.uid import generate_uid

        return cls(generate_uid(), generate_uid(), generate_uid())

    @classmethod
    def stable(cls, what: str, series: str, instance: str, model: str) -> "DerivedUids":
        """Make the UIDs that an object, as "sr", always gets.

        They follow from the UIDs of its source and from who answered.
        """
        from pydicom.uid import generate_uid

        def make(use: str, source: str) -> str:
            return generate_uid(entropy_srcs=["xray", what, use, source, model])

        return cls(
            make("series", series), make("instance", instance), make("track", instance)
        )
