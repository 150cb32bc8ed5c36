"""How hard property tests try: `pytest --hypothesis-profile=long` for thousands of runs of each.

A plugin of pytest, registered in ``tests/conftest.py``, because a profile is chosen before tests are read.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("long", max_examples=2000)
