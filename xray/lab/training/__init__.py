"""Films to weights: data sets, recipes, the loop, 8 bits."""
