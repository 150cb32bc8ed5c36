"""Who is drawn for next: one line for each model, shared fairly over servers and members."""
