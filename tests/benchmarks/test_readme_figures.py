"""The README quotes figures of the committed results, and no other ones."""

import re
from pathlib import Path

from benchmarks.report import readme, readme_containers

ROOT = Path(__file__).resolve().parent.parent.parent


def section_of_the_readme() -> str:
    """Give the part of the README that is about speed."""
    text = (ROOT / "README.md").read_text()
    return text.partition("## How fast\n")[2].partition("\n## ")[0]


def test_the_readme_quotes_what_the_results_say() -> None:
    assert readme.text() in section_of_the_readme(), "run python -m benchmarks report --readme"


def test_the_readme_quotes_no_other_figures() -> None:
    around = section_of_the_readme().replace(readme.text(), "")
    measured = re.findall(r"\d[\d.,]*\s*(?:ns|µs|ms|%|×|times)|(?:seventh|tenth|third) of", around)
    assert measured == []


def test_the_readme_quotes_the_table_of_sorted_containers() -> None:
    text = (ROOT / "README.md").read_text()
    section = text.partition("## Sorted containers that change\n")[2].partition("\n## ")[0]
    assert readme_containers.text() in section, "run python -m benchmarks report --readme"
    around = section.replace(readme_containers.text(), "")
    assert re.findall(r"\d[\d.,]*\s*(?:ns|times)", around) == []
