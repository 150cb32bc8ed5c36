"""What each model can draw, read from ``models.toml``, and the rules for sizes.

Everything here is pure and works from memory, so that a command can be judged before it is
acknowledged and autocompletion can answer at once.
"""

from __future__ import annotations

import datetime as dt
import math
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from bot.errors import SizeFault
from bot.model import Quality, Size

if TYPE_CHECKING:
    from collections.abc import Iterable


TEXT = resources.files("bot.generation").joinpath("models.toml").read_text(encoding="utf-8")
"""What is known of the models and their prices, each figure with its source."""

_ANY_SIZE: dict[str, int] = tomllib.loads(TEXT)["any_size"]

EDGE_STEP = _ANY_SIZE["edge_step"]
"""Edges must be multiples of this many pixels."""

LONGEST_EDGE = _ANY_SIZE["longest_edge"]
"""Longest edge in pixels."""

STEEPEST_RATIO = _ANY_SIZE["steepest_ratio"]
"""The long edge is at most this many times the short one."""

FEWEST_PIXELS = _ANY_SIZE["fewest_pixels"]
MOST_PIXELS = _ANY_SIZE["most_pixels"]
"""Bounds of width x height."""

STANDARD_SIZES = (Size(1024, 1024), Size(1536, 1024), Size(1024, 1536))
"""What every GPT image model draws."""

POPULAR_SIZES = (
    *STANDARD_SIZES,
    Size(2048, 2048),
    Size(2048, 1152),
    Size(1152, 2048),
    Size(2560, 1440),
    Size(1440, 2560),
    Size(3840, 2160),
    Size(2160, 3840),
)
"""Offered for models that draw any legal size: squares, 3:2, 16:9 and their portraits."""

LEGACY_SIZES = (Size(256, 256), Size(512, 512))
"""Sizes of the DALL·E 2 days; no live model draws them, so they are drawn larger and scaled down."""


NOTICE_DAYS = 60
"""Days before a model's retirement at which operators are told."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one model can be asked for.

    Attributes:
        name: the model's name on Azure, such as ``gpt-image-2``.
        label: its name for people.
        sizes: the sizes it draws; None means any size within the rules of this module.
        qualities: the qualities it knows; empty means the parameter must not be sent.
        max_count: most pictures per call.
        max_prompt: most characters of a prompt.
        retires: the day Azure stops serving it, if announced.
        replacement: the model to use instead, if any.
        known: False for a model that ``models.toml`` does not list.
    """

    name: str
    label: str
    sizes: tuple[Size, ...] | None
    qualities: tuple[Quality, ...]
    max_count: int
    max_prompt: int
    retires: dt.date | None = None
    replacement: str | None = None
    known: bool = True

    def offered_sizes(self) -> tuple[Size, ...]:
        """Return the sizes to suggest, most useful first."""
        return POPULAR_SIZES if self.sizes is None else self.sizes

    def size_fault(self, size: Size) -> SizeFault | None:
        """Return why the model cannot draw ``size``; None if it can, or if only Azure knows."""
        if not size.pixels:
            return SizeFault.MALFORMED
        if self.sizes is None:
            return _rule_fault(size)
        if size in self.sizes:
            return None
        return SizeFault.NOT_LISTED if self.known else _bounds_fault(size)

    def canvas_for(self, wanted: Size) -> Size:
        """Return the smallest size the model draws that has the shape of ``wanted`` and is no smaller."""
        if self.sizes is not None:
            fitting = [s for s in self.sizes if _same_shape(s, wanted) and s >= wanted]
            return min(fitting, default=self.sizes[0])
        common = math.gcd(wanted.width, wanted.height)
        shape = Size(wanted.width // common, wanted.height // common)
        multiples = (Size(shape.width * n, shape.height * n) for n in range(1, LONGEST_EDGE + 1))
        fits = (size for size in multiples if size >= wanted and _rule_fault(size) is None)
        return next(fits, STANDARD_SIZES[0])

    def nearest_sizes(self, size: Size | None, *, limit: int = 3) -> tuple[Size, ...]:
        """Return the sizes the model draws that are closest to ``size``, in shape and then in pixels."""
        if size is None or not size.width or not size.height:
            return self.offered_sizes()[:limit]

        def distance(candidate: Size) -> tuple[float, int]:
            shape = abs(candidate.width / candidate.height - size.width / size.height)
            return round(shape, 1), abs(candidate.pixels - size.pixels)

        snapped = _snap(size) if self.sizes is None else None
        candidates = {*self.offered_sizes(), *([snapped] if snapped else [])}
        return tuple(sorted(candidates, key=distance)[:limit])


def _rule_fault(size: Size) -> SizeFault | None:
    long, short = max(size.width, size.height), min(size.width, size.height)
    if long > STEEPEST_RATIO * short:
        return SizeFault.TOO_ELONGATED
    if long > LONGEST_EDGE:
        return SizeFault.EDGE_TOO_LONG
    if size.width % EDGE_STEP or size.height % EDGE_STEP:
        return SizeFault.NOT_MULTIPLE
    if size.pixels < FEWEST_PIXELS:
        return SizeFault.TOO_FEW_PIXELS
    if size.pixels > MOST_PIXELS:
        return SizeFault.TOO_MANY_PIXELS
    return None


def _bounds_fault(size: Size) -> SizeFault | None:
    """Return the fault of a size no model has ever drawn; an unlisted model may draw any other."""
    if max(size.width, size.height) > LONGEST_EDGE:
        return SizeFault.EDGE_TOO_LONG
    return SizeFault.TOO_FEW_PIXELS if size.pixels < FEWEST_PIXELS else None


def _same_shape(one: Size, other: Size) -> bool:
    return one.width * other.height == one.height * other.width


def _snap(size: Size) -> Size | None:
    """Return ``size`` with both edges rounded to the nearest legal multiple; None if that is not legal."""
    snapped = Size(*(max(1, round(edge / EDGE_STEP)) * EDGE_STEP for edge in (size.width, size.height)))
    return snapped if _rule_fault(snapped) is None else None


class Deployed(Protocol):
    """What this module needs of a deployment: its name, and its model's."""

    @property
    def name(self) -> str:
        """The deployment's name."""

    @property
    def model(self) -> str:
        """The name of its model."""


@dataclass(frozen=True, slots=True)
class ModelTable:
    """Every listed model, and the day the list was last checked against Microsoft's pages."""

    models: dict[str, Capabilities]
    checked: dt.date

    def __getitem__(self, name: str) -> Capabilities:
        """Return the model's capabilities; an unknown model gets only what every image model takes."""
        return self.models.get(name) or Capabilities(
            name=name,
            label=name,
            sizes=STANDARD_SIZES,
            qualities=(),
            max_count=10,
            max_prompt=4000,
            known=False,
        )

    def retirements(self, deployments: Iterable[Deployed], today: dt.date | None = None) -> list[str]:
        """Return a line for each deployment whose model is retired, or will be within ``NOTICE_DAYS``."""
        today = today or dt.datetime.now(dt.UTC).date()
        lines = []
        for deployment in deployments:
            model = self[deployment.model]
            if model.retires is None or (days := (model.retires - today).days) > NOTICE_DAYS:
                continue
            when = f"retires on {model.retires}" if days > 0 else f"was retired on {model.retires}"
            instead = f"; deploy {model.replacement} instead" if model.replacement else ""
            lines.append(f"deployment {deployment.name}: {model.name} {when}{instead} (as of {self.checked})")
        return lines


def load_models(text: str = TEXT) -> ModelTable:
    """Read the models from the text of ``models.toml``."""
    table = tomllib.loads(text)
    models = {name: _capabilities(name, entry) for name, entry in table["models"].items()}
    return ModelTable(models=models, checked=table["checked"])


def _capabilities(name: str, entry: dict[str, Any]) -> Capabilities:
    sizes = entry["sizes"]
    return Capabilities(
        name=name,
        label=entry["label"],
        sizes=None if sizes == "any" else tuple(Size(*map(int, text.split("x"))) for text in sizes),
        qualities=tuple(Quality(quality) for quality in entry["qualities"]),
        max_count=entry["max_count"],
        max_prompt=entry["max_prompt"],
        retires=entry.get("retires"),
        replacement=entry.get("replacement"),
    )
