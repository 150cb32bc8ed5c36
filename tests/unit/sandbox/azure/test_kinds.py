from __future__ import annotations

import pytest

from sandbox.azure import kinds


def test_groups_of_kinds_do_not_overlap() -> None:
    groups = (
        kinds.GATEWAY,
        kinds.PROMPT,
        kinds.PICTURE,
        kinds.ITEMS,
        kinds.LINKS,
        kinds.DELIVERY,
        kinds.TOKENS,
    )
    assert sum(len(group) for group in groups) == len(kinds.ALL)
    assert kinds.CUT < kinds.IMAGES


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("a cat simulate:stall", "stall"),
        ("simulate:bomb, please", "bomb"),
        ("dissimulate:bomb", None),
        ("simulate:token_down", None),
        ("simulate:nothing", None),
        ("simulate: bomb", None),
        (None, None),
        (7, None),
    ],
)
def test_fault_is_read_from_the_prompt(prompt: object, kind: str | None) -> None:
    fault = kinds.simulated(prompt)
    assert (fault.kind if fault else None) == kind
