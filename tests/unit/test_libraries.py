"""The attributes of libraries that Easel sets from outside (decision 0017) are still read there."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import httpcore2
from discord.backoff import ExponentialBackoff
from discord.shard import Shard

from bot.discord.client import _BriefBackoff, _reconnect_sooner
from bot.generation import azure

if TYPE_CHECKING:
    from discord import AutoShardedClient
    from discord.gateway import DiscordWebSocket


def test_discord_py_takes_its_backoff_from_the_module_that_it_is_put_into() -> None:
    _reconnect_sooner()
    client = SimpleNamespace(dispatch=None, _reconnect=True)
    shard = Shard(cast("DiscordWebSocket", None), cast("AutoShardedClient", client), lambda _: None)
    assert type(shard._backoff) is _BriefBackoff


def test_the_longest_wait_is_what_the_brief_backoff_says_it_is() -> None:
    assert "_max" in vars(ExponentialBackoff())
    backoff = _BriefBackoff()
    waits = [backoff.delay() for _ in range(100)]
    assert 8 < max(waits) <= 16


def test_httpcore2_reads_as_much_at_once_as_it_is_told() -> None:
    azure._read_in_large_pieces()
    connection = httpcore2.AsyncHTTP11Connection
    methods = filter(inspect.isfunction, vars(connection).values())
    assert any("READ_NUM_BYTES" in method.__code__.co_names for method in methods)
    assert connection.READ_NUM_BYTES == azure.READ_BYTES
