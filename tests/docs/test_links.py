"""Links between the texts of the project lead somewhere; so does what is made of them."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

import learnedidx as lx
from docs import build, links

ROOT = Path(__file__).resolve().parent.parent.parent
TEXTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(p for r in ROOT.iterdir() for p in r.rglob("*.md"))]
    if path.relative_to(ROOT).parts[0] not in ("build", "dist")
    and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_of_texts_lead_somewhere(path: Path) -> None:
    # Pictures are made when the site is built; its links are checked then.
    wrong = [line for line in links.broken_in_source(path) if ".png:" not in line]
    assert not wrong, "\n".join(wrong)


def test_broken_links_of_a_text_are_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A heading, with `code`\n")
    page = tmp_path / "page.md"
    page.write_text(
        "# Here\n[a](#here) [b](other.md) [c](other.md#a-heading-with-code) [d](https://x.org/y)\n"
        "[e](#there) [f](none.md) [g](other.md#none)\n`[h](code.md)`\n```\n[i](code.md)\n```\n"
    )
    assert links.broken_in_source(page) == [
        "page.md: #there: no such heading",
        "page.md: none.md: no such file",
        "page.md: other.md#none: no such heading",
    ]


def test_broken_links_of_a_site_are_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/index.html").write_text('<h1 id="top1">x</h1><a href="../page.html">up</a>')
    (tmp_path / "page.html").write_text(
        '<a href="sub/"></a><a href="sub/index.html#top1"></a><a href="https://x.org"></a>'
        '<a href="sub/#none"></a><img src="none.png">'
    )
    assert sorted(links.broken_in_site(tmp_path)) == [
        "page.html: none.png: no such file",
        "page.html: sub/#none: no such anchor",
    ]


def test_what_a_site_would_load_from_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '<script src="https://cdn.org/x.js"></script><link rel="stylesheet" href="//cdn.org/x.css">'
    )
    assert len(list(links.broken_in_site(tmp_path))) == 2


def test_links_between_texts_become_links_between_pages() -> None:
    names = {"docs/a.md": "a.md", "FORMAT.md": "format.md", "docs/sub/b.md": "sub/b.md"}
    text = "[a](a.md) [f](../FORMAT.md#header) [l](../LICENSE) [`learnedidx`](../learnedidx)"
    assert build.relinked(text, "docs/a.md", names) == (
        "[a](a.md) [f](format.md#header) l (`LICENSE`) `learnedidx`"
    )
    up = build.relinked("[f](../../FORMAT.md) ![p](p.png) [x](#x)", "docs/sub/b.md", names)
    assert up == "[f](../format.md) ![p](p.png) [x](#x)"


def test_a_link_to_nothing_stops_the_build() -> None:
    with pytest.raises(FileNotFoundError, match=r"docs/a\.md: links to docs/none\.md"):
        build.relinked("[n](none.md)", "docs/a.md", {"docs/a.md": "a.md"})


def test_public_names_without_a_page_get_one(tmp_path: Path) -> None:
    build.copy_pages(tmp_path)
    page = tmp_path / "api/models.md"
    page.write_text(page.read_text().replace("autoclass:: learnedidx.PGM\n", "only:: html\n"))
    build.describe_others(tmp_path)
    assert "autoclass:: learnedidx.PGM\n" in (tmp_path / "api/more.md").read_text()


def test_every_page_is_in_the_contents() -> None:
    contents = re.findall(r"(?m)^(?:.* <)?([\w/*-]+)>?$", (ROOT / "docs/index.md").read_text())
    missing = [
        name
        for name in build.pages().values()
        if name != "index.md"
        and not any(fnmatch(name.removesuffix(".md"), entry) for entry in contents)
    ]
    assert not missing, f"docs/index.md: no entry for {missing}"


def test_contents_name_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("More <api/more>\nmigration\nA <results/a>\nresults/*\nx\n")
    (tmp_path / "results").mkdir()
    for name in ("migration", "results/a", "results/b"):
        (tmp_path / f"{name}.md").touch()
    build.fit_contents(tmp_path)
    contents = (tmp_path / "index.md").read_text()
    assert contents == "migration\nA <results/a>\nresults/b\nx\n"


@pytest.mark.parametrize("name", [n for n in dir(lx.LearnedIndex) if not n.startswith("_")])
def test_the_reference_has_every_member(name: str) -> None:
    page = (ROOT / "docs/api/learned_index.md").read_text()
    assert f"LearnedIndex.{name}\n" in page
