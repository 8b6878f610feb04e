"""How good a model is: protocols, figures of merit, pictures, the model card."""
