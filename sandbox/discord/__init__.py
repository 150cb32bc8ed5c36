"""A stand-in for Discord: its REST API, its gateway, its CDN and its own app in a member's hand."""
