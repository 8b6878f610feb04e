"""Where answers go: one module a kind of destination."""
