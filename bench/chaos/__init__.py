"""Chaos: the real bot is killed repeatedly amid faults on both sides, then its results are audited."""
