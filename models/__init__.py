"""Scripts that train the models that ship, each with its own room and card."""
