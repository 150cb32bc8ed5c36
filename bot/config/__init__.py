"""What an operator decides: read once, checked, frozen."""
