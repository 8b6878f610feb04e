"""The commands of `python -m xray`, one module each."""
