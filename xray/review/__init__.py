"""Review of an audit: a queue of films, decisions kept at once, what follows."""
