"""``/quota``: where a member stands."""
