"""The model card for people."""

from xray.ui.frame import enter

enter()
