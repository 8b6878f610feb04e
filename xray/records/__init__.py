"""Answers as others read them: JSON, DICOM reports, corrected copies of files."""
