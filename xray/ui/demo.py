"""Three radiographs to try the app with; credits in examples/CREDITS.md."""

from pathlib import Path

EXAMPLES = Path(__file__).parent / "examples"
NAMES = ("hand.jpg", "pelvis.jpg", "knee.jpg")


def examples() -> list[tuple[str, bytes]]:
    """The bundled radiographs, as if someone had dropped them."""
    return [(name, (EXAMPLES / name).read_bytes()) for name in NAMES]
