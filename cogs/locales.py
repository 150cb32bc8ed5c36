"""Localisation by the standard library's gettext; English is in the code, other languages beside it.

A translator adds ``cogs/catalogues/<locale>/LC_MESSAGES/easel.mo``, and no code changes; the locale is
Discord's code with an underscore, such as ``de`` or ``pt_BR``. A built wheel includes the catalogues as
package data (``pyproject.toml``). The messages are those wrapped in ``_(...)``, or in ``N_(...)`` in a table
translated when it is read, and the command texts that discord.py passes to ``CommandTranslator``.
"""

from __future__ import annotations

import functools
import gettext
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from discord import app_commands

if TYPE_CHECKING:
    from discord import Locale
    from discord.app_commands import TranslationContextTypes, locale_str

DIRECTORY = Path(__file__).with_name("catalogues")

Translate = Callable[[str], str]
"""Turns an English text into the reader's language."""


def N_(text: str) -> str:  # noqa: N802 - what tools for gettext know it by
    """Mark a text that is translated later."""
    return text


@functools.cache
def translations(code: str) -> gettext.NullTranslations:
    """Load the catalogue for a locale code such as ``pt-BR``; without one, texts stay English."""
    return gettext.translation("easel", DIRECTORY, languages=[code.replace("-", "_")], fallback=True)


def translator_for(locale: Locale | str) -> Translate:
    """Return the function that translates into the language of ``locale``, which may be just its code."""
    return translations(locale if isinstance(locale, str) else locale.value).gettext


class CommandTranslator(app_commands.Translator):
    """Translates command names and descriptions when they are registered."""

    async def translate(
        self,
        string: locale_str,
        locale: Locale,
        context: TranslationContextTypes,  # noqa: ARG002 - the base class's signature
    ) -> str | None:
        """Return the text in ``locale``; None keeps the default."""
        translated = translator_for(locale)(string.message)
        return translated if translated != string.message else None
