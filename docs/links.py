"""Internal links: of the Markdown sources, and of the built site."""

from __future__ import annotations

import html.parser
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

FENCE = re.compile(r"^(`{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")


def is_internal(target: str) -> bool:
    """Tell whether a link stays inside the project."""
    return not urlsplit(target).scheme and not target.startswith("//")


def without_code(text: str) -> str:
    """Blank out fenced blocks and code in lines; every line stays where it is."""
    text = FENCE.sub(lambda block: "\n" * block[0].count("\n"), text)
    return re.sub(r"`[^`\n]*`", "", text)


@cache
def headings(path: Path) -> frozenset[str]:
    """Return the anchors of a Markdown file: its headings, as GitHub and MyST name them."""
    text = FENCE.sub("", path.read_text())
    found = (re.sub(r"[^\w\s-]", "", h.lower()) for h in re.findall(r"(?m)^#+ (.+)$", text))
    return frozenset(h.strip().replace(" ", "-") for h in found)


def broken_in_source(path: Path) -> list[str]:
    """Return what is wrong with the links of a Markdown file, one line for each."""
    wrong = []
    for _, _, target in LINK.findall(without_code(path.read_text())):
        if not is_internal(target):
            continue
        name, _, anchor = target.partition("#")
        file = path.parent / name if name else path
        if not file.exists():
            wrong.append(f"{path.name}: {target}: no such file")
        elif anchor and anchor not in headings(file):
            wrong.append(f"{path.name}: {target}: no such heading")
    return wrong


class _Page(html.parser.HTMLParser):
    """The links, the anchors and what is loaded of one HTML page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value is not None:
                self.links.append(value)
                if tag != "a":
                    self.loaded.append(value)


def broken_in_site(site: Path) -> Iterator[str]:
    """Yield what is wrong with the links of a built site, and what it would load from elsewhere."""
    pages = {path: _Page(path.read_text()) for path in sorted(site.resolve().rglob("*.html"))}
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        for link in page.loaded:
            if not is_internal(link) and not link.startswith("data:"):
                yield f"{name}: {link}: is not part of the site"
        for link in filter(is_internal, page.links):
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                yield f"{name}: {link}: no such file"
            elif target in pages and unquote(parts.fragment) not in pages[target].anchors:
                yield f"{name}: {link}: no such anchor"
