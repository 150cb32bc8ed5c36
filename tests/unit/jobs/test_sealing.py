"""A job comes out of its seal as it went in, for who has the key, and nobody else reads it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.generation.models import load_models
from bot.jobs.job import Address, Job
from bot.jobs.sealing import Seal, Unreadable
from bot.model import ImageRequest, Quality, Size
from bot.planning.plan import Draft, Plan
from tests.house import TOKEN, job_of
from tests.properties import UNHURRIED

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MODELS = load_models()
SEAL = Seal(TOKEN, MODELS)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
IDS = st.integers(1, 2**63 - 1)
SIZES = st.none() | st.builds(Size, st.integers(1, 4000), st.integers(1, 4000))
MONEY = st.none() | st.integers(0, 10**15)
MODEL_NAMES = st.sampled_from(["gpt-image-2", "gpt-image-1-mini", "dall-e-2", "one nobody knows yet"])
TIMES = st.datetimes(timezones=st.just(dt.UTC))


def addresses() -> SearchStrategy[Address]:
    return st.builds(
        Address,
        interaction_id=IDS,
        application_id=IDS,
        token=TEXTS,
        guild_id=IDS,
        channel_id=st.none() | IDS,
        member_id=IDS,
        locale=TEXTS,
        private=st.booleans(),
        spoiler=st.booleans(),
        file_limit=IDS,
        message_id=st.none() | IDS,
    )


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    model = draw(MODEL_NAMES)
    request = ImageRequest(
        prompt=draw(TEXTS),
        model=model,
        count=draw(st.integers(1, 10)),
        size=draw(SIZES),
        quality=draw(st.sampled_from(Quality)),
        user=draw(TEXTS),
    )
    plan = Plan(request, MODELS[model], draw(st.integers(0, 10**15)), draw(SIZES))
    return Job(draw(addresses()), plan, draw(TIMES), draw(st.integers(0, 3)), draw(MONEY), draw(MONEY))


@UNHURRIED
@given(jobs())
def test_a_job_comes_back_as_it_was(job: Job) -> None:
    assert SEAL.open(SEAL.close(job)) == job


@UNHURRIED
@given(TEXTS)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert SEAL.open_text(SEAL.close_text(text)) == text


def test_another_life_of_the_same_bot_can_read_it() -> None:
    job = job_of()
    assert Seal(TOKEN, load_models()).open(SEAL.close(job)) == job


def test_the_same_job_is_never_sealed_alike() -> None:
    job = job_of()
    assert SEAL.close(job) != SEAL.close(job)


def test_with_another_token_nothing_can_be_read() -> None:
    other = Seal("another token", MODELS)
    with pytest.raises(Unreadable):
        other.open(SEAL.close(job_of()))
    with pytest.raises(Unreadable):
        other.open_text(SEAL.close_text("text"))


@UNHURRIED
@given(st.binary())
def test_what_is_damaged_cannot_be_read(sealed: bytes) -> None:
    for read in (SEAL.open, SEAL.open_text):
        with pytest.raises(Unreadable):
            read(sealed)


@UNHURRIED
@given(st.data())
def test_no_byte_can_be_changed(data: st.DataObject) -> None:
    sealed = bytearray(SEAL.close(job_of()))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= data.draw(st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128]))
    try:
        found = SEAL.open(bytes(sealed))
    except Unreadable:
        return
    # Base64 has spare bits at its end, which say nothing.
    assert found.address == job_of().address


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"address": {}}', "nonsense"])
def test_what_holds_something_else_cannot_be_read(text: str) -> None:
    with pytest.raises(Unreadable):
        SEAL.open(SEAL.close_text(text))


def test_nothing_of_a_job_can_be_seen() -> None:
    job = job_of(Draft("a lighthouse in fog"))
    sealed = SEAL.close(job)
    for secret in ("lighthouse", job.address.token, TOKEN):
        assert secret.encode() not in sealed


def test_no_log_shows_the_key_to_an_answer() -> None:
    job = job_of()
    assert job.address.token
    for value in (job, job.address, dataclasses.replace(job.address, message_id=1)):
        assert job.address.token not in repr(value)
        assert job.address.token not in str(value)
