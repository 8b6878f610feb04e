"""Whole archives, header against picture: rows, resuming, report."""
