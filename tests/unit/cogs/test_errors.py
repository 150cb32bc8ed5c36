from __future__ import annotations

import re
from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands

from bot import errors
from bot.errors import Billed, EaselError, SizeFault
from cogs.errors import explain
from cogs.quoting import SHOWN_TYPED
from tests.unit.cogs import test_limit_errors as limit_errors
from tests.unit.test_errors import family

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL = "GPT Image 2"
HOSTILE = "@everyone **[x](https://example.com)** \u202e{model}\n# " + "long " * 100


def english(text: str) -> str:
    return text


def said(error: BaseException) -> str:
    return explain(error, english)


GENERIC = said(RuntimeError("whatever"))

NEVER_TOLD = {
    errors.GatewayRefused,  # ends the run
    errors.LoginRefused,  # ends the start
    errors.RegistrationRefused,  # ends `python -m bot sync`
    errors.ArchiveError,  # the member gets the picture all the same
    errors.AlreadyTaken,  # whoever took it first answers
    errors.ExchangeRefused,  # ends `python -m bot limits import`
}

MET: Sequence[EaselError] = [
    errors.PromptMissing(),
    errors.PromptTooLong(6000, 4000),
    errors.ModelNotOffered("dall-e-3", [MODEL, "GPT Image 1 mini"]),
    *(errors.SizeNotDrawable("3x3", MODEL, fault, ["1024x1024"]) for fault in SizeFault),
    errors.QualityNotOffered("hd", MODEL, ["low", "high"]),
    errors.QualityNotOffered("hd", MODEL, []),
    errors.CountNotOffered(11, MODEL, 10),
    errors.CountNotOffered(2, "DALL·E 3", 1),
    errors.PromptRefused(),
    errors.PromptRefused(["self_harm", "violence"]),
    errors.OutputFiltered(),
    errors.QueueTooLong(),
    errors.QueueTooLong(1500, 660),
    *(
        errors.JobCancelled(by_moderator=by_moderator, drawing=drawing)
        for by_moderator in (False, True)
        for drawing in (False, True)
    ),
    errors.JobCutOff(),
    errors.DeploymentBusy(retry_after=20),
    errors.DeploymentMissing(),
    errors.AccessDenied(),
    errors.ResourceBlocked(),
    errors.TokenUnavailable(),
    errors.ServiceUnreachable(),
    errors.ServiceFailed("503", billed=Billed.UNKNOWN),
    errors.FilterBroken(),
    errors.AnswerTimedOut(180),
    errors.AnswerLost(),
    errors.AnswerUnusable(),
    errors.ImageUnusable(),
    errors.DownloadRefused(),
    errors.DownloadFailed(),
    errors.RequestRejected(),
    errors.DeliveryFailed(),
    errors.UploadTooLarge(),
    errors.ShuttingDown(),
]


def made(kind: type[app_commands.AppCommandError]) -> app_commands.AppCommandError:
    """One of discord.py's errors, with no more in it than ``explain`` looks at."""
    return kind.__new__(kind)


DISCORD_S = [
    made(app_commands.NoPrivateMessage),
    made(app_commands.CommandSignatureMismatch),
    made(app_commands.CommandNotFound),
    made(app_commands.TransformerError),
]
EVERY_ANSWER = [*MET, *DISCORD_S, RuntimeError("whatever")]


def name(error: BaseException) -> str:
    return type(error).__name__


def test_every_error_that_a_member_can_meet_is_in_this_test() -> None:
    leaves = {kind for kind in family(EaselError) if not family(kind)[1:]}
    met = {*map(type, MET), *map(type, limit_errors.TO_MEMBERS), *map(type, limit_errors.TO_MODERATORS)}
    assert leaves - NEVER_TOLD == met & leaves


@pytest.mark.parametrize("error", [*MET, *DISCORD_S], ids=name)
def test_every_error_that_a_member_can_meet_has_words_of_its_own(error: BaseException) -> None:
    assert said(error) != GENERIC


@pytest.mark.parametrize("error", EVERY_ANSWER, ids=name)
def test_every_answer_says_whether_it_cost_anything(error: BaseException) -> None:
    assert re.search(r"[Nn]othing was charged|[Yy]ou were not charged", said(error))


@pytest.mark.parametrize("error", EVERY_ANSWER, ids=name)
def test_nothing_was_charged_is_said_only_where_azure_was_never_asked(error: BaseException) -> None:
    asked_azure = (errors.ServiceError, errors.PromptRefused, errors.OutputFiltered, RuntimeError)
    asked = isinstance(error, asked_azure) or getattr(error, "drawing", False)
    expected = "ou were not charged" if asked else "othing was charged"
    assert expected in said(error)


@pytest.mark.parametrize("error", EVERY_ANSWER, ids=name)
def test_every_answer_is_whole_sentences_with_nothing_left_to_fill_in(error: BaseException) -> None:
    text = said(error)
    assert text[0].isupper()
    assert text.endswith((".", "!", "?"))
    assert "\n" not in text
    assert "{" not in text
    assert len(text) <= 400


@pytest.mark.parametrize("error", [*MET, *DISCORD_S], ids=name)
def test_every_answer_goes_through_the_translator(error: BaseException) -> None:
    assert explain(error, lambda text: f"<{text}>").startswith("<")


def test_what_the_member_asked_too_much_of_is_said_in_numbers() -> None:
    assert "6,000" in said(errors.PromptTooLong(6000, 4000))
    assert "4,000" in said(errors.PromptTooLong(6000, 4000))
    assert "1 to 10" in said(errors.CountNotOffered(11, MODEL, 10))
    assert "11" in said(errors.CountNotOffered(11, MODEL, 10))
    assert "one picture at a time, not 2. Ask for one." in said(errors.CountNotOffered(2, MODEL, 1))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (SizeFault.MALFORMED, "WIDTHxHEIGHT"),
        (SizeFault.NOT_LISTED, "few sizes"),
        (SizeFault.NOT_MULTIPLE, "multiples of 16"),
        (SizeFault.EDGE_TOO_LONG, "3,840"),
        (SizeFault.TOO_ELONGATED, "3 times"),
        (SizeFault.TOO_FEW_PIXELS, "655,360"),
        (SizeFault.TOO_MANY_PIXELS, "8,294,400"),
    ],
)
def test_a_size_is_refused_with_its_reason_and_sizes_that_work(fault: SizeFault, words: str) -> None:
    text = said(errors.SizeNotDrawable("3x3", MODEL, fault, ["1024x1024", "816x816"]))
    assert words in text
    assert "“3x3”" in text
    assert "Try 1024x1024 or 816x816" in text


def test_where_no_size_is_near_none_is_suggested() -> None:
    text = said(errors.SizeNotDrawable("3x3", MODEL, SizeFault.MALFORMED, []))
    assert text.endswith("in pixels. Nothing was charged.")
    assert "Try" not in text


def test_every_fault_of_a_size_has_its_reason_in_the_test_above() -> None:
    texts = {said(errors.SizeNotDrawable("x", MODEL, fault, ["y"])) for fault in SizeFault}
    assert len(texts) == len(SizeFault)


def test_what_can_be_had_instead_is_listed() -> None:
    assert "GPT Image 2 or GPT Image 1 mini" in said(errors.ModelNotOffered("x", [MODEL, "GPT Image 1 mini"]))
    assert "low, medium or high" in said(errors.QualityNotOffered("hd", MODEL, ["low", "medium", "high"]))


def test_the_filter_s_categories_are_told_in_words() -> None:
    assert "(self harm, violence)" in said(errors.PromptRefused(["self_harm", "violence"]))
    assert "(" not in said(errors.PromptRefused())


def test_a_category_is_somebody_else_s_word_and_so_escaped() -> None:
    assert "@everyone" not in said(errors.PromptRefused(["@everyone"]))


@pytest.mark.parametrize(
    "error",
    [
        errors.ModelNotOffered(HOSTILE, [MODEL]),
        errors.SizeNotDrawable(HOSTILE, MODEL, SizeFault.MALFORMED, ["1024x1024"]),
        errors.QualityNotOffered(HOSTILE, MODEL, ["low"]),
    ],
    ids=name,
)
def test_what_a_member_typed_is_repeated_short_and_harmless(error: EaselError) -> None:
    text = said(error)
    assert "@everyone" not in text
    assert "https://" not in text
    assert "\u202e" not in text
    assert "\n" not in text
    assert "**" not in text
    assert "{model}" in text  # what was typed is no template of ours
    assert "long " * 20 not in text
    assert len(text) < 4 * SHOWN_TYPED + 200


def test_what_is_short_enough_is_repeated_whole() -> None:
    assert "“" + "x" * SHOWN_TYPED + "”" in said(errors.ModelNotOffered("x" * SHOWN_TYPED, [MODEL]))
    assert "x" * SHOWN_TYPED + "…”" in said(errors.ModelNotOffered("x" * (SHOWN_TYPED + 1), [MODEL]))


def test_an_answer_about_us_shows_nothing_of_our_log() -> None:
    inside = "https://secret.openai.azure.com 401 made-up-key"
    kinds = [errors.AccessDenied, errors.ServiceUnreachable, errors.TokenUnavailable, errors.DeliveryFailed]
    assert [kind for kind in kinds if "secret" in said(kind(inside))] == []
    assert "secret" not in said(RuntimeError(inside))


def test_an_unknown_error_of_discord_gets_the_neutral_sentence() -> None:
    assert said(made(app_commands.CheckFailure)) == GENERIC
    assert said(discord.DiscordException()) == GENERIC


def test_what_the_operator_has_to_mend_is_not_offered_to_be_tried_at_once() -> None:
    text = said(errors.DownloadRefused())
    assert "operator has to mend" in text
    assert text.endswith("Please try again later.")


def test_what_is_too_large_is_answered_with_what_would_be_smaller() -> None:
    assert "smaller size or fewer pictures" in said(errors.UploadTooLarge())
    assert "try again" not in said(errors.UploadTooLarge())


def test_a_block_of_the_resource_is_not_blamed_on_the_prompt() -> None:
    assert "not about your prompt" in said(errors.ResourceBlocked())


def test_how_long_the_queue_is_and_when_to_try_again_is_said_in_minutes() -> None:
    text = said(errors.QueueTooLong(4500, 61))
    assert "1 h 15 min" in text
    assert "try again in 2 min." in text
    assert "try again in 1 min." in said(errors.QueueTooLong(900, 0.5))


def test_whoever_did_not_cancel_is_told_who_did() -> None:
    assert "moderator" in said(errors.JobCancelled(by_moderator=True))
    assert "moderator" not in said(errors.JobCancelled())


def test_a_turn_that_never_came_is_given_no_number() -> None:
    assert not re.search(r"\d", said(errors.QueueTooLong()))
