"""The image routes: they read, validate, draw, bill and answer a request."""
