"""``/quota``: a member's limits, and what is left of them."""
