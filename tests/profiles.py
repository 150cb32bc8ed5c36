"""How hard property tests try: `pytest --hypothesis-profile=long` for thousands of runs of each.

A plugin of pytest, registered in ``tests/conftest.py``, because a profile is chosen before tests are read.
"""

from __future__ import annotations

import os

from hypothesis import settings

CI_SEQUENCES = 1000
"""Random sequences that a state machine tries in CI, on each store; together 2 minutes of a processor."""

CI_STEPS = 15
"""Steps of each; with the 50 of Hypothesis there would be time for a third as many."""

settings.register_profile("long", settings.get_profile("default"), max_examples=2000)
# Hypothesis's own profile of this name has every run try the very same examples.
settings.register_profile("ci", settings.get_profile("ci"), derandomize=False)
if os.environ.get("CI"):
    settings.load_profile("ci")


def of_sequences(base: settings) -> settings:
    """The settings of a state machine's test, from those of every property test."""
    if settings.get_current_profile_name() != "ci":
        return base
    return settings(base, max_examples=CI_SEQUENCES, stateful_step_count=CI_STEPS)
