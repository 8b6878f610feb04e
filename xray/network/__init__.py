"""The network: its shape, weights and card; how it runs and explains."""
