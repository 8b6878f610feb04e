"""Header against picture, and what is written back as DICOM."""
