"""Heat maps to look at: overlays, captions, animation, and their checks."""
