"""Networks in OpenVINO: built from weights, compiled, kept on disk."""
