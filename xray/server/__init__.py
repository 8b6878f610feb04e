"""The back end: predictions, explanations and jobs over HTTP, for other programs."""
