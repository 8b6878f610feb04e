"""EfficientNet-Lite2: the small network that is asked beside DenseNet201."""
