"""DenseNet201: the network that answers and is explained."""
