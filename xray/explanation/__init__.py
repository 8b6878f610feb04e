"""Heat maps to look at: overlays, outlines, captions, animation."""
