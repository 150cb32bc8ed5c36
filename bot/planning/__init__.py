"""What can be drawn, what of that a member may have, and what is suggested to them."""
