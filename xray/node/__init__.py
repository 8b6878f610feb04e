"""A DICOM node: films in by C-STORE, what was found out to where rules send it."""
