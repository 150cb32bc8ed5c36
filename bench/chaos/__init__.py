"""Chaos: the real bot is killed again and again amid faults on both sides, and then has to account for it."""
