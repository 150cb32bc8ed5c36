"""Landscapes out of words: what stands in for the model's pictures."""
