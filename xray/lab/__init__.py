"""The laboratory: training, evaluation, bench. Nothing of the product imports it."""
