"""DICOM to gray picture: the grayscale pipeline, its parts in order."""
