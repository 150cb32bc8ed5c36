"""Landscapes painted from prompts, in place of the model's pictures."""
