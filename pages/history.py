"""Every result of the session."""
