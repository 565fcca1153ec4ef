"""The files that quote figures, as the committed records would have them; see `write`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import record
from benchmarks.report import figures, picture
from benchmarks.report.render import render
from benchmarks.required import tables as required

ROOT = Path(__file__).resolve().parent.parent.parent


class Part(NamedTuple):
    """What stands between two marks of a page: their name, a template, and what it shows."""

    name: str
    template: str
    data: Callable[[], dict[str, Any]]

    @property
    def marks(self) -> tuple[str, str]:
        """Give the lines before and behind it."""
        name = f"figures{self.name}"
        return (
            f"<!-- {name}: python -m benchmarks report --readme -->\n",
            f"<!-- end of {name} -->\n",
        )

    def text(self) -> str:
        begin, end = self.marks
        return begin + render(self.template, **self.data()).rstrip() + "\n" + end


README = Part("", "readme.md.j2", figures.readme)
MODELS = Part(" of models", "models.md.j2", figures.models)
CONTAINERS = Part(" of sorted containers", "containers.md.j2", figures.sorted_containers)
PAGES: Mapping[str, Sequence[Part]] = {
    "README.md": (README,),
    "docs/speed.md": (README, MODELS, CONTAINERS),
}
WHOLE: Mapping[str, Callable[[], str]] = {
    "benchmarks/results/required.md": lambda: required.page(record.read(record.KEPT)),
    "docs/pictures/lookups-light.svg": lambda: picture.svg(picture.LIGHT),
    "docs/pictures/lookups-dark.svg": lambda: picture.svg(picture.DARK),
}


def wanted() -> dict[Path, str]:
    """Give the text that each page and each picture should have.

    Raises
    ------
    ValueError
        A page lacks the two marks between which its figures stand.
    """
    pages = {ROOT / name: page(ROOT / name, parts) for name, parts in PAGES.items()}
    return pages | {ROOT / name: draw() for name, draw in WHOLE.items()}


def write() -> list[Path]:
    """Bring every page and picture up to date; name those that were not."""
    changed = []
    for path, text in wanted().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def page(path: Path, parts: Sequence[Part]) -> str:
    """Give the text of a page with these parts as they should be."""
    text = path.read_text(encoding="utf-8")
    for part in parts:
        before, begin, rest = text.partition(part.marks[0])
        _, end, after = rest.partition(part.marks[1])
        if not (begin and end):
            raise ValueError(f"{path.name}: the marks {part.marks} are not there")
        text = before + part.text() + after
    return text
