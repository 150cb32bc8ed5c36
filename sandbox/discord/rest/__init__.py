"""Discord's REST API, version 10: the routes a bot of interactions uses."""
