"""Films to weights: data sets, recipes, the loop, the light variant."""
