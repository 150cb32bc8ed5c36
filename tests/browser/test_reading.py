"""The page's pure functions: how text is read, as markdown and as the options of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.browser.driving import open_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext

    from sandbox.server import Sandbox
    from tests.browser.driving import DemoPage

pytestmark = pytest.mark.asyncio(loop_scope="session")

TREE = """async (text) => {
  const { parseMarkdown } = await import("/static/js/markdown/blocks.js");
  const plain = (node) => typeof node === "string" ? node : Array.isArray(node) ? node.map(plain).join("") :
    node.type === "text" ? node.text :
    `<${node.type}>${plain(node.content ?? node.items ?? node.text ?? node.id ?? "")}</>`;
  return plain(parseMarkdown(text));
}"""
SPLIT = """async ([text, names]) => {
  const { splitOptions } = await import("/static/js/composer/parser.js");
  const options = names.map((name) => ({ name }));
  return splitOptions(text, options, options[0]).map(({ option, text }) => [option?.name ?? null, text]);
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reader(profile: BrowserContext, empty: Sandbox) -> AsyncIterator[DemoPage]:
    """One page for all tests here: they call functions and change nothing."""
    async with open_page(profile, empty.url) as page:
        yield page


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("**b** *i* _i_ __u__ ~~s~~", "<strong>b</> <em>i</> <em>i</> <underline>u</> <strike>s</>"),
        ("***both*** and __**under**__", "<strong><em>both</></> and <underline><strong>under</></>"),
        ("snake_case_words and 2 * 3 * 4", "snake_case_words and 2 * 3 * 4"),
        (r"\*escaped\* \_too\_", "*escaped* _too_"),
        ("`code **stays**` and `` a`b ``", "<code>code **stays**</> and <code> a`b </>"),
        ("||hidden **bold**||", "<spoiler>hidden <strong>bold</></>"),
        ("**never closed", "**never closed"),
        ("[text](https://example.com/a(b))", "<link>text</>"),
        ("[https://good.example](https://evil.example)", None),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
    ],
)
async def test_markdown_is_read_as_discord_reads_it(reader: DemoPage, text: str, tree: str | None) -> None:
    found = await reader.page.evaluate(TREE, text)
    if tree is None:
        assert "<link>text" not in found
        assert found.startswith("<paragraph>[https")
    else:
        assert found == f"<paragraph>{tree}</>"


async def test_blocks_are_read_as_discord_reads_them(reader: DemoPage) -> None:
    text = "# Head\n-# small\n> one\n> two\nplain\n- a\n  - b\n1. c\n```py\nx = 1\n```end"
    assert await reader.page.evaluate(TREE, text) == (
        "<heading>Head</><subtext>small</><quote><paragraph>one\ntwo</></><paragraph>plain</>"
        "<group><list>a<list>b</></><list>c</></><codeblock>x = 1</><paragraph>end</>"
    )


@pytest.mark.parametrize(
    "piece", ["*", "**a", "||a", "_ *", "[", "`", "- a\n", "> ", "`a``", "<@1", "https://"]
)
async def test_no_text_takes_long_to_read(reader: DemoPage, piece: str) -> None:
    took = "async (text) => { const t = performance.now(); await (%s)(text); return performance.now() - t; }"
    assert await reader.page.evaluate(took % TREE, (piece * 4000)[:4000]) < 500


@pytest.mark.parametrize(
    ("line", "segments"),
    [
        ("a red fox", [["prompt", "a red fox"]]),
        (
            "a red fox size:1024x1024 private:True",
            [["prompt", "a red fox"], ["size", "1024x1024"], ["private", "True"]],
        ),
        ("prompt: a fox size: 1 x 2", [["prompt", "a fox"], ["size", "1 x 2"]]),
        ("a fox simulate:status other:thing", [["prompt", "a fox simulate:status other:thing"]]),
        ("upsize:1 size:2 size:3", [["prompt", "upsize:1"], ["size", "2 size:3"]]),
        ("stray prompt:a fox", [[None, "stray"], ["prompt", "a fox"]]),
        ("Size:1\nPRIVATE:no", [["size", "1"], ["private", "no"]]),
    ],
)
async def test_a_typed_line_is_cut_where_options_are_named(
    reader: DemoPage, line: str, segments: list[list[str | None]]
) -> None:
    assert await reader.page.evaluate(SPLIT, [line, ["prompt", "size", "private"]]) == segments
