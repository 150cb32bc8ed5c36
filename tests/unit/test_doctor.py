from __future__ import annotations

import json

import pytest

from bot.cli.doctor import _ADVICE, render
from bot.errors import DownloadRefused, GenerationError, RequestRejected
from bot.runtime.findings import Finding
from tests.unit.test_errors import family

WELL = Finding("Archive", "written, read and removed a test object")
ILL = Finding("Deployment art", "AccessDenied: 401", "check the key")


def test_a_finding_is_well_when_there_is_nothing_to_advise() -> None:
    assert WELL.ok
    assert not ILL.ok


def test_for_people_each_finding_is_a_line_and_each_failure_says_what_to_do() -> None:
    assert render([WELL, ILL], as_json=False).splitlines() == [
        "ok    Archive: written, read and removed a test object",
        "FAIL  Deployment art: AccessDenied: 401",
        "      → check the key",
    ]


def test_for_programs_findings_are_json() -> None:
    assert json.loads(render([WELL, ILL], as_json=True)) == [
        {"subject": "Archive", "detail": WELL.detail, "advice": "", "ok": True},
        {"subject": "Deployment art", "detail": ILL.detail, "advice": "check the key", "ok": False},
    ]


# A probe draws nothing, so it fetches nothing; and that its request is rejected is what it wants.
NOT_MET_BY_A_PROBE = {DownloadRefused, RequestRejected}


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in family(GenerationError)
        if issubclass(kind, GenerationError) and kind.alarming and kind not in NOT_MET_BY_A_PROBE
    ],
    ids=lambda kind: kind.__name__,
)
def test_there_is_advice_for_everything_an_operator_has_to_mend(kind: type[GenerationError]) -> None:
    assert _ADVICE[kind]
