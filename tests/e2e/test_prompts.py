"""Any text a member can type is drawn as typed and shown harmlessly, or refused in private."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.world.ids import ARTISTS, GALLERY, MEMBER_TWO
from tests.e2e.alone import calm, public_messages
from tests.e2e.asking import ask, ask_past_autocompletion

if TYPE_CHECKING:
    from sandbox.server import Sandbox


pytestmark = pytest.mark.usefixtures("quiet_log")

ALT_TEXT = 1024
"""Most characters of an attachment's description (Discord, resources/message)."""

BLANK = {
    "spaces": "   ",
    "zero-width": "\u200b\u200c\u200d\u2060\ufeff",
    "spaces-of-all-kinds": "\u00a0\u2003\u3000\u202f",
    "bidi-controls": "\u202e\u2066\u2069\u200f",
    "controls": "\t\r\n\x07",
    "blank-letters": "\u3164\u115f\u2800",
}

SHOWN_AS_TYPED = {
    "right-to-left": "شمس تغرب خلف الجبال",
    "hebrew-and-digits": "3 חתולים על גג אדום",
    "emoji": "🌊🏔️ at night",
    "joined-emoji": "👩‍👩‍👧‍👦 under a 🏳️‍🌈 flag, 👍🏽",
    "combining": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "astral": "𝔞 𝔱𝔬𝔴𝔢𝔯 and 𠮷野家",
    "nothing-special": "a plain lighthouse, quite 100% still; 2 + 2 = 4",
}

MARKDOWN = "# **bold** _it_ ~~gone~~ `code` ||hidden|| > quote [text](https://example.com) - item * star \\"


def sent_to_azure(sandbox: Sandbox) -> str:
    (request,) = sandbox.azure.requests
    return str(request.body["prompt"])


def shown(text: str) -> str:
    """The line of a message that repeats the prompt, without what keeps its direction to itself."""
    return text.splitlines()[0].removeprefix("\u2068").removesuffix("\u2069")


@pytest.mark.parametrize("prompt", BLANK.values(), ids=BLANK)
async def test_a_prompt_with_nothing_to_see_is_refused_in_private(sandbox: Sandbox, prompt: str) -> None:
    ending = await ask_past_autocompletion(sandbox, prompt=prompt)
    await calm(sandbox, 0.3)

    assert "nothing to draw" in ending.text
    assert ending.invocation.ephemeral
    assert public_messages(sandbox, ending.invocation) == []
    assert sandbox.azure.requests == []
    assert len(sandbox.discord.requests) == 1


async def test_an_empty_prompt_is_refused_in_private(sandbox: Sandbox) -> None:
    ending = await ask_past_autocompletion(sandbox, prompt="")

    assert ending.invocation.ephemeral
    assert "Nothing was charged" in ending.text
    assert sandbox.azure.requests == []


@pytest.mark.parametrize("prompt", SHOWN_AS_TYPED.values(), ids=SHOWN_AS_TYPED)
async def test_a_prompt_in_any_script_is_drawn_and_shown_as_typed(sandbox: Sandbox, prompt: str) -> None:
    ending = await ask(sandbox, prompt)

    assert sent_to_azure(sandbox) == prompt
    assert shown(ending.text) == prompt
    assert ending.pictures[0]["description"] == prompt


async def test_a_prompt_of_6000_characters_is_drawn_whole_and_shown_short(sandbox: Sandbox) -> None:
    prompt = ("a very long road through a very wide land " * 200)[:6000].strip().ljust(6000, "!")

    ending = await ask(sandbox, prompt, count=2)

    assert sent_to_azure(sandbox) == prompt
    assert len(ending.text) < 600
    assert shown(ending.text).endswith("…")
    assert shown(ending.text)[:200] == prompt[:200]
    for number, picture in enumerate(ending.pictures, 1):
        assert len(picture["description"]) == ALT_TEXT
        assert picture["description"].startswith(prompt[:1000])
        assert picture["description"].endswith(f"… ({number} of 2)")


async def test_6000_characters_of_markdown_still_fit_into_a_message(sandbox: Sandbox) -> None:
    prompt = "*" * 3000 + "@" * 3000

    ending = await ask(sandbox, prompt)

    assert sent_to_azure(sandbox) == prompt
    assert len(ending.text) <= 2000
    assert len(ending.pictures) == 1


async def test_a_prompt_longer_than_the_model_takes_is_refused_in_private(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, "x" * 4001, model="gpt-image-1-mini")

    assert "4,001 characters and this model takes 4,000" in ending.text
    assert ending.invocation.ephemeral
    assert sandbox.azure.requests == []


@pytest.mark.parametrize(
    "mention",
    [
        "@everyone",
        "@here",
        f"<@{MEMBER_TWO}>",
        f"<@!{MEMBER_TWO}>",
        f"<@&{ARTISTS}>",
        f"<#{GALLERY}>",
        "</imagine:1>",
        "<t:0:R>",
        "<:smile:1234567890123456789>",
        "<id:customize>",
    ],
)
async def test_a_mention_is_drawn_as_typed_and_pings_nobody(sandbox: Sandbox, mention: str) -> None:
    prompt = f"a portrait of {mention} in oil"

    ending = await ask(sandbox, prompt)

    assert sent_to_azure(sandbox) == prompt
    assert ending.message["mentions"] == []
    assert ending.message["mention_roles"] == []
    assert ending.message["mention_everyone"] is False
    assert mention not in ending.text
    assert ending.pictures[0]["description"] == prompt


async def test_a_refusal_that_repeats_what_was_typed_pings_nobody(sandbox: Sandbox) -> None:
    typed = f"@everyone <@{MEMBER_TWO}> https://example.com"

    ending = await ask_past_autocompletion(sandbox, prompt="a cat", size=typed)

    assert ending.message["mentions"] == []
    assert ending.message["mention_everyone"] is False
    assert typed not in ending.text
    assert "://" not in ending.text


async def test_markdown_is_shown_as_typed(sandbox: Sandbox) -> None:
    ending = await ask(sandbox, MARKDOWN)

    assert sent_to_azure(sandbox) == MARKDOWN
    line = shown(ending.text).replace("\u200b", "")
    assert re.sub(r"\\(.)", r"\1", line) == MARKDOWN
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|>#\[\]()]", line)


async def test_backticks_and_backslashes_cannot_break_out(sandbox: Sandbox) -> None:
    prompt = "```\\`\\\\``` \\*not bold\\* `\\"

    ending = await ask(sandbox, prompt)

    assert sent_to_azure(sandbox) == prompt
    line = shown(ending.text)
    assert re.sub(r"\\(.)", r"\1", line) == prompt
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*]", line)


async def test_a_link_is_not_unfurled(sandbox: Sandbox) -> None:
    prompt = "the page https://example.com/a?b=c and http://example.org as a book"

    ending = await ask(sandbox, prompt)

    assert sent_to_azure(sandbox) == prompt
    assert "://" not in ending.text
    assert ending.message["embeds"] == []


async def test_bidi_controls_cannot_turn_the_message_round(sandbox: Sandbox) -> None:
    prompt = "a sign \u202ethat reads\u2066 backwards\u200f"

    ending = await ask(sandbox, prompt)

    assert sent_to_azure(sandbox) == prompt
    assert shown(ending.text) == "a sign that reads backwards"
    assert ending.text.splitlines()[0].startswith("\u2068")
    assert ending.text.splitlines()[0].endswith("\u2069")


async def test_zero_width_characters_inside_a_prompt_are_left_alone(sandbox: Sandbox) -> None:
    prompt = "in\u200bvis\u200di\u2060ble"

    ending = await ask(sandbox, prompt)

    assert sent_to_azure(sandbox) == prompt
    assert len(ending.pictures) == 1


async def test_a_prompt_of_several_lines_is_shown_on_one(sandbox: Sandbox) -> None:
    prompt = "first line\n# not a heading\n-# not small\n\n> not a quote\r\n\tlast"

    ending = await ask_past_autocompletion(sandbox, prompt=prompt)

    assert sent_to_azure(sandbox) == prompt
    assert len(ending.text.splitlines()) == 2
    assert "first line \\# not a heading" in ending.text
    assert "\n" not in ending.pictures[0]["description"]
