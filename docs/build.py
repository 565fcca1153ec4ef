"""Build the site: python -m docs.build [FOLDER], by default build/site. Needs no network.

1. Pages and the texts from elsewhere in the tree are copied to build/docs. Links from page to page
   are kept; links to files that are no pages become the names of these files.
2. Public names that no page of the reference describes get one.
3. The examples of pages that show pictures are run there: they make the pictures.
4. Sphinx builds the copy; a warning is an error. Then every internal link of the site is checked.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import shutil
import sys
from pathlib import Path

from docs import examples, links

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs"
# Texts that stand elsewhere in the tree, and the pages that they become.
ELSEWHERE = {
    "FORMAT.md": "format.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "benchmarks/DEAD_ENDS.md": "project/dead_ends.md",
    "datasets/README.md": "project/datasets.md",
}
RESULTS = "benchmarks/results"
SOMETIMES = ("api/more", "robustness")  # pages that the contents may name
EXTRA = (".css", ".py", ".svg")  # what belongs to the site beside pages


def pages() -> dict[str, str]:
    """Return the name of each page in the site by that of its text in the tree."""
    own = (path.relative_to(SOURCE).as_posix() for path in sorted(SOURCE.rglob("*.md")))
    results = (path.name for path in sorted((ROOT / RESULTS).glob("*.md")))
    return {
        **{f"docs/{name}": name for name in own},
        **{f"{RESULTS}/{name}": f"results/{name}" for name in results if name != "README.md"},
        **ELSEWHERE,
    }


def relinked(text: str, home: str, names: dict[str, str]) -> str:
    """Return a text with its links to other texts of the tree turned into links between pages."""
    here = posixpath.dirname(names[home])

    def link(mark: str, label: str, target: str) -> str:
        file, hash_, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(home), file))
        if mark or not file or not links.is_internal(target):
            return f"{mark}[{label}]({target})"
        if path in names:
            return f"[{label}]({posixpath.relpath(names[path], here or '.')}{hash_}{anchor})"
        if not (ROOT / path).exists():
            raise FileNotFoundError(f"{home}: links to {path}, which is not there")
        return label if path in label else f"{label} (`{path}`)"

    return links.LINK.sub(lambda match: link(*match.groups()), text)


def copy_pages(work: Path) -> None:
    """Write all pages, and what they need, to an empty folder."""
    shutil.rmtree(work, ignore_errors=True)
    names = pages()
    for home, name in names.items():
        page = work / name
        page.parent.mkdir(parents=True, exist_ok=True)
        text = examples.BLOCK.sub(r"```python\n\1```", (ROOT / home).read_text())
        page.write_text(relinked(text, home, names))
    for path in SOURCE.rglob("*"):
        if path.suffix in EXTRA and path.name != "__init__.py":
            (work / path.relative_to(SOURCE)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, work / path.relative_to(SOURCE))


def describe_others(work: Path) -> None:
    """Write api/more.md: the public names that no page of the reference describes."""
    import learnedidx as lx

    described = "".join(page.read_text() for page in (work / "api").glob("*.md"))
    lines = ["# More", "", "```{eval-rst}"]
    for name in lx.__all__:
        if not name.startswith("_") and f"learnedidx.{name}\n" not in described:
            is_class = isinstance(getattr(lx, name), type)
            lines += [f".. auto{'class' if is_class else 'function'}:: learnedidx.{name}"]
            lines += ["   :members:", "   :inherited-members:", ""] if is_class else [""]
    if len(lines) > 3:
        (work / "api/more.md").write_text("\n".join([*lines, "```", ""]))


def fit_contents(work: Path) -> None:
    """Take pages that are there only sometimes out of the contents; put in results without a name.

    The line ``results/*`` stands for them.
    """
    index = work / "index.md"
    lines = index.read_text().splitlines()
    absent = [name for name in SOMETIMES if not (work / f"{name}.md").exists()]
    kept = [line for line in lines if not any(re.search(rf"^(.* <)?{n}>?$", line) for n in absent)]
    results = sorted(f"results/{path.stem}" for path in (work / "results").glob("*.md"))
    unnamed = [name for name in results if not any(f"<{name}>" in line for line in lines)]
    at = kept.index("results/*")
    index.write_text("\n".join([*kept[:at], *unnamed, *kept[at + 1 :], ""]))


def draw(work: Path) -> None:
    """Run the examples of all pages that show pictures, each in its own folder."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    for page in sorted(work.rglob("*.md")):
        if ".savefig(" in page.read_text():
            with contextlib.chdir(page.parent):
                examples.run(examples.of_page(page))


def main(arguments: list[str]) -> int:
    """Build the site; return 0 if it is whole."""
    from sphinx.cmd.build import build_main

    site = Path(arguments[0] if arguments else ROOT / "build/site").resolve()
    work = ROOT / "build/docs"
    copy_pages(work)
    describe_others(work)
    fit_contents(work)
    draw(work)
    shutil.rmtree(site, ignore_errors=True)
    options = ["-b", "html", "-W", "--keep-going", "-q", "-E", "-d", str(ROOT / "build/doctrees")]
    status = build_main([*options, str(work), str(site)])
    broken = [] if status else sorted(links.broken_in_site(site))
    print("\n".join(broken) or f"{site / 'index.html'}" if not status else "not built")
    return int(bool(status or broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
