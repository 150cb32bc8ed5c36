"""What can be drawn, what a member may have of it, and what is suggested to them."""
