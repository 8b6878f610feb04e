"""Three radiographs to try the app with; credits in examples/CREDITS.md."""

from pathlib import Path

from ..pipeline import Source

EXAMPLES = Path(__file__).parent / "examples"
NAMES = ("hand.jpg", "pelvis.jpg", "knee.jpg")


def examples() -> list[Source]:
    """The bundled radiographs, as if someone had dropped them."""
    return [Source(name, (EXAMPLES / name).read_bytes()) for name in NAMES]
