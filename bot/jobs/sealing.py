"""Encryption of jobs for the database, because they hold prompts and the tokens to edit their answers.

The key is derived from the bot's token, which is not in the database; whoever has it can do worse anyway.
With another token, as after a reset in the developer portal, earlier jobs can no longer be read.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.jobs.job import Address, Job
from bot.model import ImageRequest, Quality, Size
from bot.planning.plan import Plan

if TYPE_CHECKING:
    from bot.generation.models import ModelTable


class Unreadable(Exception):
    """A sealed job or text was sealed with another token, or is damaged."""


class Seal:
    """Seals jobs, and opens them again."""

    def __init__(self, secret: str, models: ModelTable) -> None:
        """Make a seal.

        Args:
            secret: the bot's token.
            models: gives the capabilities of a job's model, by its name.
        """
        derived = HKDF(hashes.SHA256(), length=32, salt=None, info=b"easel jobs").derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))
        self._models = models

    def close(self, job: Job) -> bytes:
        """Return the job encrypted: some hundred bytes plus its prompt."""
        request = job.plan.request
        kept = {
            "address": dataclasses.asdict(job.address),
            "received_at": job.received_at.isoformat(),
            "priority": job.priority,
            "server_budget": job.server_budget,
            "operator_budget": job.operator_budget,
            "prompt": request.prompt,
            "model": request.model,
            "count": request.count,
            "size": str(request.size) if request.size else None,
            "quality": request.quality.value,
            "user": request.user,
            "estimate": job.plan.estimate,
            "scale_to": str(job.plan.scale_to) if job.plan.scale_to else None,
        }
        return self._fernet.encrypt(orjson.dumps(kept))

    def open(self, sealed: bytes) -> Job:
        """Return the job that was sealed.

        Raises:
            Unreadable: it cannot be read.
        """
        try:
            return self._job(orjson.loads(self._fernet.decrypt(sealed)))
        except (InvalidToken, ValueError, KeyError, TypeError) as error:
            raise Unreadable(type(error).__name__) from error

    def close_text(self, text: str) -> bytes:
        """Return a text encrypted."""
        return self._fernet.encrypt(text.encode())

    def open_text(self, sealed: bytes) -> str:
        """Return the text that was sealed.

        Raises:
            Unreadable: it cannot be read.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except (InvalidToken, ValueError) as error:
            raise Unreadable(type(error).__name__) from error

    def _job(self, kept: dict[str, Any]) -> Job:
        request = ImageRequest(
            prompt=kept["prompt"],
            model=kept["model"],
            count=kept["count"],
            size=_size(kept["size"]),
            quality=Quality(kept["quality"]),
            user=kept["user"],
        )
        plan = Plan(request, self._models[request.model], kept["estimate"], _size(kept["scale_to"]))
        return Job(
            address=Address(**kept["address"]),
            plan=plan,
            received_at=dt.datetime.fromisoformat(kept["received_at"]),
            priority=kept["priority"],
            server_budget=kept["server_budget"],
            operator_budget=kept["operator_budget"],
        )


def _size(text: str | None) -> Size | None:
    return Size.parse(text) if text else None
