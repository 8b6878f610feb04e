"""The one door: files in, predictions and heat maps out."""
