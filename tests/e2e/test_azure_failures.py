"""Whatever Azure does, the member reads one clear sentence, pays nothing, and nobody pays twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.faults import FOREVER, Fault
from tests.e2e.alone import alone
from tests.e2e.asking import ask

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Sandbox


@dataclass(frozen=True, slots=True)
class Case:
    """A fault that lasts, the words it must end in, and the calls it may cost."""

    kind: str
    words: str
    calls: int = 1
    details: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return "-".join([self.kind, *map(str, self.details.get("data", {}).values())])


REFUSED = "refused this prompt"
NOT_SET_UP = "not set up right"
BROKEN_ANSWER = "did not arrive whole"
NO_PICTURE = "no sound picture"
MAY_NOT_FETCH = "may not fetch it"
OWN_TROUBLE = "trouble of its own"

CASES = [
    Case("prompt_refused", REFUSED, details={"data": {"shape": "content_policy_violation"}}),
    Case("prompt_refused", REFUSED, details={"data": {"shape": "contentFilter"}}),
    Case("prompt_refused", REFUSED, details={"data": {"shape": "moderation_blocked"}}),
    Case("output_filtered", "held it back"),
    Case("filter_broken", OWN_TROUBLE, calls=2),
    Case("resource_blocked", "suspended"),
    Case("deployment_missing", NOT_SET_UP),
    Case("unauthorized", NOT_SET_UP),
    Case("forbidden_role", NOT_SET_UP),
    Case("status", OWN_TROUBLE, calls=3, details={"status": 500}),
    Case("status", OWN_TROUBLE, calls=3, details={"status": 503}),
    Case("late_status", OWN_TROUBLE, calls=2, details={"delay": 3.2, "status": 500}),
    Case("reset", BROKEN_ANSWER, calls=2),
    Case("reset_midway", BROKEN_ANSWER, calls=2),
    Case("truncate", BROKEN_ANSWER, calls=2),
    Case("not_json", BROKEN_ANSWER),
    Case("html", BROKEN_ANSWER),
    Case("error_in_200", "not charged"),
    Case("empty_data", BROKEN_ANSWER),
    Case("null_image", NO_PICTURE),
    Case("bad_base64", NO_PICTURE),
    Case("html_image", NO_PICTURE),
    Case("corrupt_image", NO_PICTURE),
    Case("truncated_image", NO_PICTURE),
    Case("wrong_type_image", NO_PICTURE),
    Case("oversized_image", NO_PICTURE),
    Case("bomb", NO_PICTURE),
    Case("url_private", MAY_NOT_FETCH),
    Case("url_http", MAY_NOT_FETCH),
    Case("url_foreign", MAY_NOT_FETCH),
    Case("url_redirect_private", MAY_NOT_FETCH),
    Case("url_redirect_http", MAY_NOT_FETCH),
    Case("url_html", NO_PICTURE),
    Case("url_404", NO_PICTURE),
]


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_lasting_fault_ends_in_one_clear_sentence(sandbox: Sandbox, case: Case) -> None:
    # A deployment that draws, not one that is asked only now and then because of the case before.
    assert (await ask(sandbox)).pictures
    sandbox.azure.requests.clear()
    sandbox.azure.faults.add(Fault(case.kind, times=FOREVER, **case.details))

    ending = await ask(sandbox, **case.options)

    assert case.words in ending.text
    assert "ou were not charged" in ending.text
    assert not ending.pictures
    assert len(sandbox.azure.requests) == case.calls


async def test_a_retry_after_beyond_the_token_s_life_ends_at_once_and_is_kept(tmp_path: Path) -> None:
    async with alone(tmp_path) as (sandbox, _):
        sandbox.azure.faults.add(Fault("rate_limited", retry_after=3000.0))

        endings = [await ask(sandbox) for _ in range(2)]

        for ending in endings:
            assert "is busy" in ending.text
            assert "ou were not charged" in ending.text
        assert len(sandbox.azure.requests) == 1
