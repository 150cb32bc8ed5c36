from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.discord.webhooks import NO_PINGS
from bot.generation.models import load_models
from bot.imaging.fit import Attachment
from bot.jobs.drawing import Painting, Record
from bot.model import ImageRequest, Quality, Size
from bot.planning.plan import Plan
from bot.queue.estimates import Estimate, Place
from cogs.imagine.captions import (
    ALT_TEXT,
    SHOWN_PROMPT,
    alt_text,
    caption,
    deleted_note,
    drawing_note,
    interrupted_note,
    place_note,
    shown_prompt,
    waiting_note,
)
from cogs.quoting import escape, listed
from tests.fakes import image

MODELS = load_models()
MESSAGE = 2000
BIDI_CONTROLS = [
    chr(code) for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
]


def english(text: str) -> str:
    return text


# --- escaping -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "**bold**",
        "__underlined__",
        "*_~~||`",
        "```python print()```",
        "> quoted",
        ">>> quoted",
        "# heading",
        "-# small",
        "- item",
        "* item",
        "[words](address)",
        "<t:0:R>",
        "<:name:1>",
        "</imagine:1>",
        "<#1>",
        "<id:browse>",
        "\\*already escaped\\*",
    ],
)
def test_nothing_in_a_text_is_formatted(text: str) -> None:
    escaped = escape(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|>#\[\]()<-]", escaped)
    assert re.sub(r"\\(.)", r"\1", escaped) == text


@pytest.mark.parametrize("text", ["@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "@@everyone", "a@b"])
def test_no_mention_is_left_to_highlight(text: str) -> None:
    assert not re.search(r"@(?!\u200b)", escape(text))


@pytest.mark.parametrize(
    "text", ["https://example.com", "HTTP://EXAMPLE.COM", "<https://example.com>", "steam://run"]
)
def test_no_link_is_left_to_unfurl(text: str) -> None:
    assert "://" not in escape(text)


@pytest.mark.parametrize(
    "space", ["\n", "\r\n", "\n\n\n", "\t", "\u2028", "\u2029", "\x85", "\v", "\f", "   "]
)
def test_a_text_is_one_line_with_single_spaces(space: str) -> None:
    assert escape(f" one{space}two ") == "one two"


@pytest.mark.parametrize("control", BIDI_CONTROLS, ids=ascii)
def test_no_control_is_left_that_turns_text_round(control: str) -> None:
    assert escape(f"a{control}b") == "ab"


@pytest.mark.parametrize(
    "text", ["🎨", "👩‍🎨", "🏳️‍🌈", "😀🫨", "дом", "بيت جميل", "家", "naïve", "5 + 5 = 10!", "1. first"]
)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize("text", ["a\ud83db", "\udc00ab"], ids=ascii)
def test_half_a_surrogate_pair_is_dropped_because_no_message_can_carry_it(text: str) -> None:
    assert escape(text) == "ab"


def test_escaping_shows_what_was_typed() -> None:
    assert escape("a_b *c*") == r"a\_b \*c\*"
    assert escape("") == ""


# --- the prompt ---------------------------------------------------------------------------------


def test_a_prompt_is_fenced_off_from_what_follows() -> None:
    assert shown_prompt("a red bicycle") == "\u2068a red bicycle\u2069"


def test_a_prompt_cannot_open_the_fence() -> None:
    shown = shown_prompt("a\u2069\u202eb\u2068")
    assert (shown.count("\u2068"), shown.count("\u2069")) == (1, 1)
    assert shown[1:-1] == "ab"


def test_a_long_prompt_is_cut_and_shows_that_it_is() -> None:
    assert shown_prompt("x" * SHOWN_PROMPT)[1:-1] == "x" * SHOWN_PROMPT
    assert shown_prompt("x" * (SHOWN_PROMPT + 1))[1:-1] == "x" * (SHOWN_PROMPT - 1) + "…"
    assert shown_prompt("x" * (SHOWN_PROMPT - 2) + "  " + "y" * 100)[1:-1] == "x" * (SHOWN_PROMPT - 2) + "…"


# --- alt text -----------------------------------------------------------------------------------


def test_a_picture_s_alt_text_is_its_prompt() -> None:
    assert alt_text("a **red**\nbicycle", 1, 1, english) == "a **red** bicycle"


def test_of_several_pictures_each_says_which_it_is() -> None:
    assert alt_text("a red bicycle", 1, 2, english) == "a red bicycle (1 of 2)"
    assert alt_text("a red bicycle", 2, 4, english) == "a red bicycle (2 of 4)"
    assert alt_text("ein Rad", 2, 4, lambda text: text.replace("of", "von")) == "ein Rad (2 von 4)"


@pytest.mark.parametrize(
    ("length", "count", "whole"),
    [
        (1024, 1, True),
        (1025, 1, False),
        (6000, 1, False),
        (1015, 4, True),
        (1016, 4, False),
        (6000, 10, False),
    ],
)
def test_alt_text_is_as_long_as_discord_takes_and_no_longer(length: int, count: int, whole: bool) -> None:
    text = alt_text("x" * length, count, count, english)
    assert len(text) == ALT_TEXT == 1024
    assert ("…" not in text) is whole
    assert text.endswith((f" ({count} of {count})", "x", "…"))


# --- lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "text"),
    [([], "—"), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_a_list_reads_as_people_say_it(words: list[str], text: str) -> None:
    assert listed(words, "or") == text


# --- the caption --------------------------------------------------------------------------------


def painted(
    *,
    prompt: str = "a red bicycle",
    model: str = "gpt-image-2",
    quality: Quality = Quality.MEDIUM,
    count: int = 1,
    scale_to: Size | None = None,
    filtered: int = 0,
    archived: bool = True,
    seconds: float = 12.4,
) -> tuple[Plan, Painting]:
    """A plan, and a painting of one picture; what else was asked for is filtered or missing."""
    request = ImageRequest(prompt, model, count, Size(1024, 1024), quality)
    originals = (image(size=Size(816, 816) if scale_to else None),)
    return Plan(request, MODELS[model], 0, scale_to), Painting(
        record=Record(filtered=filtered, archived=archived, deployment="art", seconds=seconds),
        originals=originals,
        shown=(image(size=scale_to),) if scale_to else originals,
    )


ORIGINAL = Attachment(b"picture", "png")
SMALLER = Attachment(b"small", "jpeg", derived=True)
TRANSPARENT = Attachment(b"small", "webp", derived=True)


def remarks(shown: tuple[Plan, Painting], *attachments: Attachment) -> list[str]:
    """The lines under the prompt, without their mark."""
    prompt, *lines = caption(*shown, attachments or (ORIGINAL,), english, spoiler=False).split("\n")
    assert prompt.startswith("\u2068")
    assert all(line.startswith("-# ") for line in lines)
    return [line.removeprefix("-# ") for line in lines]


def test_a_caption_is_the_prompt_and_how_the_picture_was_made() -> None:
    assert caption(*painted(), [ORIGINAL], english, spoiler=False) == (
        "\u2068a red bicycle\u2069\n-# GPT Image 2 · 1024×1024 · medium · 12 s"
    )


@pytest.mark.parametrize("prompt", ["a red bicycle", "so || it ends", "||", "\\||"])
def test_a_spoiler_hides_the_prompt_too_whatever_is_in_it(prompt: str) -> None:
    shown, facts = caption(*painted(prompt=prompt), [ORIGINAL], english, spoiler=True).split("\n")
    assert shown == f"||{shown_prompt(prompt)}||"
    assert not re.search(r"(?<!\\)(?:\\\\)*\|", shown[2:-2])
    assert "|" not in facts


def test_a_quality_left_to_the_model_or_unknown_to_it_is_not_told() -> None:
    assert remarks(painted(quality=Quality.AUTO)) == ["GPT Image 2 · 1024×1024 · 12 s"]
    assert remarks(painted(model="gpt-image-9")) == ["gpt-image-9 · 1024×1024 · 12 s"]


@pytest.mark.parametrize(("seconds", "told"), [(0, "1 s"), (0.4, "1 s"), (1.6, "2 s"), (181, "181 s")])
def test_no_picture_took_less_than_a_second(seconds: float, told: str) -> None:
    assert remarks(painted(seconds=seconds))[0].endswith(f" · {told}")


def test_pictures_held_back_and_missing_are_told_and_not_charged() -> None:
    lines = remarks(painted(count=4, filtered=1))
    assert lines[1:] == [
        "1 of 4 held back by the content filter, and not charged",
        "2 of 4 did not arrive, and are not charged",
    ]


def test_a_scaled_picture_says_at_which_size_it_was_drawn() -> None:
    lines = remarks(painted(scale_to=Size(256, 256)))
    assert "256×256" in lines[0]
    assert lines[1:] == ["drawn at 816×816 and scaled down"]


def test_a_picture_that_could_not_be_scaled_is_not_said_to_be() -> None:
    plan, painting = painted(scale_to=Size(256, 256))
    assert remarks((plan, replace(painting, shown=painting.originals)))[1:] == []


@pytest.mark.parametrize(
    ("attachments", "words"),
    [
        ([SMALLER], "too large for an upload here, so attached as JPEG"),
        ([ORIGINAL, SMALLER], "1 of 2 too large for an upload here, so attached as JPEG"),
        (
            [SMALLER, ORIGINAL, TRANSPARENT],
            "2 of 3 too large for an upload here, so attached as JPEG or WEBP",
        ),
    ],
)
def test_files_made_smaller_are_told_in_number_and_that_the_originals_are_kept(
    attachments: list[Attachment], words: str
) -> None:
    assert remarks(painted(), *attachments)[1:] == [words, "the bot's operator keeps what Azure drew"]


def test_an_original_that_was_not_kept_is_never_said_to_be() -> None:
    assert remarks(painted(archived=False))[1:] == ["no copy could be kept here, so save what you like"]
    lines = remarks(painted(archived=False), SMALLER)
    assert lines[2:] == ["no copy could be kept here, so save what you like"]
    assert not any("keeps" in line for line in lines)


@pytest.mark.parametrize("prompt", ["*" * 6000, "@" * 6000, "://" * 2000, "🏳️‍🌈" * 1000, "[](" * 2000])
def test_the_longest_caption_fits_a_message(prompt: str) -> None:
    worst = painted(
        prompt=prompt,
        count=10,
        scale_to=Size(256, 256),
        filtered=4,
        archived=False,
        seconds=10_000,
    )
    attachments = [*[SMALLER] * 9, TRANSPARENT]
    assert len(caption(*worst, attachments, english, spoiler=True)) <= MESSAGE


def test_every_word_of_a_caption_goes_through_the_translator() -> None:
    worst = painted(
        count=10,
        scale_to=Size(256, 256),
        filtered=4,
        archived=False,
    )
    lines = caption(*worst, [SMALLER], lambda text: f"<{text}>", spoiler=False).split("\n")[1:]
    assert [line for line in lines if "<" not in line] == []


# --- other words --------------------------------------------------------------------------------


def test_a_wait_is_told_as_a_time_of_day_so_that_it_stays_true_while_the_next_try_is_under_way() -> None:
    note = waiting_note(1_800_000_000.9, english)
    assert "from <t:1800000000:T> on" in note
    assert ":R>" not in note


def test_a_wait_names_no_cause_because_that_may_be_another_one_by_then() -> None:
    assert "busy" not in waiting_note(0, english)


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (0, "You are next."),
        (1, "1 request is before yours."),
        (2, "2 requests are before yours."),
        (1234, "1,234 requests are before yours."),
    ],
)
def test_a_place_is_told_as_how_many_are_before(position: int, words: str) -> None:
    assert place_note(Place(position, None), 1_800_000_000, english) == words


def test_a_wait_for_a_turn_is_told_as_the_range_it_is_in() -> None:
    note = place_note(Place(3, Estimate(30, 90)), 1_800_000_000.9, english)
    assert "comes <t:1800000030:R> at the earliest and <t:1800000090:R> at the latest." in note


@pytest.mark.parametrize("at_least", [0, 90])
def test_a_wait_that_is_no_range_is_told_by_its_end(at_least: float) -> None:
    note = place_note(Place(3, Estimate(at_least, 90)), 1_800_000_000, english)
    assert "comes <t:1800000090:R> at the latest." in note
    assert "earliest" not in note


def test_a_turn_that_may_come_at_once_is_given_no_time() -> None:
    assert place_note(Place(0, Estimate(0, 0)), 1_800_000_000, english) == "You are next."


def test_drawing_is_told_with_its_beginning() -> None:
    assert "<t:1800000000:R>" in drawing_note(1_800_000_000.9, english)


def test_an_interruption_is_told_with_what_becomes_of_the_request() -> None:
    assert "goes on" in interrupted_note(english)


def test_a_deleted_message_is_told_with_what_it_cost() -> None:
    assert "deleted" in deleted_note(english)
    assert "charged" in deleted_note(english)


def test_nobody_is_ever_pinged() -> None:
    assert dict(NO_PINGS.to_dict()) == {"parse": []}
