"""Where the files are that are no code: weights and the page.

A checkout keeps `models/`, `app.py` and `pages/` beside the package; a wheel carries
them inside it.
"""

from importlib.resources import files
from pathlib import Path


def shipped(name: str) -> Path:
    """Find a file or folder that a checkout has at its top.

    Args:
        name: As "models" or "app.py".
    """
    package = Path(str(files("xray")))
    inside = package / "shipped"
    return (inside if inside.is_dir() else package.parent) / name
