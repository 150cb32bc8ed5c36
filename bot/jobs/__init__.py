"""Jobs, from their admission to their end, across crashes and restarts."""
