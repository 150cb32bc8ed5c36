from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from discord import Locale
from discord.app_commands import locale_str

from cogs.locales import DIRECTORY, CommandTranslator, translator_for

if TYPE_CHECKING:
    from discord.app_commands import TranslationContextTypes

NO_CONTEXT = cast("TranslationContextTypes", None)
UNTRANSLATED = [
    locale
    for locale in Locale
    if not any((DIRECTORY / name).exists() for name in (locale.value, locale.value.replace("-", "_")))
]


@pytest.mark.parametrize("locale", UNTRANSLATED, ids=lambda locale: locale.value)
def test_without_a_catalogue_texts_stay_english(locale: Locale) -> None:
    assert translator_for(locale)("Nothing was charged.") == "Nothing was charged."


@pytest.mark.parametrize("locale", UNTRANSLATED, ids=lambda locale: locale.value)
async def test_without_a_catalogue_commands_keep_their_default_texts(locale: Locale) -> None:
    text = locale_str("Draw a picture from a description.")
    assert await CommandTranslator().translate(text, locale, NO_CONTEXT) is None
