"""The files of a message, and how those of a job are known again."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord

if TYPE_CHECKING:
    from collections.abc import Mapping

SPOILER = "SPOILER_"
"""What Discord puts before the name of a file that is hidden until clicked."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a delivery; the bytes are kept, because discord.py's ``File`` is spent by each call."""

    data: bytes
    filename: str
    description: str
    spoiler: bool

    def file(self) -> discord.File:
        """A fresh ``File`` over the same bytes, which are not copied."""
        return discord.File(
            io.BytesIO(self.data), self.filename, description=self.description, spoiler=self.spoiler
        )


def picture_name(interaction_id: int, number: int, extension: str) -> str:
    """What the file of a job's picture is called."""
    return f"{_beginning(interaction_id)}{number}.{extension}"


def has_pictures_of(message: Mapping[str, Any], interaction_id: int) -> bool:
    """Whether a message carries pictures of that job."""
    names = (str(attachment.get("filename")) for attachment in message.get("attachments") or ())
    return any(name.removeprefix(SPOILER).startswith(_beginning(interaction_id)) for name in names)


def _beginning(interaction_id: int) -> str:
    return f"easel-{interaction_id}-"
