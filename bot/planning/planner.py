"""The planner: turns a typed request into a plan, from memory alone, so that it can run before any query."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import (
    CountNotOffered,
    MemberError,
    ModelNotOffered,
    PromptMissing,
    PromptNotAllowed,
    PromptTooLong,
    QualityNotOffered,
    SizeFault,
    SizeNotDrawable,
)
from bot.generation.models import LEGACY_SIZES
from bot.limits.policy import Asker, GuildPolicy, resolve
from bot.limits.rules import Rule
from bot.model import ImageRequest, Quality, Size
from bot.planning.offers import (
    allowed_models,
    allowed_qualities,
    allowed_sizes,
    default_model,
    default_quality,
    default_size,
    judge,
    size_allowed,
)
from bot.planning.plan import Draft, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.generation.models import Capabilities
    from bot.generation.prices import PriceTable
    from bot.limits.policy import Limits

AUTO = "auto"

TYPICAL_PROMPT = "x" * 200
"""The prompt that price examples assume, of ordinary length."""

NO_LIMITS = resolve(GuildPolicy(0), Asker(0, 0), Rule(), Rule())
"""Limits that allow everything, for checks against the models' capabilities alone."""

_TIMES = re.compile(r"\s*[x×*]\s*")
"""The sign between width and height, in any spelling."""

_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs"})
"""Unicode categories of spaces, controls, formatting characters and halves of surrogate pairs."""

_BLANKS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that show nothing: fillers, the braille blank, variation selectors, the joiner U+034F."""


@dataclass(frozen=True, slots=True)
class PriceExample:
    """The most that one picture costs, in micro-dollars."""

    model: str
    size: Size
    quality: Quality
    price: int


class Planner:
    """Checks drafts, and suggests values while members type, from memory alone."""

    def __init__(self, models: Sequence[Capabilities], prices: PriceTable, *, salt: bytes) -> None:
        """Make a planner.

        Args:
            models: the models on offer, the default one first.
            prices: what they cost.
            salt: makes members' pseudonyms unique to this operator.
        """
        self._models = tuple(models)
        self._prices = prices
        self._salt = salt

    def check(self, draft: Draft, member_id: int) -> None:
        """Check a draft against what the models can draw, while the member's limits are unknown.

        Raises:
            MemberError: as ``plan``; if the draft names no model, only if no model on offer can draw it.
        """
        failure: MemberError | None = None
        for name in [draft.model] if draft.model else [model.name for model in self._models]:
            try:
                self.plan(dataclasses.replace(draft, model=name), member_id)
            except MemberError as error:
                failure = failure or error
            else:
                return
        if failure is not None:
            raise failure

    def plan(self, draft: Draft, member_id: int, limits: Limits = NO_LIMITS) -> Plan:
        """Return the plan for a draft, checked against the model's capabilities and the member's limits.

        Raises:
            PromptMissing, PromptTooLong, ModelNotOffered, SizeNotDrawable, QualityNotOffered,
            CountNotOffered: what the draft asks for cannot be drawn.
            NotAllowed: it could be drawn, but not for this member.
        """
        model = self._model(draft.model, limits)
        prompt = _checked_prompt(draft.prompt, model, limits)
        if not 1 <= draft.count <= model.max_count:
            raise CountNotOffered(draft.count, model.label, model.max_count)
        size, scale_to = _canvas(draft.size, model, limits)
        quality = _checked_quality(draft.quality, model, limits)
        judge(
            limits,
            size=scale_to or size,
            quality=quality,
            count=draft.count,
            model=model,
            models=self._models,
        )
        request = ImageRequest(
            prompt=prompt,
            model=model.name,
            count=draft.count,
            size=size,
            quality=quality,
            user=self._pseudonym(member_id),
        )
        estimate = self._prices.estimate(model, prompt=prompt, size=size, quality=quality, count=draft.count)
        return Plan(request, model, estimate, scale_to)

    # --- suggestions ----------------------------------------------------------------------------

    def suggest_sizes(self, model_name: str | None, typed: str, limits: Limits) -> tuple[str, ...]:
        """Suggest sizes: the one typed, if it can be drawn, then popular ones."""
        model = self._known_model(model_name, limits)
        wanted = Size.parse(typed)
        drawable = wanted is not None and (wanted in LEGACY_SIZES or model.size_fault(wanted) is None)
        exact = [wanted] if wanted and drawable and size_allowed(limits, wanted) else []
        needle = str(wanted) if wanted else _TIMES.sub("x", typed.strip().lower())
        offered = dict.fromkeys((*exact, *allowed_sizes(limits, model)))
        found = [text for size in offered if needle in (text := str(size))]
        if needle and needle in AUTO and size_allowed(limits, None):
            found.append(AUTO)
        return tuple(found or map(str, _near(model, wanted, limits)))

    def suggest_qualities(self, model_name: str | None, typed: str, limits: Limits) -> tuple[str, ...]:
        """Suggest the model's allowed qualities that contain the typed text."""
        needle = typed.strip().lower()
        model = self._known_model(model_name, limits)
        return tuple(quality.value for quality in allowed_qualities(limits, model) if needle in quality.value)

    def suggest_counts(self, model_name: str | None, limits: Limits) -> range:
        """Suggest how many pictures to draw at once, within the model's and the member's limits."""
        model = self._known_model(model_name, limits)
        most = limits.values.max_count
        return range(1, (model.max_count if most is None else min(most, model.max_count)) + 1)

    def suggest_models(self, typed: str, limits: Limits) -> tuple[tuple[str, str], ...]:
        """Suggest allowed models whose label or name contains the typed text: label and name of each."""
        needle = typed.strip().lower()
        return tuple(
            (model.label, model.name)
            for model in allowed_models(limits, self._models)
            if needle in model.label.lower() or needle in model.name.lower()
        )

    def price_examples(self, limits: Limits) -> tuple[PriceExample, ...]:
        """Price one picture of the default size with each model and quality the member may use."""
        return tuple(
            PriceExample(
                model.label,
                size,
                quality,
                self._prices.estimate(model, prompt=TYPICAL_PROMPT, size=size, quality=quality, count=1),
            )
            for model in allowed_models(limits, self._models)
            for size in (default_size(limits, model),)
            for quality in allowed_qualities(limits, model)
        )

    # --- models and members ---------------------------------------------------------------------

    def _known_model(self, name: str | None, limits: Limits) -> Capabilities:
        """Return the model that a half-typed command names, or the default one."""
        try:
            return self._model(name, limits)
        except ModelNotOffered:
            return default_model(limits, self._models)

    def _model(self, name: str | None, limits: Limits) -> Capabilities:
        if not name:
            return default_model(limits, self._models)
        wanted = name.strip().lower()
        for model in self._models:
            if wanted in {model.name.lower(), model.label.lower()}:
                return model
        raise ModelNotOffered(name, [model.label for model in allowed_models(limits, self._models)])

    def _pseudonym(self, member_id: int) -> str:
        """Hash a member's id: it tells members apart for Azure's abuse monitoring, but not who they are."""
        return hmac.new(self._salt, str(member_id).encode(), hashlib.sha256).hexdigest()[:32]


def _checked_prompt(prompt: str, model: Capabilities, limits: Limits) -> str:
    # Drop lone surrogates: UTF-8, and so JSON, cannot encode them.
    prompt = prompt.encode("utf-8", "ignore").decode().strip()
    if not any(_is_visible(character) for character in prompt):
        raise PromptMissing("nothing to draw")
    if len(prompt) > model.max_prompt:
        raise PromptTooLong(len(prompt), model.max_prompt)
    most = limits.values.max_prompt_length
    if most is not None and len(prompt) > most:
        raise PromptNotAllowed(len(prompt), most)
    return prompt


def _is_visible(character: str) -> bool:
    """Return whether a character is visible: no space, control or formatting character (zero-width joiner).

    Unassigned ones count as visible: this Python's Unicode may be older than a member's emoji.
    """
    return unicodedata.category(character) not in _INVISIBLE and not _BLANKS.match(character)


def _checked_quality(typed: str | None, model: Capabilities, limits: Limits) -> Quality:
    if not typed:
        return default_quality(limits, model)
    wanted = typed.strip().lower()
    for quality in model.qualities:
        if quality.value == wanted:
            return quality
    offered = [quality.value for quality in allowed_qualities(limits, model)]
    raise QualityNotOffered(typed, model.label, offered)


def _canvas(typed: str | None, model: Capabilities, limits: Limits) -> tuple[Size | None, Size | None]:
    """Return the size to draw, and the size to scale it down to, if any."""
    if typed and typed.strip().lower() == AUTO:
        return None, None
    size = Size.parse(typed) if typed else default_size(limits, model)
    if size in LEGACY_SIZES:
        return model.canvas_for(size), size
    if not typed:
        return size, None
    fault = model.size_fault(size) if size else SizeFault.MALFORMED
    if size is None or fault is not None:
        near = [str(near) for near in _near(model, size, limits)]
        raise SizeNotDrawable(typed, model.label, fault or SizeFault.MALFORMED, near)
    return size, None


def _near(model: Capabilities, size: Size | None, limits: Limits) -> Sequence[Size]:
    """Return allowed sizes close to ``size``, or else a few other allowed sizes."""
    near = [candidate for candidate in model.nearest_sizes(size) if size_allowed(limits, candidate)]
    return near or allowed_sizes(limits, model)[:3]
