"""Entra ID tokens that refresh themselves, one source for all callers of a resource.

azure-identity's own ``get_bearer_token_provider`` makes callers wait during a refresh, passes on the
error of a failed refresh although the old token is still valid, makes every waiting caller retry in turn,
and cannot be told that Azure refused a token. This source has none of these faults.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Protocol, Self

from bot.errors import TokenUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from azure.core.credentials import AccessTokenInfo

_log = logging.getLogger(__name__)

AHEAD = 300.0
"""Seconds before expiry at which a token is refreshed (azure-identity's ``DEFAULT_REFRESH_OFFSET``)."""

LAST_MOMENT = 10.0
"""Seconds before expiry at which a credential that still answers from its cache is replaced."""

FETCH_TIMEOUT = 30.0
"""Seconds one token request may take: a hung managed-identity endpoint must not hang every caller."""

SLOWEST_RETRY = 60.0
"""Longest pause between refresh attempts while they fail, in seconds."""

REBUILD_EVERY = 60.0
"""Seconds between discards of tokens that Azure never took, so a missing role cannot flood Entra ID."""


class Credential(Protocol):
    """The part of an azure-identity async credential that this module needs."""

    async def get_token_info(self, *scopes: str) -> AccessTokenInfo:
        """Ask for a token; the credential may answer from its own cache."""
        ...

    async def close(self) -> None:
        """Release the credential's connections."""
        ...


class TokenSource:
    """Hands out a valid token, refreshes it ahead of expiry, and owns the credential behind it.

    Use as an async context manager: entering starts the first request in the background, leaving
    stops the refresher and closes the credential.
    """

    def __init__(
        self,
        open_credential: Callable[[], Credential],
        scope: str,
        *,
        on_refresh: Callable[[str], None] = lambda _outcome: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._open_credential = open_credential
        self._scope = scope
        self._on_refresh = on_refresh
        self._clock = clock
        self._credential: Credential | None = None
        self._token: AccessTokenInfo | None = None
        self._refresh_at = 0.0
        self._fetching: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._discarded_at = float("-inf")
        self._refused = ""
        self._confirmed = ""

    async def __aenter__(self) -> Self:
        self._keeper = asyncio.create_task(self._keep_fresh(), name="token refresher")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in (self._keeper, self._fetching):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, TokenUnavailable):
                    await task
        await self._close_credential()

    async def token(self) -> str:
        """Return a token that is valid now; callers wait for the network only if there is none.

        Raises:
            TokenUnavailable: there is no valid token and none could be fetched.
        """
        if (valid := self._valid()) is None:
            # Shielded: a caller who gives up must not cancel the request the others wait for.
            await asyncio.shield(self._fetch())
            valid = self._valid()
        if valid is None:
            raise TokenUnavailable("Entra ID answered with an expired token")
        return valid.token

    def confirm(self, token: str) -> None:
        """Note that Azure took ``token``, so that it is worth replacing if Azure refuses it later."""
        self._confirmed = token

    def discard(self, token: str) -> bool:
        """Forget ``token``, which Azure refused with 401, and return whether a fresh one is worth a try.

        The credential is replaced too, because it would serve the refused token from its own cache.
        """
        if self._token is None or self._token.token != token:
            return True  # another caller was refused first; a fresh token is there or on its way
        if token != self._confirmed and self._clock() - self._discarded_at < REBUILD_EVERY:
            return False  # the last one was replaced too, and that did not help
        self._discarded_at = self._clock()
        self._refused = token
        self._token = None
        return True

    def _valid(self) -> AccessTokenInfo | None:
        """Return the current token, unless it has expired."""
        return self._token if self._token and self._token.expires_on > self._clock() else None

    def _fetch(self) -> asyncio.Task[None]:
        """Return the one request under way, and start it if there is none."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._request(), name="token request")
            # A request that nobody awaits must not warn that its exception was never retrieved.
            self._fetching.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._fetching

    async def _request(self) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                if self._token is None:
                    await self._close_credential()
                info = await self._ask()
                if info.token == self._refused or self._is_current(info, for_less_than=LAST_MOMENT):
                    # For 30 s after each of their requests, credentials answer from their cache, even with
                    # a token about to expire (azure-identity, _internal/utils.py); a new one does not.
                    await self._close_credential()
                    info = await self._ask()
        except Exception as error:
            # azure-identity raises azure-core's errors, OSError and ValueError; all mean the same here.
            self._on_refresh("failed")
            reason = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
            raise TokenUnavailable(f"Entra ID gave no token for {self._scope}: {reason}") from error
        if self._is_current(info):
            return
        self._token = info
        self._refresh_at = info.refresh_on or info.expires_on - min(
            AHEAD, (info.expires_on - self._clock()) / 4
        )
        self._on_refresh("refreshed")

    async def _ask(self) -> AccessTokenInfo:
        if self._credential is None:
            self._credential = self._open_credential()
        return await self._credential.get_token_info(self._scope)

    def _is_current(self, info: AccessTokenInfo, *, for_less_than: float = float("inf")) -> bool:
        """Return whether ``info`` is the token in use, with less than ``for_less_than`` seconds to live."""
        same = self._token is not None and info.token == self._token.token
        return same and info.expires_on - self._clock() < for_less_than

    async def _keep_fresh(self) -> None:
        """Refresh ahead of expiry for as long as the source is open, slowing down while it fails."""
        pause = 1.0
        while True:
            try:
                await asyncio.shield(self._fetch())
            except TokenUnavailable as error:
                level = logging.WARNING if self._valid() else logging.ERROR
                _log.log(level, "%s; trying again in %.0f s", error, pause)
            if self._refresh_at > self._clock():
                pause = 1.0
                await self._sleep_until_due()
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, SLOWEST_RETRY)

    async def _sleep_until_due(self) -> None:
        """Sleep until the refresh is due, a minute at a time: a suspended machine's timers run late."""
        while self._token is not None and (left := self._refresh_at - self._clock()) > 0:
            await asyncio.sleep(min(left, 60.0))

    async def _close_credential(self) -> None:
        credential, self._credential = self._credential, None
        if credential is not None:
            await credential.close()


def default_credential() -> Credential:
    """Open a DefaultAzureCredential: environment, workload or managed identity, or developer tools.

    It is imported here because the import takes most of a second and is never needed with an API key.
    """
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - see docstring

    return DefaultAzureCredential()
