"""Stand-ins for what is too far from a unit test: time, Entra ID, Azure's answers, the archive.

Each does in memory what the real part does over the network, by a script the test gives it.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn, cast

from azure.core.credentials import AccessTokenInfo

from bot.errors import ArchiveError, Billed, EaselError, GenerationError, PromptRefused, ServiceFailed
from bot.generation.prices import load_prices
from bot.model import GeneratedImage, Generation, Size

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

    from bot.archive.store import Archive
    from bot.generation.azure import AzureImages
    from bot.generation.deployments import Deployment
    from bot.generation.service import GenerationService, Watch
    from bot.model import ImageRequest, Usage


PRICES = load_prices()


# --- time ---------------------------------------------------------------------------------------


class _Jump(selectors.DefaultSelector):
    """Never waits: moves the loop's clock on by the time it was asked to wait."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("every task waits for something that will never happen")
            self.now += max(0.0, timeout)
        return ready


class FastForwardLoop(asyncio.SelectorEventLoop):
    """An event loop on which waiting takes no time: its clock, from 0, jumps to the next timer.

    For code that waits by asyncio alone; with threads or sockets a timer would win every race.
    """

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Seconds that would have passed."""
        return self._jump.now


def elapsed() -> float:
    """Seconds on the running ``FastForwardLoop``."""
    return asyncio.get_running_loop().time()


class Clock:
    """Wall-clock time that goes on with the running loop, and can be set ahead as after a suspend."""

    def __init__(self) -> None:
        self.ahead = 1_800_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.ahead + elapsed()


# --- Entra ID -----------------------------------------------------------------------------------


class Hang:
    """In a script: no answer, ever."""


@dataclass(eq=False, slots=True)
class Held:
    """In a script: an error that comes once it may go on."""

    error: Exception
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


async def _no_answer() -> NoReturn:
    await asyncio.Event().wait()
    raise RuntimeError("an answer came after all")


class FakeCredential:
    """A credential that answers by the script it shares with the ones made after it.

    The script's items are token lifetimes in seconds, errors to raise, or ``Hang``; the last item
    repeats. Each token is new: ``token-1``, ``token-2``, and so on.
    """

    def __init__(self, entra: FakeEntra) -> None:
        self._entra = entra
        self.closed = 0

    async def get_token_info(self, *scopes: str) -> AccessTokenInfo:
        """The script's next answer, after the network's latency."""
        entra = self._entra
        entra.requests.append(scopes)
        step = entra.script.popleft() if len(entra.script) > 1 else entra.script[0]
        await asyncio.sleep(entra.latency)
        if isinstance(step, AccessTokenInfo):
            return step
        if isinstance(step, Exception):
            raise step
        if isinstance(step, Hang):
            return await _no_answer()
        return AccessTokenInfo(f"token-{len(entra.requests)}", int(entra.clock() + step))

    async def close(self) -> None:
        """Count it."""
        self.closed += 1


class FakeEntra:
    """Entra ID as seen through credentials: ``open_credential`` is what a ``TokenSource`` is given."""

    def __init__(
        self, *script: float | Exception | Hang | AccessTokenInfo, clock: Clock, latency: float = 0.1
    ) -> None:
        self.script = deque(script)
        self.clock = clock
        self.latency = latency
        self.requests: list[tuple[str, ...]] = []
        self.credentials: list[FakeCredential] = []

    def open_credential(self) -> FakeCredential:
        """A new credential with nothing in its cache."""
        self.credentials.append(FakeCredential(self))
        return self.credentials[-1]


# --- Azure --------------------------------------------------------------------------------------


def image(data: bytes = b"picture", size: Size | None = None) -> GeneratedImage:
    """A picture as the generation service hands it on."""
    return GeneratedImage(data, "png", size or Size(1024, 1024))


def generation(count: int = 1, filtered: int = 0, deployment: str = "art") -> Generation:
    """A successful answer with ``count`` pictures."""
    return Generation(
        images=tuple(image(b"picture %d" % n) for n in range(count)),
        filtered=filtered,
        usage=None,
        deployment=deployment,
        request_id="request",
    )


def failed(*, billed: Billed = Billed.NO, retry_after: float | None = None) -> ServiceFailed:
    """Azure's own trouble."""
    return ServiceFailed("503", billed=billed, retry_after=retry_after)


@dataclass(frozen=True, slots=True)
class After:
    """In a script: this many seconds, and then an error, or a picture if there is none."""

    seconds: float
    error: Exception | None = None


class ScriptedImages:
    """A resource that answers each deployment's calls with the next step of its script.

    A step is an error to raise, a picture to give at once (``None``), or either ``After`` some time.

    Attributes:
        calls: when each call came, in the loop's time, and for which deployment.
        headers: what each deployment's answers carry.
        usage: what each answer says of the tokens billed.
    """

    def __init__(self, **script: Iterable[Exception | After | None]) -> None:
        self._script = {name: deque(steps) for name, steps in script.items()}
        self.calls: list[tuple[float, str]] = []
        self.headers: dict[str, Mapping[str, str]] = {}
        self.usage: Usage | None = None

    async def generate(
        self, deployment: Deployment, request: ImageRequest, hear: Callable[[Mapping[str, str]], None]
    ) -> Generation:
        """Take the next step; ``headers`` of the deployment are heard before its outcome."""
        hear(self.headers.get(deployment.name, {}))
        self.calls.append((elapsed(), deployment.name))
        step = self._script[deployment.name].popleft()
        error = step
        if isinstance(step, After):
            await asyncio.sleep(step.seconds)
            error = step.error
        if isinstance(error, Exception):
            raise error
        return replace(generation(request.count, deployment=deployment.name), usage=self.usage)

    @property
    def called(self) -> list[str]:
        """The deployments called, in order."""
        return [name for _, name in self.calls]

    def as_resource(self) -> AzureImages:
        """Itself, under the real one's type."""
        return cast("AzureImages", self)


# --- what a job works with ------------------------------------------------------------------------


class FakeGeneration:
    """A generation service that makes a call for each step of its script, the last of which repeats.

    As the real one, it asks before a call, tells of what it cost, and makes one more after an unclear one
    if that is granted. ``Hang`` is a call that is never answered.

    Attributes:
        script: the steps to come.
        requests: what was asked for, once for each job.
        calls: how many calls were made.
        called: set while a call is under way that is never answered.
    """

    def __init__(self, *script: Generation | Exception | Hang | Held) -> None:
        self.script = deque(script)
        self.requests: list[ImageRequest] = []
        self.calls = 0
        self.called = asyncio.Event()

    async def generate(self, request: ImageRequest, *, time_left: float, watch: Watch) -> Generation:
        """The answer."""
        del time_left
        self.requests.append(request)
        for last in (False, True):
            await watch.calling()
            self.calls += 1
            step = self.script.popleft() if len(self.script) > 1 else self.script[0]
            if isinstance(step, Generation):
                return replace(step, cost=PRICES.cost(request.model, step.usage))
            if isinstance(step, Held):
                self.called.set()
                await step.go_on.wait()
                step = step.error
            if isinstance(step, Hang):
                await self._hang(watch)
            elif not await _goes_on_after(step, watch) or last:
                raise step
        raise RuntimeError("a call more than the budget has")

    async def _hang(self, watch: Watch) -> None:
        self.called.set()
        try:
            await _no_answer()
        finally:
            self.called.clear()
            watch.abandoned()

    def as_service(self) -> GenerationService:
        """Itself, under the real one's type."""
        return cast("GenerationService", self)


async def _goes_on_after(error: Exception, watch: Watch) -> bool:
    """Tell what a failed call cost; say whether another one follows."""
    if isinstance(error, GenerationError) and error.billed is Billed.UNKNOWN:
        return await watch.unclear()
    if isinstance(error, PromptRefused) or (isinstance(error, GenerationError) and error.billed is Billed.NO):
        await watch.free()
    elif not isinstance(error, EaselError):
        watch.abandoned()  # a mistake of ours: nobody can know what Azure makes of the call
    return False


class FakePresence:
    """A process that knows which others are no more."""

    def __init__(self, owner: str, dead: Collection[str] = ()) -> None:
        self.owner = owner
        self._dead = set(dead)

    async def dead(self, owners: Iterable[str]) -> set[str]:
        """Those of them that are."""
        return set(owners) & self._dead


class FakeArchive:
    """An archive in memory; ``trouble`` happens on every write, and nothing can be read while it is away.

    Attributes:
        kept: what it has, by key.
        held: set while somebody who kept a picture is held up.
    """

    def __init__(self, trouble: Exception | Callable[[], Awaitable[None]] | None = None) -> None:
        self._trouble = trouble
        self.away = False
        self.kept: dict[str, bytes] = {}
        self.held = asyncio.Event()
        self._go_on = asyncio.Event()
        self._go_on.set()

    def hold(self) -> None:
        """Let nobody who has kept a picture go on."""
        self.held.clear()
        self._go_on.clear()

    def let_go(self) -> None:
        """Hold nobody up any more."""
        self._go_on.set()

    async def keep(self, key: str, data: bytes) -> None:
        """Keep ``data``, or fail as told."""
        if isinstance(self._trouble, Exception):
            raise self._trouble
        if self._trouble is not None:
            await self._trouble()
        self.kept[key] = data
        if not self._go_on.is_set():
            self.held.set()
            await self._go_on.wait()

    async def exists(self, key: str) -> bool:
        """Whether something is kept under ``key``."""
        if self.away:
            raise ArchiveError(f"cannot look for {key}: away")
        return key in self.kept

    async def read(self, key: str) -> bytes:
        """What is kept under ``key``."""
        if key not in self.kept:
            raise ArchiveError(f"cannot read {key}: not found")
        return self.kept[key]

    def as_archive(self) -> Archive:
        """Itself, under the real one's type."""
        return cast("Archive", self)
