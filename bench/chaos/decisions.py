"""All random decisions of a run, as a function of its seed.

Each kind of decision has its own stream, so the tenth kill is the same however many commands were typed
before it. Only two things depend on the machine: which call an unaddressed fault hits, and what exactly is
in progress at a kill.
"""

from __future__ import annotations

import enum
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

AZURE_TROUBLE = 0.2
"""Share of the commands with which an Azure fault is armed; it hits whichever call comes next."""

DISCORD_TROUBLE = 0.2
"""Share of the commands whose own calls to Discord are hit by a fault."""

GATEWAY_TROUBLE = 0.3
"""Share of the bot's lives in which its gateway connection is disturbed."""

DELETED = 0.01
"""Share of the commands whose answer a moderator deletes, at whatever stage."""

MEMBERS = 8
SUBJECTS = (
    "a lighthouse at dusk",
    "a fox asleep in the snow",
    "a harbour in the rain",
    "an orchard, gouache",
)


class Moment(enum.StrEnum):
    """The event that a kill waits for."""

    START = "start"
    """Nothing: the kill comes some time after the process starts, perhaps before it is connected."""
    READY = "ready"
    """The bot reconnecting and resuming its earlier work."""
    ANY = "any"
    """Time passing."""
    ACKNOWLEDGED = "acknowledged"
    """A command being acknowledged."""
    CALLED = "called"
    """A call reaching Azure."""
    ANSWERED = "answered"
    """Azure answering a call."""
    UPLOADED = "uploaded"
    """Pictures reaching Discord."""


EVENTS = frozenset({Moment.ACKNOWLEDGED, Moment.CALLED, Moment.ANSWERED, Moment.UPLOADED})


@dataclass(frozen=True, slots=True)
class Kill:
    """When a life of the bot ends.

    Attributes:
        moment: the event to wait for.
        lives: seconds after the bot connects before waiting for the event.
        delay: seconds from the event to SIGKILL.
    """

    moment: Moment
    lives: float
    delay: float


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What happens to the gateway connection in one life, `after` seconds after it was made."""

    kind: str
    after: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault, see ``sandbox.faults.Fault``; on Discord's side ``call`` says which call it hits."""

    kind: str
    call: str = ""
    times: int = 1
    delay: float = 0.0
    status: int | None = None
    retry_after: float | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asking:
    """One command that a member types.

    Attributes:
        number: counts from 1, and is in the prompt.
        member: index of the member who types it.
        gallery: whether it is typed in the gallery channel instead of the studio.
        options: of the command.
        latency: seconds that a generation on Azure takes from then on.
        deleted_after: seconds after which a moderator deletes the answer; None if nobody does.
        azure: a fault armed on Azure's side.
        discord: a fault of this command's own calls.
    """

    number: int
    member: int
    gallery: bool
    options: Mapping[str, Any]
    latency: float
    deleted_after: float | None
    azure: Trouble | None
    discord: Trouble | None


class Decisions:
    """The decisions of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def kills(self) -> Iterator[Kill]:
        """Yield how each life ends."""
        dice = self._dice("kills")
        moments = list(Moment)
        while True:
            moment = dice.choice(moments)
            if moment is Moment.START:
                yield Kill(moment, 0.0, dice.uniform(0.0, 2.0))
            elif moment is Moment.READY:
                yield Kill(moment, 0.0, dice.uniform(0.0, 0.5))
            elif moment is Moment.ANY:
                yield Kill(moment, 0.0, dice.uniform(0.5, 8.0))
            else:
                # Most critical steps take milliseconds: cubed like this, half of the delays are below 20 ms.
                yield Kill(moment, dice.uniform(0.5, 6.0), 0.15 * dice.random() ** 3)

    def disturbances(self) -> Iterator[Disturbance | None]:
        """Yield what happens to the gateway connection in each life; None for nothing."""
        dice = self._dice("gateway")
        while True:
            troubled, kind = dice.random() < GATEWAY_TROUBLE, dice.choice(GATEWAY_KINDS)
            after = dice.uniform(0.3, 5.0)
            yield Disturbance(kind, after) if troubled else None

    def askings(self) -> Iterator[Asking]:
        """Yield every command, in the order of typing."""
        dice = self._dice("commands")
        number = 0
        while True:
            number += 1
            options = _options(dice, number)
            yield Asking(
                number=number,
                member=dice.randrange(MEMBERS),
                gallery=dice.random() < 0.3,
                options=options,
                latency=dice.uniform(0.3, 2.0),
                deleted_after=dice.uniform(0.2, 4.0) if dice.random() < DELETED else None,
                azure=_azure(dice) if dice.random() < AZURE_TROUBLE else None,
                discord=_discord(dice) if dice.random() < DISCORD_TROUBLE else None,
            )

    def _dice(self, stream: str) -> random.Random:
        return random.Random(f"{self._seed}/{stream}")


def mark(number: int) -> str:
    """Return the text in a command's prompt that identifies it and its calls to Azure."""
    return f"job-{number:06d}"


def _options(dice: random.Random, number: int) -> dict[str, Any]:
    options: dict[str, Any] = {"prompt": f"{mark(number)} {dice.choice(SUBJECTS)}"}
    if dice.random() < 0.02:
        options["prompt"] += " simulate:prompt_refused"
    if dice.random() < 0.25:
        options["count"] = dice.choice((2, 3))
    if dice.random() < 0.25:
        options["private"] = True
    if dice.random() < 0.1:
        options["spoiler"] = True
    if dice.random() < 0.3:
        # Every picture has the size of the canned one; smaller sizes are scaled down from it.
        options["model"] = "gpt-image-1-mini"
        options["size"] = dice.choice(("1024x1024", "512x512", "256x256"))
    return options


GATEWAY_KINDS = ("drop", "reset", "reconnect", "invalidate")

REFUSALS = ("content_policy_violation", "contentFilter", "moderation_blocked")

_AZURE: Sequence[tuple[str, int]] = (
    ("rate_limited", 4),
    ("status", 4),
    ("reset", 3),
    ("reset_midway", 3),
    ("truncate", 3),
    ("stall", 2),
    ("not_json", 1),
    ("html", 1),
    ("late_status", 2),
    ("prompt_refused", 2),
    ("filter_broken", 1),
    ("output_filtered", 2),
    ("partly_filtered", 2),
    ("fewer_images", 1),
    ("corrupt_image", 2),
    ("truncated_image", 1),
    ("wrong_type_image", 1),
    ("bad_base64", 1),
)
"""Kinds and their relative frequencies."""

_DISCORD: Sequence[tuple[str, int]] = (
    ("status", 3),
    ("effect_status", 3),
    ("reset", 3),
    ("effect_reset", 3),
    ("slow", 2),
    ("effect_slow", 2),
    ("rate_limited", 2),
)


def _pick(dice: random.Random, kinds: Sequence[tuple[str, int]]) -> str:
    return dice.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]


def _azure(dice: random.Random) -> Trouble:
    match kind := _pick(dice, _AZURE):
        case "rate_limited":
            return Trouble(kind, retry_after=round(dice.uniform(0.3, 2.0), 1))
        case "status":
            return Trouble(kind, status=dice.choice((500, 503)))
        case "stall":
            # Either merely slow, or longer than the bot waits.
            return Trouble(kind, delay=dice.choice((0.8, 12.0)))
        case "late_status":
            return Trouble(kind, delay=3.5)
        case "prompt_refused":
            return Trouble(kind, data={"shape": dice.choice(REFUSALS)})
        case _:
            return Trouble(kind)


def _discord(dice: random.Random) -> Trouble:
    kind = _pick(dice, _DISCORD)
    call = dice.choice(("callback", "edit", "edit", "look"))
    # A command must be acknowledged within three seconds, so a second failure would lose it.
    times = 1 if call == "callback" else dice.choice((1, 1, 2))
    match kind:
        case "status" | "effect_status":
            return Trouble(kind, call, times, status=dice.choice((500, 502, 503)))
        case "slow" | "effect_slow":
            return Trouble(kind, call, times, delay=dice.uniform(0.2, 1.2))
        case "rate_limited":
            return Trouble(kind, call, times, retry_after=round(dice.uniform(0.2, 1.0), 2))
        case _:
            return Trouble(kind, call, times)
