"""The use cases: what a member can ask the bot to do, free of Discord and of Azure.

``plan`` and the suggestions work from memory alone, so that a command can be judged, and refused in
private, before it is acknowledged. ``paint`` does the work.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.archive.keys import original_key
from bot.errors import (
    ArchiveError,
    CountNotOffered,
    ModelNotOffered,
    PromptMissing,
    PromptTooLong,
    QualityNotOffered,
    SizeFault,
    SizeNotDrawable,
)
from bot.generation.models import LEGACY_SIZES, STANDARD_SIZES
from bot.imaging.fit import Attachment, fit
from bot.imaging.scale import scale
from bot.model import GeneratedImage, Generation, ImageRequest, Quality, Size

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from bot.archive.store import Archive
    from bot.generation.deployments import Fleet
    from bot.generation.models import Capabilities, ModelTable
    from bot.generation.service import GenerationService, OnWait
    from bot.imaging.workers import ImagingPool

_log = logging.getLogger(__name__)

ARCHIVE_TIMEOUT = 20.0
"""Seconds the archive may take for one picture before the member gets it unarchived."""

AUTO = "auto"

_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs"})
"""Unicode categories of spaces, controls, formatting characters and halves of surrogate pairs."""

_BLANKS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that show nothing: fillers, the braille blank, variation selectors, the joiner U+034F."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A request as a member typed it, nothing checked yet.

    Attributes:
        size: ``WIDTHxHEIGHT`` or ``auto``; None for the default.
        quality: a quality's name; None for the default.
        model: a model's name; None for the operator's default.
    """

    prompt: str
    size: str | None = None
    quality: str | None = None
    count: int = 1
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that can be drawn.

    Attributes:
        request: what Azure is asked for.
        model: what can be said of the model.
        scale_to: pixels to scale the result down to; None to leave it as drawn.
    """

    request: ImageRequest
    model: Capabilities
    scale_to: Size | None = None


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished request.

    Attributes:
        plan: what was asked.
        originals: Azure's pictures, untouched.
        shown: what members are shown, one for one: the originals, or scaled down where asked.
        filtered: pictures the content filter held back.
        missing: pictures that never came, for any other reason.
        archived: whether every original was kept.
        deployment: the deployment that drew them, for the log.
        request_id: Azure's id of the call, for its support; empty if it gave none.
    """

    plan: Plan
    originals: tuple[GeneratedImage, ...]
    shown: tuple[GeneratedImage, ...]
    filtered: int
    missing: int
    archived: bool
    deployment: str
    request_id: str


class Studio:
    """Plans and paints pictures for members."""

    def __init__(
        self,
        fleet: Fleet,
        models: ModelTable,
        generation: GenerationService,
        archive: Archive,
        pool: ImagingPool,
        *,
        salt: bytes,
    ) -> None:
        self._fleet = fleet
        self._models = models
        self._generation = generation
        self._archive = archive
        self._pool = pool
        self._salt = salt

    # --- judged from memory ---------------------------------------------------------------------

    def plan(self, draft: Draft, member_id: int) -> Plan:
        """Check a draft against what the model can draw.

        Raises:
            PromptMissing, PromptTooLong, ModelNotOffered, SizeNotDrawable, QualityNotOffered,
            CountNotOffered: what the draft asks for cannot be drawn.
        """
        model = self._model(draft.model)
        prompt = _checked_prompt(draft.prompt, model)
        if not 1 <= draft.count <= model.max_count:
            raise CountNotOffered(draft.count, model.label, model.max_count)
        size, scale_to = _canvas(draft.size, model)
        request = ImageRequest(
            prompt=prompt,
            model=model.name,
            count=draft.count,
            size=size,
            quality=_checked_quality(draft.quality, model),
            user=self._pseudonym(member_id),
        )
        return Plan(request, model, scale_to)

    def suggest_sizes(self, model_name: str | None, typed: str) -> tuple[str, ...]:
        """Sizes to offer while a member types: what is typed, if it can be drawn, then popular ones."""
        model = self._known_model(model_name)
        wanted = Size.parse(typed)
        exact = [wanted] if wanted and (wanted in LEGACY_SIZES or model.size_fault(wanted) is None) else []
        offered = (*exact, *model.offered_sizes(), *LEGACY_SIZES)
        needle = typed.strip().lower().replace("×", "x")
        found = [text for size in dict.fromkeys(offered) if needle in (text := str(size))]
        return tuple(found or map(str, model.nearest_sizes(wanted)))

    def suggest_qualities(self, model_name: str | None, typed: str) -> tuple[str, ...]:
        """Qualities the model knows that contain what was typed."""
        needle = typed.strip().lower()
        return tuple(q.value for q in self._known_model(model_name).qualities if needle in q.value)

    def suggest_models(self, typed: str) -> tuple[tuple[str, str], ...]:
        """Label and name of the models on offer that contain what was typed."""
        needle = typed.strip().lower()
        models = [self._models[name] for name in self._fleet.models]
        return tuple(
            (m.label, m.name) for m in models if needle in m.label.lower() or needle in m.name.lower()
        )

    def _known_model(self, name: str | None) -> Capabilities:
        """The model a half-typed command means, or the default one."""
        try:
            return self._model(name)
        except ModelNotOffered:
            return self._models[self._fleet.default_model]

    def _model(self, name: str | None) -> Capabilities:
        if not name:
            return self._models[self._fleet.default_model]
        wanted = name.strip().lower()
        for offered in self._fleet.models:
            model = self._models[offered]
            if wanted in {model.name.lower(), model.label.lower()}:
                return model
        raise ModelNotOffered(name, [self._models[offered].label for offered in self._fleet.models])

    def _pseudonym(self, member_id: int) -> str:
        """What tells members apart for Azure's abuse monitoring without telling who they are."""
        return hmac.new(self._salt, str(member_id).encode(), hashlib.sha256).hexdigest()[:32]

    # --- the work -------------------------------------------------------------------------------

    async def paint(
        self, plan: Plan, job_id: int, asked_at: dt.datetime, *, time_left: float, on_wait: OnWait
    ) -> Painting:
        """Draw, check, keep and, where asked, scale the pictures.

        Args:
            plan: what to draw.
            job_id: the interaction's id; with ``asked_at`` it names the originals in the archive.
            asked_at: when the member asked, aware.
            time_left: seconds until there is no message left to deliver to.
            on_wait: told when Azure makes the job wait.

        Raises:
            GenerationError, PromptRefused, OutputFiltered: as ``GenerationService.generate``.
        """
        generation = await self._generation.generate(plan.request, time_left=time_left, on_wait=on_wait)
        archived = await self._keep(generation.images, job_id, asked_at)
        shown = generation.images
        if plan.scale_to is not None:
            shown = tuple([await self._pool.run(scale, image, plan.scale_to) for image in generation.images])
        return _painting(plan, generation, shown, archived=archived)

    async def attachments(
        self, painting: Painting, *, file_limit: int, total_limit: int
    ) -> tuple[Attachment, ...]:
        """The pictures as files to upload, derived ones where an original does not fit.

        Args:
            painting: what was drawn.
            file_limit: most bytes of one file.
            total_limit: most bytes of all files together.
        """
        if all(len(image.data) <= file_limit for image in painting.shown) and (
            sum(len(image.data) for image in painting.shown) <= total_limit
        ):
            return fit(painting.shown, file_limit=file_limit, total_limit=total_limit)  # nothing to encode
        return await self._pool.run(fit, painting.shown, file_limit=file_limit, total_limit=total_limit)

    async def _keep(self, images: Sequence[GeneratedImage], job_id: int, asked_at: dt.datetime) -> bool:
        """Archive the originals; a full disk is the operator's trouble, the member still gets the picture."""
        try:
            async with asyncio.timeout(ARCHIVE_TIMEOUT):
                for index, image in enumerate(images, 1):
                    await self._archive.keep(original_key(asked_at, job_id, index, image.format), image.data)
        except (ArchiveError, TimeoutError) as error:
            _log.error("job %d: originals not archived: %s", job_id, str(error) or "no answer in time")
            return False
        return True


def _painting(
    plan: Plan, generation: Generation, shown: tuple[GeneratedImage, ...], *, archived: bool
) -> Painting:
    missing = plan.request.count - len(generation.images) - generation.filtered
    return Painting(
        plan=plan,
        originals=generation.images,
        shown=shown,
        filtered=generation.filtered,
        missing=max(0, missing),
        archived=archived,
        deployment=generation.deployment,
        request_id=generation.request_id,
    )


def _checked_prompt(prompt: str, model: Capabilities) -> str:
    # Half a surrogate pair is no text; UTF-8, and so JSON, cannot carry it.
    prompt = prompt.encode("utf-8", "ignore").decode().strip()
    if not any(_is_visible(character) for character in prompt):
        raise PromptMissing("nothing to draw")
    if len(prompt) > model.max_prompt:
        raise PromptTooLong(len(prompt), model.max_prompt)
    return prompt


def _is_visible(character: str) -> bool:
    """Whether a character can be seen: no space, control, or formatting one such as a zero-width joiner.

    Unassigned ones count as visible: this Python's Unicode may be older than a member's emoji.
    """
    return unicodedata.category(character) not in _INVISIBLE and not _BLANKS.match(character)


def _checked_quality(typed: str | None, model: Capabilities) -> Quality:
    if not typed:
        return Quality.MEDIUM
    wanted = typed.strip().lower()
    for quality in model.qualities:
        if quality.value == wanted:
            return quality
    raise QualityNotOffered(typed, model.label, [quality.value for quality in model.qualities])


def _canvas(typed: str | None, model: Capabilities) -> tuple[Size | None, Size | None]:
    """The size to draw, and the size to scale it down to, if any."""
    if not typed:
        return STANDARD_SIZES[0], None
    if typed.strip().lower() == AUTO:
        return None, None
    size = Size.parse(typed)
    if size in LEGACY_SIZES:
        return model.canvas_for(size), size
    fault = model.size_fault(size) if size else SizeFault.MALFORMED
    if size is None or fault is not None:
        raise SizeNotDrawable(
            typed,
            model.label,
            fault or SizeFault.MALFORMED,
            [str(near) for near in model.nearest_sizes(size)],
        )
    return size, None
