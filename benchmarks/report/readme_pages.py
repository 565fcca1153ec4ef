"""The files that quote figures, as the committed records would have them; see `write`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

from benchmarks import record
from benchmarks.report import readme, readme_containers, readme_models, readme_picture
from benchmarks.required import tables as required

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES: Mapping[str, tuple[ModuleType, ...]] = {
    "README.md": (readme,),
    "docs/speed.md": (readme, readme_models, readme_containers),
}
WHOLE: Mapping[str, Callable[[], str]] = {
    "benchmarks/results/required.md": lambda: required.page(record.read(record.KEPT)),
    "docs/pictures/lookups-light.svg": lambda: readme_picture.svg(readme_picture.LIGHT),
    "docs/pictures/lookups-dark.svg": lambda: readme_picture.svg(readme_picture.DARK),
}


def wanted() -> dict[Path, str]:
    """Give the text that each page and each picture should have.

    Raises
    ------
    ValueError
        A page lacks the two marks between which its figures stand.
    """
    pages = {ROOT / name: _page(ROOT / name, parts) for name, parts in PAGES.items()}
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


def _page(path: Path, parts: tuple[ModuleType, ...]) -> str:
    text = path.read_text(encoding="utf-8")
    for part in parts:
        before, begin, rest = text.partition(part.BEGIN)
        _, end, after = rest.partition(part.END + "\n")
        if not (begin and end):
            raise ValueError(f"{path.name}: the marks {part.BEGIN} and {part.END} are not there")
        text = before + part.text() + after
    return text
