"""Speed on the machine at hand, beside the common ways."""
