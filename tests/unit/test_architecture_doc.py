"""What the documents say of the code's layout, and of each other, is true; and the README stays one page."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[2]

MOST_WORDS = 900
"""Words of the README, as ``wc -w`` counts them."""

NAMING_PATHS = ("docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md")
"""Documents that say where in the code something is."""

_BOX = re.compile(r'(\w+)\["([^"]+)"\]')
_ARROW = re.compile(r"(\w+) --> (\w+)")
_PATH = re.compile(r"(?<![\w./-])(?:bot|cogs|sandbox|tests|bench|docs)/[\w./-]*[\w/]")
_NAMED = (
    re.compile(r"`(?P<path>(?:bot|cogs)/[\w/]+\.py)`, `(?P<name>[A-Za-z_.]+)`"),
    re.compile(r"`(?P<name>[A-Za-z_.]+)` \(`(?P<path>(?:bot|cogs)/[\w/]+\.py)`\)"),
)
_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`[^`]*`")
_LINK = re.compile(r"\]\((?![a-z]+:)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

Imports = set[tuple[str, str]]
Layers = list[set[str]]


def document(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- the diagram --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Diagram:
    """Boxes, each a few names of packages, and arrows from box to box."""

    boxes: Mapping[str, frozenset[str]]
    arrows: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, text: str) -> Diagram:
        boxes = {box: frozenset(names.split(" · ")) for box, names in _BOX.findall(text)}
        return cls(boxes, frozenset(_ARROW.findall(_BOX.sub(r"\1", text))))

    def box_of(self, name: str) -> str | None:
        return next((box for box, names in self.boxes.items() if name in names), None)

    def reached_from(self, box: str) -> set[str]:
        """The boxes that arrows lead to, directly or over others."""
        reached: set[str] = set()
        ahead = {box}
        while ahead:
            ahead = {end for start, end in self.arrows if start in ahead} - reached
            reached |= ahead
        return reached


def faults(diagram: Diagram, layers: Layers, imports: Imports) -> list[str]:
    """What the diagram says wrongly, or not at all, of layers (the highest first) and imports."""
    level = {name: number for number, layer in enumerate(layers) for name in layer}
    drawn = [name for names in diagram.boxes.values() for name in names]
    found = [f"{name} is in no box, or in several" for name in level if drawn.count(name) != 1]
    found += [f"{name} is in no contract" for name in drawn if name not in level]
    if found:
        return found
    for start, end in sorted(diagram.arrows):
        if unknown := {start, end} - diagram.boxes.keys():
            found.append(f"there is no box {unknown}")
            continue
        pairs = {(one, other) for one in diagram.boxes[start] for other in diagram.boxes[end]}
        if any(level[one] >= level[other] for one, other in pairs):
            found.append(f"{start} --> {end} does not go down")
        if not pairs & imports:
            found.append(f"{start} --> {end} is no import")
    for one, other in sorted(imports):
        start, end = diagram.box_of(one) or "", diagram.box_of(other) or ""
        if level[one] < level[other] and start != end and end not in diagram.reached_from(start):
            found.append(f"{one} imports {other}, where no arrow leads")
    return found


def contracted_layers() -> Layers:
    """The layers of the import contracts, the highest first."""
    tools = tomllib.loads(document("pyproject.toml"))["tool"]
    (contract,) = [each for each in tools["importlinter"]["contracts"] if each["type"] == "layers"]
    return [set(layer.split(" | ")) for layer in contract["layers"]]


def imports_among(names: set[str]) -> Imports:
    """Which of these packages import which, for types included."""
    found: Imports = set()
    for top in sorted({name.partition(".")[0] for name in names}):
        for path in (ROOT / top).rglob("*.py"):
            importer = _owner(".".join(path.relative_to(ROOT).with_suffix("").parts), names)
            for module in _imported(ast.parse(path.read_bytes())):
                imported = _owner(module, names)
                if importer and imported and importer != imported:
                    found.add((importer, imported))
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _owner(module: str, names: set[str]) -> str | None:
    """The package that a module belongs to."""
    parts = module.split(".")
    heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((head for head in heads if head in names), None)


LAYERS = contracted_layers()
IMPORTS = imports_among(set().union(*LAYERS))


def test_the_diagram_is_that_of_the_import_contracts() -> None:
    (mermaid,) = re.findall(r"```mermaid\n(.*?)```", document("docs/architecture.md"), re.DOTALL)
    assert faults(Diagram.of(mermaid), LAYERS, IMPORTS) == []


def test_nothing_is_imported_against_the_arrows() -> None:
    level = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    assert {(one, other) for one, other in IMPORTS if level[one] >= level[other]} == set()


@pytest.mark.parametrize(
    ("diagram", "fault"),
    [
        ('a["bot.a"] --> b["bot.b"]', "bot.c is in no box, or in several"),
        ('a["bot.a"] --> b["bot.b · bot.c · bot.d"]', "bot.d is in no contract"),
        ('a["bot.a"] --> b["bot.b"]\nc["bot.c"] --> a', "c --> a does not go down"),
        ('a["bot.a"] --> b["bot.b"]\na --> c["bot.c"]', "a --> c is no import"),
        ('a["bot.a"] --> b["bot.b"]\nc["bot.c"]', "bot.b imports bot.c, where no arrow leads"),
        ('a["bot.a"] --> b["bot.b"] --> c["bot.c"]\nb --> d', "there is no box {'d'}"),
    ],
)
def test_a_diagram_that_says_something_wrong_is_found_out(diagram: str, fault: str) -> None:
    layers: Layers = [{"bot.a"}, {"bot.b"}, {"bot.c"}]
    assert fault in faults(Diagram.of(diagram), layers, {("bot.a", "bot.b"), ("bot.b", "bot.c")})


def test_a_diagram_need_not_draw_what_its_arrows_lead_to_anyway() -> None:
    layers: Layers = [{"bot.a"}, {"bot.b"}, {"bot.c"}]
    imports = {("bot.a", "bot.b"), ("bot.b", "bot.c"), ("bot.a", "bot.c")}
    diagram = Diagram.of('a["bot.a"] --> b["bot.b"]\nb --> c["bot.c"]')
    assert faults(diagram, layers, imports) == []


# --- paths and names of the code ------------------------------------------------------------------------


def missing_paths(text: str) -> list[str]:
    """The files and folders that a text names and that do not exist."""
    return [path for path in _PATH.findall(text) if not (ROOT / path).exists()]


def missing_names(text: str) -> list[str]:
    """The names that a text says are in a file, and that are not."""
    return [
        f"{named['name']} in {named['path']}"
        for pattern in _NAMED
        for named in pattern.finditer(text)
        if (path := ROOT / named["path"]).exists()
        if not _has(path.read_text(encoding="utf-8"), named["name"].split("."))
    ]


def _has(code: str, parts: Sequence[str]) -> bool:
    return all(re.search(rf"\b{part}\b", code) for part in parts)


@pytest.mark.parametrize("name", NAMING_PATHS)
def test_what_a_document_names_in_the_code_is_there(name: str) -> None:
    text = document(name)
    assert _PATH.search(text)
    assert missing_paths(text) == []
    assert missing_names(text) == []


def test_a_path_that_moved_is_found_out() -> None:
    assert missing_paths("see `bot/model.py`, `bot/nowhere.py` and `cogs/`") == ["bot/nowhere.py"]


def test_a_name_that_changed_is_found_out() -> None:
    text = "| `bot/model.py`, `Size.parse` | or `Size.paint` (`bot/model.py`)"
    assert missing_names(text) == ["Size.paint in bot/model.py"]


# --- links, and the README ------------------------------------------------------------------------------


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    times: dict[str, int] = defaultdict(int)
    found = set()
    for heading in _HEADING.findall(_FENCED.sub("", text)):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w -]", "", words).replace(" ", "-")
        found.add(f"{anchor}-{times[anchor]}" if times[anchor] else anchor)
        times[anchor] += 1
    return found


def broken_links(path: Path) -> list[str]:
    """The relative links and images of a document that lead nowhere."""
    broken = []
    for link in _LINK.findall(_INLINE.sub("", _FENCED.sub("", path.read_text(encoding="utf-8")))):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken_links(path) == []


def test_a_link_that_leads_nowhere_is_found_out(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `page`, twice\n## Twice\n## Twice\n"
        "[a](#a-page-twice) [b](#twice-1) [c](page.md#twice) [d](https://example.com/none)\n"
        "`[e](none.md)`\n```\n# Fenced\n[f](none.md)\n```\n"
        "[g](#twice-2) [h](none.md) ![i](none.png) [j](#fenced)\n",
        encoding="utf-8",
    )
    assert broken_links(page) == ["#twice-2", "none.md", "none.png", "#fenced"]


def test_the_readme_is_one_page() -> None:
    assert len(document("README.md").split()) <= MOST_WORDS
