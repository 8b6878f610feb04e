"""Speed on the machine at hand, beside the common ways."""

# What can be measured alone, in the order of the table.
GROUPS = (
    *("map", "folder", "unknown", "fast", "findings"),
    *("dicom", "start", "sessions", "growth", "exactness"),
)
