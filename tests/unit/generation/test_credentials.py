"""A token's life, on a loop where waiting takes no time (see ``tests.fakes``)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from azure.core.credentials import AccessTokenInfo
from azure.core.exceptions import ClientAuthenticationError

from bot.errors import TokenUnavailable
from bot.generation.credentials import FETCH_TIMEOUT, REBUILD_EVERY, SLOWEST_RETRY, TokenSource
from tests.fakes import Clock, FakeCredential, FakeEntra, Hang, elapsed

if TYPE_CHECKING:
    from collections.abc import Coroutine

pytestmark = pytest.mark.asyncio(loop_factories=["fast-forward"])

SCOPE = "https://cognitiveservices.azure.com/.default"
HOUR = 3600
REFUSED = ClientAuthenticationError("AADSTS7000215: Invalid client secret: made-up-secret")


class Scene:
    """A token source and the Entra ID behind it."""

    def __init__(self, *script: float | Exception | Hang | AccessTokenInfo, latency: float = 0.1) -> None:
        self.clock = Clock()
        self.entra = FakeEntra(*script, clock=self.clock, latency=latency)
        self.outcomes: list[str] = []
        self.tokens = TokenSource(
            self.entra.open_credential, SCOPE, on_refresh=self.outcomes.append, clock=self.clock
        )

    @property
    def requests(self) -> int:
        return len(self.entra.requests)


async def together(*callers: Coroutine[None, None, str]) -> list[str | BaseException]:
    return await asyncio.gather(*callers, return_exceptions=True)


# --- the first token ----------------------------------------------------------------------------


async def test_fifty_callers_at_the_start_share_one_request() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        assert set(await together(*(tokens.token() for _ in range(50)))) == {"token-1"}
    assert scene.entra.requests == [(SCOPE,)]
    assert scene.outcomes == ["refreshed"]


async def test_the_first_request_is_made_before_anybody_asks() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        await asyncio.sleep(1)
        before = elapsed()
        assert await tokens.token() == "token-1"
        assert elapsed() == before
    assert scene.requests == 1


async def test_a_valid_token_costs_no_request() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        for _ in range(100):
            await tokens.token()
    assert scene.requests == 1


async def test_a_failure_reaches_all_who_wait_at_once_and_the_next_caller_tries_anew() -> None:
    scene = Scene(REFUSED, HOUR)
    async with scene.tokens as tokens:
        results = await together(*(tokens.token() for _ in range(50)))
        assert {type(result) for result in results} == {TokenUnavailable}
        assert scene.requests == 1
        assert await tokens.token() == "token-2"


async def test_what_failed_is_said_without_the_credential_s_own_words() -> None:
    scene = Scene(REFUSED)
    async with scene.tokens as tokens:
        with pytest.raises(TokenUnavailable) as raised:
            await tokens.token()
    assert str(raised.value) == f"Entra ID gave no token for {SCOPE}: ClientAuthenticationError"
    assert raised.value.__cause__ is REFUSED


@pytest.mark.parametrize("error", [OSError("refused"), ValueError("odd"), ClientAuthenticationError("no")])
async def test_whatever_a_credential_raises_is_one_error_of_ours(error: Exception) -> None:
    scene = Scene(error)
    async with scene.tokens as tokens:
        with pytest.raises(TokenUnavailable):
            await tokens.token()


async def test_a_credential_that_cannot_be_made_is_the_same_error() -> None:
    def unmakable() -> FakeCredential:
        raise ValueError("Invalid value for AZURE_TOKEN_CREDENTIALS: managed")

    async with TokenSource(unmakable, SCOPE) as tokens:
        with pytest.raises(TokenUnavailable):
            await tokens.token()
        await asyncio.sleep(10)


async def test_a_token_that_comes_expired_is_no_token() -> None:
    scene = Scene(-1)
    async with scene.tokens as tokens:
        with pytest.raises(TokenUnavailable, match="expired"):
            await tokens.token()


# --- refreshing ahead ---------------------------------------------------------------------------


async def test_a_token_is_refreshed_five_minutes_before_its_end_and_nobody_waits() -> None:
    scene = Scene(HOUR, latency=10)
    async with scene.tokens as tokens:
        await tokens.token()
        await asyncio.sleep(HOUR - 300 - 1 - elapsed() + 10)
        assert scene.requests == 1
        await asyncio.sleep(2)
        assert scene.requests == 2  # under way
        before = elapsed()
        assert await tokens.token() == "token-1"
        assert elapsed() == before
        await asyncio.sleep(10)
        assert await tokens.token() == "token-2"
    assert scene.outcomes == ["refreshed", "refreshed"]


async def test_a_token_of_a_minute_is_refreshed_at_three_quarters_of_its_life() -> None:
    scene = Scene(60)
    async with scene.tokens:
        for refreshes in range(1, 7):
            await asyncio.sleep(45 * refreshes - 1 - elapsed())
            assert scene.requests == refreshes
            await asyncio.sleep(2)
            assert scene.requests == refreshes + 1


async def test_the_time_that_entra_names_for_a_refresh_is_kept() -> None:
    clock = Clock()
    early = AccessTokenInfo("early", int(clock.ahead) + HOUR, refresh_on=int(clock.ahead) + 600)
    scene = Scene(early, HOUR)
    async with scene.tokens as tokens:
        await asyncio.sleep(599)
        assert await tokens.token() == "early"
        await asyncio.sleep(2)
        assert await tokens.token() == "token-2"


async def test_a_credential_that_answers_from_its_cache_is_asked_again_but_not_in_a_hurry() -> None:
    clock = Clock()
    cached = AccessTokenInfo("cached", int(clock.ahead) + HOUR)
    scene = Scene(cached, cached, cached, cached, HOUR)
    async with scene.tokens as tokens:
        await asyncio.sleep(HOUR - 300 + 20)
        assert await tokens.token() == "token-5"
    assert scene.outcomes == ["refreshed", "refreshed"]


async def test_a_credential_that_answers_from_its_cache_up_to_the_end_is_replaced_in_time() -> None:
    clock = Clock()
    cached = AccessTokenInfo("cached", int(clock.ahead) + 60)
    scene = Scene(*[cached] * 5, HOUR)
    async with scene.tokens as tokens:
        await asyncio.sleep(59)
        assert await tokens.token() == "token-6"
    assert [credential.closed for credential in scene.entra.credentials] == [1, 1]
    assert scene.outcomes == ["refreshed", "refreshed"]


async def test_after_the_machine_slept_the_token_is_refreshed_within_a_minute() -> None:
    scene = Scene(10 * HOUR)
    async with scene.tokens as tokens:
        await tokens.token()
        scene.clock.ahead += 10 * HOUR - 200  # 200 s of life are left
        await asyncio.sleep(60.5)
        assert await tokens.token() == "token-2"


async def test_after_the_machine_slept_past_the_end_the_first_caller_gets_a_fresh_token() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        await tokens.token()
        scene.clock.ahead += 2 * HOUR
        assert set(await together(*(tokens.token() for _ in range(50)))) == {"token-2"}
    assert scene.requests == 2


@pytest.mark.parametrize(("left", "token"), [(1, "token-1"), (0, "token-2"), (-1, "token-2")])
async def test_a_token_is_handed_out_until_it_expires_and_not_after(left: int, token: str) -> None:
    scene = Scene(HOUR, latency=0)
    async with scene.tokens as tokens:
        await tokens.token()
        scene.clock.ahead += HOUR - left
        assert await tokens.token() == token


# --- a refresh that fails -----------------------------------------------------------------------


async def test_a_failed_refresh_keeps_the_last_good_token_as_long_as_it_lives() -> None:
    scene = Scene(HOUR, REFUSED)
    async with scene.tokens as tokens:
        await tokens.token()
        await asyncio.sleep(HOUR - 5)
        assert scene.requests > 2
        assert await tokens.token() == "token-1"
        await asyncio.sleep(10)
        with pytest.raises(TokenUnavailable):
            await tokens.token()
    assert set(scene.outcomes[1:]) == {"failed"}


async def test_a_failing_refresh_is_tried_ever_more_slowly_but_never_less_than_once_a_minute() -> None:
    scene = Scene(REFUSED, latency=0)
    async with scene.tokens:
        await asyncio.sleep(1 + 2 + 4 + 8 + 16 + 32 + 0.5)
        assert scene.requests == 7
        await asyncio.sleep(10 * SLOWEST_RETRY)
        assert scene.requests == 17


async def test_after_an_outage_the_pace_is_that_of_good_days_again() -> None:
    scene = Scene(REFUSED, REFUSED, REFUSED, HOUR, REFUSED, REFUSED, HOUR)
    async with scene.tokens as tokens:
        await asyncio.sleep(10)
        assert await tokens.token() == "token-4"
        await asyncio.sleep(HOUR - 300 + 10)
        assert await tokens.token() == "token-7"


async def test_a_failing_refresh_is_a_warning_while_a_token_is_valid_and_an_error_after(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scene = Scene(400, REFUSED)
    async with scene.tokens:
        await asyncio.sleep(350)
        assert {record.levelno for record in caplog.records} == {logging.WARNING}
        caplog.clear()
        await asyncio.sleep(200)
        assert caplog.records[-1].levelno == logging.ERROR
    assert "made-up-secret" not in caplog.text


async def test_a_request_that_hangs_is_given_up_and_the_next_one_may_work() -> None:
    scene = Scene(Hang(), HOUR)
    async with scene.tokens as tokens:
        with pytest.raises(TokenUnavailable, match="no answer in time"):
            await tokens.token()
        assert elapsed() == pytest.approx(FETCH_TIMEOUT, abs=1)
        assert await tokens.token() == "token-2"


async def test_a_refresh_that_hangs_holds_nobody_up() -> None:
    scene = Scene(HOUR, Hang(), HOUR)
    async with scene.tokens as tokens:
        await asyncio.sleep(HOUR - 300 + 1)
        assert scene.requests == 2
        before = elapsed()
        assert await tokens.token() == "token-1"
        assert elapsed() == before
        await asyncio.sleep(FETCH_TIMEOUT + 5)
        assert await tokens.token() == "token-3"


# --- a token that Azure refuses -----------------------------------------------------------------


async def test_a_refused_token_is_replaced_by_one_from_a_new_credential_and_the_old_one_is_closed() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        assert tokens.discard(await tokens.token())
        assert await tokens.token() == "token-2"
        assert [credential.closed for credential in scene.entra.credentials] == [1, 0]


async def test_callers_refused_together_cause_one_new_request() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        refused = await tokens.token()
        assert [tokens.discard(refused) for _ in range(50)] == [True] * 50
        assert set(await together(*(tokens.token() for _ in range(50)))) == {"token-2"}
    assert scene.requests == 2


async def test_who_comes_late_with_an_older_token_leaves_the_new_one_alone() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        refused = await tokens.token()
        tokens.discard(refused)
        await tokens.token()
        assert tokens.discard(refused)
        assert await tokens.token() == "token-2"
    assert scene.requests == 2


async def test_a_missing_role_rebuilds_the_credential_once_a_minute_at_most() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        assert tokens.discard(await tokens.token())
        for _ in range(int(REBUILD_EVERY) - 1):
            await asyncio.sleep(1)
            assert not tokens.discard(await tokens.token())
        assert scene.requests == 2
        await asyncio.sleep(1)
        assert tokens.discard(await tokens.token())
        assert await tokens.token() == "token-3"


async def test_a_token_not_worth_replacing_stays_the_one_in_use() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        tokens.discard(await tokens.token())
        second = await tokens.token()
        assert not tokens.discard(second)
        assert await tokens.token() == second


async def test_a_refused_token_is_not_brought_back_by_a_refresh_already_under_way() -> None:
    clock = Clock()
    first = AccessTokenInfo("first", int(clock.ahead) + HOUR)
    scene = Scene(first, first, HOUR, latency=5)  # the old credential would answer from its cache
    async with scene.tokens as tokens:
        await asyncio.sleep(HOUR - 300 + 2)
        assert scene.requests == 2
        assert tokens.discard("first")
        assert await tokens.token() == "token-3"


async def test_a_discarded_token_is_not_handed_out_when_no_other_can_be_had() -> None:
    scene = Scene(HOUR, REFUSED)
    async with scene.tokens as tokens:
        tokens.discard(await tokens.token())
        with pytest.raises(TokenUnavailable):
            await tokens.token()


async def test_a_discarded_token_is_replaced_even_if_nobody_asks() -> None:
    scene = Scene(HOUR)
    async with scene.tokens as tokens:
        tokens.discard(await tokens.token())
        await asyncio.sleep(61)
    assert scene.requests == 2


# --- callers who give up, and the end -----------------------------------------------------------


async def test_a_caller_who_gives_up_does_not_take_the_request_from_the_others() -> None:
    scene = Scene(HOUR, latency=5)
    async with scene.tokens as tokens:
        first, other = asyncio.create_task(tokens.token()), asyncio.create_task(tokens.token())
        await asyncio.sleep(1)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await other == "token-1"
    assert scene.requests == 1


async def test_leaving_closes_the_credential_and_stops_refreshing() -> None:
    scene = Scene(60)
    async with scene.tokens as tokens:
        await tokens.token()
    assert [credential.closed for credential in scene.entra.credentials] == [1]
    await asyncio.sleep(HOUR)
    assert scene.requests == 1


@pytest.mark.parametrize("step", [Hang(), REFUSED, HOUR], ids=["hanging", "failing", "answering"])
async def test_leaving_in_the_middle_of_a_request_closes_the_credential_too(
    step: float | Exception | Hang,
) -> None:
    scene = Scene(step, latency=5)
    async with scene.tokens:
        await asyncio.sleep(1)
    assert elapsed() == 1
    assert [credential.closed for credential in scene.entra.credentials] == [1]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_every_credential_ever_made_is_closed_once() -> None:
    scene = Scene(REFUSED, REFUSED, HOUR)
    async with scene.tokens as tokens:
        await asyncio.sleep(10)
        tokens.discard(await tokens.token())
        await tokens.token()
    assert len(scene.entra.credentials) == 4
    assert {credential.closed for credential in scene.entra.credentials} == {1}
