"""The checks before every call: api-versions, keys, tokens, rate limits, and faults of the gateway."""
