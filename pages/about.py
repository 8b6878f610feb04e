"""The model card for people."""
