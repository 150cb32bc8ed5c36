from __future__ import annotations

import datetime as dt
import email.utils
import time
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import (
    AccessDenied,
    Billed,
    DeploymentBusy,
    DeploymentMissing,
    EaselError,
    FilterBroken,
    OutputFiltered,
    PromptRefused,
    RequestRejected,
    ResourceBlocked,
    ServiceFailed,
)
from bot.generation.refusals import ErrorBody, error_for, refusal_of, retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TASK_FAILED = "Your task failed as a result of our safety system."
FILTERED = "Generated image was filtered as a result of our safety system."

# The bodies below are those of Microsoft's how-to, the 2025-04-01-preview specification and public reports.
HOW_TO = {"created": 1698435368, "error": {"code": "contentFilter", "message": TASK_FAILED}}
HOW_TO_OUTPUT = {"created": 1698435368, "error": {"code": "contentFilter", "message": FILTERED}}
VERDICTS = {
    "sexual": {"filtered": False, "severity": "safe"},
    "violence": {"filtered": True, "severity": "medium"},
    "hate": {"filtered": False, "severity": "safe"},
    "self_harm": {"filtered": True, "severity": "high"},
    "profanity": {"filtered": False, "detected": False},
    "jailbreak": {"filtered": False, "detected": False},
    "custom_blocklists": {"filtered": False, "details": []},
}
SPECIFIED = {
    "error": {
        "code": "content_policy_violation",
        "message": "Your request was rejected as a result of our safety system.",
        "param": "prompt",
        "type": None,
        "inner_error": {
            "code": "ResponsibleAIPolicyViolation",
            "revised_prompt": "a quiet street",
            "content_filter_results": VERDICTS,
        },
    }
}
MISSPELT = {
    "error": {
        "code": "content_filter",
        "message": "The response was filtered.",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": VERDICTS},
    }
}
MODERATED = {
    "error": {
        "code": "moderation_blocked",
        "type": "image_generation_user_error",
        "param": "",
        "message": "Your request was rejected by the safety system. safety_violations=[sexual, violence].",
    }
}
WRONG_SIZE = {
    "error": {
        "code": "invalid_value",
        "type": "image_generation_user_error",
        "param": "size",
        "message": "Invalid size '4096x4096': the longest edge must be at most 3840 pixels.",
    }
}
BLOCKED = {
    "error": {
        "code": "Forbidden",
        "message": "Your resource has been temporarily blocked because we detected behavior that may violate"
        " our content policy. For more details on Azure OpenAI service content policy, please visit"
        " https://aka.ms/aoaicodeofconduct",
    }
}
NO_ROLE = {
    "error": {
        "code": "PermissionDenied",
        "message": "The principal `00000000-0000-4000-8000-000000000000` lacks the required data action"
        " `Microsoft.CognitiveServices/accounts/OpenAI/images/generations/action` to perform `POST"
        " /openai/deployments/{deployment-id}/images/generations` operation.",
    }
}
FIREWALL = {"error": {"code": "403", "message": "Access denied due to Virtual Network/Firewall rules."}}
NO_DEPLOYMENT = {
    "error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}
}
BUSY = {
    "error": {
        "code": "429",
        "message": "Requests to the ImageGenerations_Create Operation have exceeded call rate limit of your"
        " current OpenAI S0 pricing tier. Please retry after 26 seconds.",
    }
}
FILTER_DOWN = {"error": {"code": "content_filter_error", "message": "The contents are not filtered."}}


def meaning(
    status: int, body: object = None, headers: Mapping[str, str] | None = None, elapsed: float = 1.0
) -> EaselError:
    return error_for(status, body, headers or {}, elapsed=elapsed)


# --- refused, and not refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "categories"),
    [
        (HOW_TO, ()),
        (SPECIFIED, ("violence", "self_harm")),
        (MISSPELT, ("violence", "self_harm")),
        (MODERATED, ("sexual", "violence")),
        ({"error": {"code": "content_policy_violation", "message": "no"}}, ()),
        ({"code": "content_filter", "message": "flat"}, ()),
        ({"error": {"code": "BadRequest", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, ()),
    ],
    ids=["how-to", "specification", "innererror", "moderation", "bare", "flat", "inner code only"],
)
def test_every_documented_refusal_of_a_prompt_is_one_with_its_categories(
    body: dict[str, Any], categories: tuple[str, ...]
) -> None:
    error = meaning(400, body)
    assert isinstance(error, PromptRefused)
    assert error.categories == categories


@pytest.mark.parametrize("code", ["contentFilter", "content_policy_violation", "moderation_blocked"])
def test_a_picture_held_back_is_told_from_a_prompt_refused_by_the_text(code: str) -> None:
    assert isinstance(meaning(400, {"error": {"code": code, "message": FILTERED}}), OutputFiltered)
    assert isinstance(meaning(400, {"error": {"code": code, "message": TASK_FAILED}}), PromptRefused)


def test_the_how_to_s_output_refusal_is_one() -> None:
    assert isinstance(meaning(400, HOW_TO_OUTPUT), OutputFiltered)


def test_a_wrong_size_is_our_mistake_although_its_type_is_that_of_a_refusal() -> None:
    error = meaning(400, WRONG_SIZE)
    assert isinstance(error, RequestRejected)
    assert error.alarming
    assert str(error) == "400 invalid_value param=size"


@pytest.mark.parametrize("status", [400, 402, 405, 413, 415, 422, 431])
def test_any_other_refusal_of_the_request_is_our_mistake(status: int) -> None:
    assert isinstance(meaning(status, {"error": {"code": "unknown_parameter"}}), RequestRejected)


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_broken_filter_says_nothing_about_the_prompt_and_may_have_cost(status: int) -> None:
    error = meaning(status, FILTER_DOWN)
    assert isinstance(error, FilterBroken)
    assert error.billed is Billed.UNKNOWN


# --- access -------------------------------------------------------------------------------------


def test_a_blocked_resource_is_not_a_missing_role_though_both_are_403() -> None:
    assert type(meaning(403, BLOCKED)) is ResourceBlocked
    assert type(meaning(403, NO_ROLE)) is AccessDenied
    assert type(meaning(403, FIREWALL)) is AccessDenied
    assert type(meaning(403, "Forbidden")) is AccessDenied


def test_a_block_is_never_blamed_on_the_prompt() -> None:
    blocked = {**BLOCKED["error"], "code": "content_policy_violation"}
    assert isinstance(meaning(403, {"error": blocked}), ResourceBlocked)


def test_the_words_of_a_block_mean_one_on_403_only() -> None:
    assert isinstance(meaning(401, BLOCKED), AccessDenied)
    assert isinstance(meaning(429, BLOCKED), DeploymentBusy)


@pytest.mark.parametrize("body", [NO_ROLE, {"statusCode": 401, "message": "Unauthorized."}, None, "<html>"])
def test_401_is_a_wrong_key_token_or_role(body: object) -> None:
    error = meaning(401, body)
    assert isinstance(error, AccessDenied)
    assert error.alarming
    assert error.billed is Billed.NO


@pytest.mark.parametrize(
    "body", [NO_DEPLOYMENT, {"error": {"code": "404", "message": "Resource not found"}}, None]
)
def test_404_is_a_missing_deployment(body: object) -> None:
    assert isinstance(meaning(404, body), DeploymentMissing)


# --- the service's own trouble ------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529, 408, 409])
def test_trouble_that_comes_back_within_three_seconds_was_not_billed(status: int) -> None:
    error = meaning(status, None, elapsed=3.0)
    assert isinstance(error, ServiceFailed)
    assert str(error) == str(status)
    assert error.billed is Billed.NO


@pytest.mark.parametrize("status", [500, 503, 408])
def test_trouble_that_comes_late_may_have_been_billed(status: int) -> None:
    assert getattr(meaning(status, None, elapsed=3.01), "billed", None) is Billed.UNKNOWN


def test_the_status_decides_before_the_code() -> None:
    assert isinstance(meaning(429, HOW_TO), DeploymentBusy)
    assert isinstance(meaning(404, HOW_TO), DeploymentMissing)


def test_a_verdict_of_the_filter_is_one_under_a_5xx_too() -> None:
    """Asked again, it would be drawn, judged and billed again."""
    assert isinstance(meaning(500, HOW_TO), PromptRefused)


@pytest.mark.parametrize("code", ["400", None])
def test_a_refusal_is_known_by_its_words_where_the_code_says_nothing(code: str | None) -> None:
    body = {"error": {"code": code, "message": "Your request was rejected by our safety system."}}
    assert isinstance(meaning(400, body), PromptRefused)


def test_503_may_name_a_time_to_come_back() -> None:
    error = meaning(503, None, {"retry-after": "7"})
    assert isinstance(error, ServiceFailed)
    assert error.retry_after == 7


def test_429_carries_the_time_to_come_back_or_none() -> None:
    error = meaning(429, BUSY)
    assert isinstance(error, DeploymentBusy)
    assert error.retry_after == 26
    silent = meaning(429, {"error": {"code": "429", "message": "Please retry later."}})
    assert isinstance(silent, DeploymentBusy)
    assert silent.retry_after is None


def test_the_log_s_text_holds_status_and_code_and_never_the_message() -> None:
    for status in (400, 401, 403, 404, 429, 500):
        text = str(meaning(status, {"error": {"code": "Odd", "message": "a prompt, perhaps"}}))
        assert text.startswith(f"{status} odd")
        assert "prompt" not in text


# --- bodies of any shape ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        None,
        "",
        "<html>Bad Gateway</html>",
        [],
        [{"error": {}}],
        12,
        {},
        {"error": None},
        {"error": []},
        {"error": {"code": None, "message": None, "inner_error": None}},
        {"error": {"code": {}, "message": [], "param": {}, "inner_error": "text"}},
        {"error": {"inner_error": {"code": [], "content_filter_results": []}}},
        {
            "error": {
                "inner_error": {"content_filter_results": {"hate": True, "violence": {"filtered": "yes"}}}
            }
        },
    ],
    ids=str,
)
def test_a_body_of_any_shape_still_means_what_its_status_says(body: object) -> None:
    assert isinstance(meaning(400, body), RequestRejected)
    assert isinstance(meaning(500, body), ServiceFailed)
    assert ErrorBody.read(body).categories == ()


def test_null_is_nothing() -> None:
    assert ErrorBody.read({"error": {"code": None, "message": None, "param": None}}) == ErrorBody()


def test_an_error_may_be_a_mere_sentence() -> None:
    assert ErrorBody.read({"error": "Forbidden"}).message == "Forbidden"


def test_a_code_may_be_a_number() -> None:
    assert ErrorBody.read({"error": {"code": 429}}).code == "429"


@pytest.mark.parametrize("named", ["", "safety_violations=[]", "safety_violations=[ ,]"])
def test_a_moderation_that_names_nothing_has_no_categories(named: str) -> None:
    read = ErrorBody.read({"error": {"code": "moderation_blocked", "message": f"Rejected. {named}."}})
    assert read.categories == ()
    assert read.is_refusal


def test_what_is_no_refusal_has_no_verdict() -> None:
    assert refusal_of(ErrorBody(code="invalid_value")) is None


# --- when to come back --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "26"}, "", 26),
        ({"retry-after": "0"}, "", 0),
        ({"retry-after": "1.5"}, "", 1.5),
        ({"retry-after": " 3 "}, "", 3),
        ({"retry-after": "86400"}, "", 86400),
        ({"retry-after-ms": "1500"}, "", 1.5),
        ({"retry-after-ms": "0", "retry-after": "9"}, "", 0),
        ({"retry-after-ms": "250", "retry-after": "1"}, "", 0.25),
        ({"retry-after-ms": "soon", "retry-after": "4"}, "", 4),
        ({"retry-after-ms": "", "retry-after": ""}, "Please retry after 5 seconds.", 5),
        ({"retry-after": "8"}, "Please retry after 5 seconds.", 8),
        ({}, "Please retry after 1 second.", 1),
        ({}, "RETRY AFTER 500 milliseconds", 0.5),
        ({}, "Please retry after 2.5 seconds, or later.", 2.5),
    ],
)
def test_the_time_to_come_back_is_read_from_wherever_it_stands(
    headers: dict[str, str], message: str, seconds: float
) -> None:
    assert retry_after(headers, message) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "-5",
        "nan",
        "inf",
        "-inf",
        "1e999",
        "Sun, 99 Nov 2026 10:00:00 GMT",
        "Sun, 22 Nov 99999999999 10:00:00 GMT",
    ],
)
def test_nonsense_is_no_time_and_the_text_gets_its_say(value: str) -> None:
    for headers in ({"retry-after": value}, {"retry-after-ms": value}):
        assert retry_after(headers, "") is None
        assert retry_after(headers, "Please retry after 5 seconds.") == 5


def test_without_any_word_of_it_there_is_no_time() -> None:
    assert retry_after({}, "Please try again later.") is None


@pytest.fixture
def _far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Etc/GMT+7")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_far_from_greenwich")
@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
def test_a_date_counts_from_now_wherever_the_machine_is(zone: str) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    value = email.utils.format_datetime(later).replace("+0000", zone)
    assert retry_after({"retry-after": value}, "") == pytest.approx(60, abs=2)


def test_a_date_in_the_past_means_now() -> None:
    assert retry_after({"retry-after": "Sun, 22 Nov 2015 10:00:00 GMT"}, "") == 0
