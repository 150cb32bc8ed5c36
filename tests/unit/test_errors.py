from __future__ import annotations

import pytest

from bot import errors
from bot.errors import Billed, EaselError, GenerationError


def family(root: type[EaselError]) -> list[type[EaselError]]:
    """``root`` and everything below it that ``bot.errors`` defines."""
    below = [member for kind in root.__subclasses__() for member in family(kind)]
    return [member for member in [root, *below] if member.__module__ == errors.__name__]


def made(kind: type[GenerationError]) -> GenerationError:
    if issubclass(kind, errors.ServiceFailed):
        return kind("503", billed=Billed.NO)
    return kind(180) if issubclass(kind, errors.AnswerTimedOut) else kind("why")


@pytest.mark.parametrize("kind", family(EaselError), ids=lambda kind: kind.__name__)
def test_the_drawing_at_the_top_shows_the_whole_family(kind: type[EaselError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")
    assert kind.__doc__


def test_every_error_is_either_the_member_s_to_act_on_or_ours() -> None:
    sides = (errors.MemberError, errors.ServiceError)
    assert EaselError.__subclasses__() == list(sides)
    assert not set(family(sides[0])) & set(family(sides[1]))


@pytest.mark.parametrize(
    ("billed", "kinds"),
    [
        (
            Billed.NO,
            {
                errors.DeploymentBusy,
                errors.DeploymentMissing,
                errors.AccessDenied,
                errors.ResourceBlocked,
                errors.TokenUnavailable,
                errors.ServiceUnreachable,
                errors.RequestRejected,
            },
        ),
        (Billed.UNKNOWN, {errors.FilterBroken, errors.AnswerTimedOut, errors.AnswerLost}),
        (
            Billed.YES,
            {errors.AnswerUnusable, errors.ImageUnusable, errors.DownloadRefused, errors.DownloadFailed},
        ),
    ],
    ids=lambda value: value.value if isinstance(value, Billed) else "",
)
def test_what_a_failure_may_have_cost_is_known_of_each(
    billed: Billed, kinds: set[type[GenerationError]]
) -> None:
    judged = [kind for kind in family(GenerationError) if issubclass(kind, GenerationError)]
    leaves = [kind for kind in judged if kind not in {GenerationError, errors.ServiceFailed}]
    assert {kind for kind in leaves if made(kind).billed is billed} == kinds


def test_only_what_an_operator_has_to_mend_raises_the_alarm() -> None:
    alarming = {kind for kind in family(GenerationError) if getattr(kind, "alarming", False)}
    assert alarming == {
        errors.DeploymentMissing,
        errors.AccessDenied,
        errors.ResourceBlocked,
        errors.TokenUnavailable,
        errors.DownloadRefused,
        errors.RequestRejected,
    }


def test_the_log_s_text_of_what_a_member_typed_does_not_repeat_it() -> None:
    typed = "secret words"
    spoken = [
        errors.ModelNotOffered(typed, ["GPT Image 2"]),
        errors.SizeNotDrawable(typed, "GPT Image 2", errors.SizeFault.MALFORMED, []),
        errors.QualityNotOffered(typed, "GPT Image 2", []),
    ]
    assert [error for error in spoken if typed in str(error)] == []


def test_a_deployment_s_name_belongs_to_one_error_and_not_to_its_class() -> None:
    error = errors.AccessDenied("401")
    error.deployment = "art"
    assert errors.AccessDenied("401").deployment == ""
