"""What a DICOM header itself says of the body part: codes, terms, words."""
