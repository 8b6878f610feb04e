"""Bytes to radiograph: files, zips, and the process that decodes them."""
