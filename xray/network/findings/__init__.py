"""The network of findings beside the body part: fracture, metal, projection."""
