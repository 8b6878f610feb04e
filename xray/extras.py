"""What `pip install` leaves out unless it is asked for, and how to ask."""

DISTRIBUTION = "xray-bodypart"
# The extra that brings a module, as pyproject.toml declares them.
EXTRAS = {
    "altair": "app",
    "pandas": "app",
    "pyarrow": "app",
    "streamlit": "app",
    "keras": "lab",
    "matplotlib": "lab",
    "tensorflow": "lab",
    "fastapi": "server",
    "prometheus_client": "server",
    "python_multipart": "server",
    "uvicorn": "server",
    "pynetdicom": "node",
    "dicomweb_client": "dicomweb",
    "ray": "ray",
    "fsspec": "store",
}


def how_to_install(module: str | None) -> str | None:
    """Say how to get a module that is missing; None: it is no extra's."""
    name = (module or "").partition(".")[0]
    if name not in EXTRAS:
        return None
    return (
        f"Expected {name}, which this command needs, received an installation without "
        f"it. Run: pip install '{DISTRIBUTION}[{EXTRAS[name]}]'"
    )
