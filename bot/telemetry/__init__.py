"""What the operator sees: ``logs``, ``metrics``, the ``health`` server, and ``stalls`` of the event loop."""
