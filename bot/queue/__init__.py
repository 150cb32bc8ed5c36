"""Whose picture is drawn next: one queue for each model, shared fairly among servers and members."""
