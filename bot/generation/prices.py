"""What pictures cost, in micro-dollars (millionths of a US dollar), before and after they are drawn.

Azure bills tokens: those of the prompt, and those of every picture, whose number depends on size and
quality. A price in dollars per million tokens is the same number in micro-dollars per token. The figures
are data, in ``models.toml``, and operators may override them in ``easel.toml``.
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.generation.models import MOST_PIXELS, TEXT
from bot.model import Quality, Size

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from bot.generation.models import Capabilities
    from bot.model import Usage

PROMPT_MARGIN = 32
"""Tokens added to a prompt's bytes, for whatever the service may put around the prompt.

A token is at least one byte of UTF-8, so a prompt never has more tokens than bytes. How many it adds
is not published; this many cost $0.00016 with the dearest model.
"""

_MOST_TOKENS = 10**9
"""A count above this is not that of one call but a faulty answer, and no database column has room for it."""

_SQUARE_OF_MOST_PIXELS = Size(math.isqrt(MOST_PIXELS), math.isqrt(MOST_PIXELS))
"""The dearest picture of a model that draws any size: 2880x2880, the most pixels allowed, in a square."""


def _rounded_up(micros: Decimal) -> int:
    return int(micros.to_integral_value(ROUND_CEILING))


# --- the operator's own prices ------------------------------------------------------------------


def _exact(value: object) -> object:
    """Return a TOML float as it is written (0.1 as a tenth); true and false are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number of dollars")  # noqa: TRY004 - pydantic reports ValueErrors only
    return Decimal(str(value))


_Dollars = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=10_000, decimal_places=6)]


class PriceOverride(BaseModel):
    """One ``[prices."model"]`` table of ``easel.toml``.

    Attributes:
        text_input: dollars per million tokens of the prompt.
        image_input: dollars per million tokens of pictures handed in.
        output: dollars per million tokens of pictures drawn.
        per_image: dollars per picture, for a model that is not billed by tokens.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    text_input: _Dollars | None = None
    image_input: _Dollars | None = None
    output: _Dollars | None = None
    per_image: _Dollars | None = None

    @model_validator(mode="after")
    def _one_way_of_billing(self) -> Self:
        by_tokens = {self.text_input, self.image_input, self.output} != {None}
        if by_tokens == (self.per_image is not None):
            raise ValueError("needs either per_image, or some of text_input, image_input and output")
        return self


# --- the table ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Price:
    """What one model costs, and what decides how many tokens a picture takes.

    Attributes:
        text_input, image_input, output: micro-dollars per token.
        per_image: micro-dollars per picture; if it is set, the token prices do not count.
        tokens: tokens of a picture by size and quality, for models that draw listed sizes.
        detail: cells on the long edge by quality, for models that draw any size; see ``_grid_tokens``.
    """

    text_input: Decimal
    image_input: Decimal
    output: Decimal
    per_image: Decimal | None = None
    tokens: Mapping[Size, Mapping[Quality, int]] = field(default_factory=dict)
    detail: Mapping[Quality, int] = field(default_factory=dict)

    def picture_tokens(self, size: Size | None, quality: Quality) -> int:
        """Return the most tokens one picture takes; what is open or not listed counts as the dearest."""
        if self.detail:
            detail = self.detail.get(quality, max(self.detail.values()))
            return _grid_tokens(size or _SQUARE_OF_MOST_PIXELS, detail)
        listed = self.tokens.get(size) if size else None
        rows = [listed] if listed else self.tokens.values()
        return max(row.get(quality, max(row.values())) for row in rows)

    @property
    def most_tokens(self) -> int:
        """Tokens of the dearest picture the model draws."""
        return self.picture_tokens(None, Quality.AUTO)


def _grid_tokens(size: Size, detail: int) -> int:
    """Return the tokens of a picture of any size.

    The long edge is cut into ``detail`` pieces and the short one in proportion; the more pixels there
    are, the more each cell counts. Microsoft does not publish the formula; users worked it out from their
    bills. It agrees with every figure of the price lists of gpt-image-2 and 2.5.
    """
    long, short = max(size.width, size.height), min(size.width, size.height)
    across = (2 * detail * short + long) // (2 * long)
    return -(-detail * across * (2_000_000 + size.pixels) // 4_000_000)


@dataclass(frozen=True, slots=True)
class PriceTable:
    """What every model costs, and the day the list was last checked against Azure's.

    Attributes:
        prices: by the model's name.
        checked: the day the prices were read; the operator's own are newer.
        fallback: what a model without a price is assumed to cost: the dearest of everything.
    """

    prices: Mapping[str, Price]
    checked: dt.date
    fallback: Price

    def priced(self, model_name: str) -> bool:
        """Return whether the model's price is known, rather than assumed to be the dearest of the table."""
        return model_name in self.prices

    def estimate(
        self, model: Capabilities, *, prompt: str, size: Size | None, quality: Quality, count: int
    ) -> int:
        """Return the most that one call can cost, in micro-dollars.

        Args:
            model: the model that draws.
            prompt: the prompt.
            size: what is drawn, not what the result is scaled down to; None leaves it to the model.
            quality: the requested quality.
            count: how many pictures.
        """
        price = self.prices.get(model.name, self.fallback)
        if price.per_image is not None:
            return _rounded_up(count * price.per_image)
        text = len(prompt.encode("utf-8", "surrogatepass")) + PROMPT_MARGIN
        output = count * price.picture_tokens(size, quality)
        return _rounded_up(text * price.text_input + output * price.output)

    def cost(self, model_name: str, usage: Usage | None) -> int | None:
        """Return what a call cost, in micro-dollars, rounded up.

        Returns:
            None if the usage does not tell, and the estimate applies: there is no usage, or an impossible
            one, or the model is billed per picture, or its price is not known.
        """
        price = self.prices.get(model_name)
        if usage is None or price is None or price.per_image is not None:
            return None
        if usage.output <= 0 or max(usage.text_input, usage.image_input, usage.output) > _MOST_TOKENS:
            return None  # a picture always takes tokens
        return _rounded_up(
            usage.text_input * price.text_input
            + usage.image_input * price.image_input
            + usage.output * price.output
        )


def load_prices(overrides: Mapping[str, PriceOverride] | None = None, text: str = TEXT) -> PriceTable:
    """Read the prices from the text of ``models.toml``, overridden by the operator's own.

    A model that only the operator prices is assumed to need as many tokens as the dearest one listed,
    and to cost as much wherever they give no price.
    """
    document = tomllib.loads(text, parse_float=Decimal)
    prices = {name: _price(entry) for name, entry in document["prices"].items()}
    fallback = _dearest(list(prices.values()))
    for name, override in (overrides or {}).items():
        prices[name] = _overridden(prices.get(name, fallback), override)
    return PriceTable(prices, document["prices_checked"], fallback)


def _overridden(price: Price, override: PriceOverride) -> Price:
    if override.per_image is not None:
        return dataclasses.replace(price, per_image=override.per_image * 1_000_000)
    return dataclasses.replace(price, **override.model_dump(exclude_none=True))


def _price(entry: dict[str, Any]) -> Price:
    return Price(
        text_input=Decimal(entry["text_input"]),
        image_input=Decimal(entry["image_input"]),
        output=Decimal(entry["output"]),
        tokens={
            Size(*map(int, size.split("x"))): {Quality(quality): tokens for quality, tokens in row.items()}
            for size, row in entry.get("tokens", {}).items()
        },
        detail={Quality(quality): detail for quality, detail in entry.get("detail", {}).items()},
    )


def _dearest(prices: Sequence[Price]) -> Price:
    """Return a price that no call of any model exceeds: every picture counts as the dearest of all."""
    dearest = max(prices, key=lambda price: price.most_tokens * price.output)
    return Price(
        text_input=max(price.text_input for price in prices),
        image_input=max(price.image_input for price in prices),
        output=dearest.output,
        tokens={_SQUARE_OF_MOST_PIXELS: {Quality.MAX: dearest.most_tokens}},
    )
