"""What an operator does by the command line."""
