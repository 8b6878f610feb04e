"""How good the served classifier is, by protocol."""
