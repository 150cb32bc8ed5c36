"""Discord's REST API, version 10: the routes that an interaction-based bot uses."""
