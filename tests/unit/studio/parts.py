from __future__ import annotations

from typing import TYPE_CHECKING

from bot.generation.deployments import Deployment, Fleet, Resource
from bot.generation.models import load_models
from bot.imaging.workers import ImagingPool
from bot.studio import Draft, Plan, Studio
from tests.fakes import FakeArchive, FakeGeneration, generation

if TYPE_CHECKING:
    from bot.model import Generation

RESOURCE = Resource("https://example.openai.azure.com", "v1", "scope")
MEMBER = 123456789012345678
ON_OFFER = ("gpt-image-2", "gpt-image-1-mini", "gpt-image-2.5-flare", "dall-e-2", "gpt-image-9")


def studio(
    answer: Generation | Exception | None = None,
    archive: FakeArchive | None = None,
    *,
    models: tuple[str, ...] = ON_OFFER,
    pool: ImagingPool | None = None,
    salt: bytes = b"salt",
) -> Studio:
    fleet = Fleet(tuple(Deployment(f"deployment-{n}", model, RESOURCE) for n, model in enumerate(models)))
    return Studio(
        fleet,
        load_models(),
        FakeGeneration(answer or generation()).as_service(),
        (archive or FakeArchive()).as_archive(),
        pool or ImagingPool(),
        salt=salt,
    )


def plan(draft: Draft, member: int = MEMBER) -> Plan:
    return studio().plan(draft, member)
