"""Pages quote figures of the committed results, and no other ones; so do the pictures."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks.native import ROOT
from benchmarks.report import figures, pages
from benchmarks.report.auto import Place

MEASURED = r"\d[\d.,]*\s*(?:ns\b|µs|ms\b|×|x\b|times)|(?:seventh|tenth|third) of"
WANTED = pages.wanted()
README = pages.README.text()


@pytest.mark.parametrize("path", WANTED, ids=lambda path: path.name)
def test_pages_and_pictures_say_what_the_results_say(path: Path) -> None:
    assert path.read_text() == WANTED[path], "run python -m benchmarks report --readme"


def test_the_readme_quotes_no_other_figures() -> None:
    text = (ROOT / "README.md").read_text().replace(README, "")
    assert re.findall(MEASURED, text) == []


def test_the_page_about_speed_names_the_machine_of_what_it_says_beside_the_tables() -> None:
    text = (ROOT / "docs/speed.md").read_text()
    for part in pages.PAGES["docs/speed.md"]:
        text = text.replace(part.text(), "")
    for section in text.split("\n## "):
        if re.search(MEASURED + r"|tenth|eighth|sixth", section):
            assert re.search(r"CPython \d.*NumPy \d.*\d{4}-\d\d-\d\d, commit \w+", section, re.S)


def test_the_readme_is_a_front_door() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 160


def test_every_processor_has_its_versions_date_and_commit() -> None:
    for processor, name in figures.PROCESSORS.items():
        [line] = re.findall(rf"- \*\*{name}\*\*: (?:.|\n  )*", README)
        flat = re.sub(r"\s+", " ", line)
        assert re.search(rf"{re.escape(processor)}, Linux .*CPython \d.*NumPy \d.*GCC \d", flat)
        assert re.search(r"\d{4}-\d\d-\d\d, commit \w+", flat)


def test_a_ratio_never_mixes_two_processors() -> None:
    cells, choices = figures.lookups(), figures.chosen()
    place = Place("uniform", 10**7)
    for processor, timed in cells[place, figures.BATCH].items():
        assert timed.machine["cpu"] == processor
        ratio = f"**{timed.against('numpy', choices[place]).median:.1f}x**"
        assert ratio in README


def test_rows_that_auto_loses_are_in_the_table() -> None:
    rows = [line for line in README.splitlines() if line.startswith("| ")]
    assert any(re.search(r"PGM 1\.\d+x \|$", row) for row in rows)
    assert sum("100 k" in row for row in rows) >= 3


def test_the_pictures_are_svg_and_say_what_they_show() -> None:
    for colours in (pages.LIGHT, pages.DARK):
        root = ET.fromstring(pages.svg(colours))
        described = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
        for processor in pages.PANELS:
            assert processor in described
        assert re.search(r"NumPy \d.*\d{4}-\d\d-\d\d, commit \w+", described)


def test_a_page_without_its_marks_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n{pages.README.marks[0]}\n")
    with pytest.raises(ValueError, match=r"page\.md: the marks"):
        pages.page(page, (pages.README,))
