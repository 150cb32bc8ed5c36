from __future__ import annotations

import pytest

from sandbox.azure import errors


def test_unknown_shape_of_refusal_is_a_mistake_of_the_test() -> None:
    with pytest.raises(ValueError, match="unknown shape of refusal: 'polite'"):
        errors.prompt_refused("polite", "a cat")
