"""The page: its structure, and what it says of losses and missing cells."""

import html.parser
import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import record
from benchmarks.plan import FULL
from benchmarks.report import boards, charts, page, render
from tests.benchmarks import fakes
from tests.benchmarks.fakes import auto_lines, write

VOID = {"meta", "br", "wbr", "input", "link", "img", "hr"}


def line(
    keys: str = "uniform",
    n: int = 1_000,
    verb: str = "batch",
    batch: int = 100,
    card: str = "one",
    **times: float,
) -> record.Record:
    """Make the line of a cell; each contender took the same in both rounds."""
    found = {name: [value, value] for name, value in times.items()}
    missing = {"pygm": "not installed: pip install pygm"}
    where = (keys, n, verb, batch, card)
    return fakes.line(*where, times=found, missing=missing, chose="RMI()")


MACHINE = {"cpu": "A processor", "numpy": "2.5", "date": "2026-01-02", "commit": "abc"}
LINES = [
    {"card": "one", "plan": "tiny", "machine": MACHINE},
    line(auto=5, rmi=4, btree8=6, numpy=20, pandas=30),
    line(n=10_000, auto=50, rmi=40, btree8=60, numpy=20, pandas=30),
    line(n=10_000, batch=1, auto=100, rmi=90, btree8=80, numpy=700, pandas=9000),
    line(keys="<b>", verb="build", auto=9, rmi=3, numpy=0.1, absl=4),
    line(verb="build", auto=9, rmi=3, numpy=0.1, absl=40) | {"bytes": {"rmi": 100, "numpy": 0}},
    {"card": "two", "plan": "tiny", "machine": MACHINE | {"cpu": "Another processor"}},
    line(card="two", auto=1000, rmi=900, numpy=2000),
    {"card": "one", "set": "ip4_asn", "n": None, "absent": "install with: npm pack x"},
]


class Reader(html.parser.HTMLParser):
    """Checks that elements close in order, and notes names, links and what would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.heads: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name == "href":
                self.links.append(str(value))
            if name in ("src", "srcset", "data") or (tag == "link"):
                self.fetched.append(str(value))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h2", "h3"):
            self.heads.append(data)


def made(lines: list[Any] = LINES, first: str | None = "one") -> str:
    """Write a page."""
    return page.page(boards.boards(lines, first=first), here=first)


def section(name: str, lines: list[Any] = LINES) -> str:
    """Write a page and cut a section out, as text with a slash where tags were."""
    found = made(lines).partition(f'<section id="{name}"')[2].partition("</section>")[0]
    return re.sub(r"(\s*<[^>]+>\s*)+", "/", found.replace("<wbr>", ""))


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    text = made()
    read = Reader(text)
    assert len(read.ids) == len(set(read.ids))
    assert {one.removeprefix("#") for one in read.links} <= set(read.ids)
    assert read.fetched == []
    assert not re.search(r"https?://|@import|url\(", text)
    assert read.heads[:2] == ["Summary", "Where we lose"]
    assert "light-dark(" in text and "width=device-width" in text
    for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
        assert "aria-label=" in table and 'scope="col"' in table
    assert text.count("<svg") == text.count('role="img"') > 0
    assert "&lt;b&gt;" in text and "<b>10 k" not in text


def test_a_loss_is_named_the_worst_first() -> None:
    (board, _) = boards.boards(LINES, first="one")
    lost = boards.losses(board)
    assert [(one.length, one.cell.verb, one.keys) for one in lost] == [
        (10_000, "batch", "uniform"),
        (1_000, "build", "<b>"),
    ]
    text = section("losses")
    assert "to NumPy (1)" in text and "to absl (1)" in text
    assert "/2.50/(2.50 to 2.50)/2.00/" in text  # auto, the best of ours: to NumPy
    assert "2 of 5" in section("summary")


def test_standings_count_lookups_by_how_far_from_the_fastest() -> None:
    (board, _) = boards.boards(LINES, first="one")
    order = [row[0] for row in boards.standings(board.cells)]
    assert order == ["rmi", "auto", "btree8", "numpy", "pandas"]
    assert "/RMI/ours/3/1/1.12 ×/2.00 ×/" in section("summary")  # 4/4, 40/20, 90/80


def test_auto_is_not_counted_beside_the_structure_that_it_is() -> None:
    (board,) = boards.boards([line(auto=3, rmi=4, numpy=8)])
    assert board.cells[0].ours() == "rmi"
    assert "/RMI/2.00 ×/" in section("who-wins", [line(auto=3, rmi=4, numpy=8)])


def test_bytes_are_shown_a_key_and_growth_is_marked() -> None:
    one = line(n=200, verb="build", rmi=1, bisect=2) | {"grown": ["bisect"]}
    lookup = line(n=200, rmi=1, bisect=2)
    both = [each | {"bytes": {"rmi": 50, "bisect": 8_000}} for each in (lookup, one)]
    assert section("pareto", both).count("/0.25/") == 1  # once for each place, not for each cell
    assert "/0.25/~40/" in section("pareto", both[1:])


def test_what_only_borrows_takes_no_part_in_building() -> None:
    (board, _) = boards.boards(LINES, first="one")
    build = next(one for one in board.cells if one.cell.verb == "build" and one.keys == "uniform")
    assert build.best(("numpy", "absl")) == "absl"


def test_two_cards_stay_apart() -> None:
    one, two = boards.boards(LINES, first="two")
    assert (one.card, two.card) == ("two", "one")
    assert [cell.median("auto") for cell in one.cells] == [1000]
    assert [board.card for board in boards.boards(LINES)] == ["one", "two"]  # most cells first
    text = made(first="two")
    assert "Measured here: Another processor" in text
    assert "A processor" in text.partition('id="others"')[2]
    assert "Another machine, or other versions: A processor" in made(first="three")


def test_the_newest_line_of_a_cell_counts() -> None:
    (board, _) = boards.boards([*LINES, line(auto=7, numpy=8)], first="one")
    assert [one.median("auto") for one in board.cells if one.cell[2] == 100] == [7, 50]


def test_missing_cells_say_why() -> None:
    text = section("missing")
    assert "not installed: pip install pygm" in text
    assert "install with: npm pack x" in text
    assert "/osm 2 k/not reached yet/" in text
    assert "ip4_asn whole" in text and "uniform 2 k" in text


def test_a_busy_machine_is_told() -> None:
    lines = [LINES[0] | {"machine": MACHINE | {"cores": "2"}}, line(auto=1, numpy=2)]
    for load, told in ((1.5, False), (7.5, True)):
        text = made([lines[0], lines[1] | {"load": load}])
        assert ("7.5 programs shared 2 cores" in text) == told


def test_keys_of_ones_own_lack_cells_of_the_full_plan() -> None:
    card = {"card": "one", "plan": "own", "machine": MACHINE}
    (board,) = boards.boards([card, line("mine", 77, auto=1, numpy=2)])
    assert board.not_reached() == {("mine", 77): len(FULL.cells())}  # none has batches of 100
    assert "only the small plan" not in made([card, line("mine", 77, auto=1, numpy=2)])


def test_keys_of_ones_own_are_shown_alone() -> None:
    own = [{"card": "one", "plan": "own", "machine": MACHINE}, line("mine", 77, auto=1, numpy=2)]
    for lines, there in ((LINES, True), (own, False)):
        ids = Reader(made(lines)).ids
        assert [name in ids for name in ("auto", "robustness")] == [there, there]
    assert "on your keys" in made(own)


def test_a_section_without_data_is_left_out_with_its_link() -> None:
    read = Reader(made([line(rmi=4, auto=5, numpy=9) | {"missing": {}}]))
    absent = {"losses", "charts", "pareto", "counts", "others"}
    assert not absent & {*read.ids, *(one.removeprefix("#") for one in read.links)}
    assert {"summary", "who-wins", "cells"} <= set(read.ids)


def test_a_page_without_its_templates_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(render, "not_installed", lambda *_: "not installed: pip install jinja2")
    for asked in (["report"], ["run", "builds", "--plan", "tiny", "--page"]):
        assert command.main(asked) == 2
        assert "pip install jinja2" in capsys.readouterr().err


def test_a_contender_of_ones_own_is_among_all_cells_and_said_to_be_nowhere_else() -> None:
    lines = [line(auto=5, numpy=20) | {"times": {"auto": [5.0], "mine": [3.5]}}]
    assert "mine" in section("cells", lines) and "3.5" in section("cells", lines)
    assert "among all cells alone" in section("missing", lines)


def test_wrong_answers_are_grouped_by_their_reason() -> None:
    wrong = "answers wrongly here: pygm: 5 of 9 answers are wrong; the first is query 1"
    other = wrong.replace("5 of 9", "7 of 9")
    lines = [
        line(n=1_000, auto=1, numpy=2) | {"missing": {"pygm": wrong}},
        line(n=2_000, auto=1, numpy=2) | {"missing": {"pygm": other}},
    ]
    assert made(lines).count("answers wrongly here") == 1
    assert "query 1" not in made(lines)


@pytest.mark.parametrize(
    ("ratio", "field"), [(0.9, "even"), (0.5, "o2"), (0.1, "o3"), (1.3, "r1"), (6.0, "r3")]
)
def test_a_field_is_darker_for_a_larger_lead(ratio: float, field: str) -> None:
    assert render.shade(ratio) == field


def test_the_front_holds_what_nothing_beats_in_both() -> None:
    points = {"numpy": (0.0, 90.0), "rmi": (0.1, 8.0), "pgm": (0.2, 9.0), "btree8": (0.5, 7.0)}
    assert charts.front(points) == ["numpy", "rmi", "btree8"]


def test_names_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    for crowded in (charts.TOP, 200.0, charts.BOTTOM):
        placed = charts.spread(dict.fromkeys("abcdefghijklmno", crowded))
        heights = sorted(placed.values())
        assert min(b - a for a, b in itertools.pairwise(heights)) > charts.LABEL_GAP - 0.2
        assert heights[0] >= charts.TOP and heights[-1] <= charts.BOTTOM


def test_an_axis_has_ticks_inside_it() -> None:
    axis = charts.scale([10.0, 10.0], 0, 100)
    assert axis(5.0) > 0 and axis(20.0) < 100
    assert [text for _, text in axis.ticks()] == ["5", "10", "20"]
    tens = charts.scale([1.0, 1e6], 0, 300).ticks()
    assert [text for _, text in tens] == ["1", "10", "100", "1 k", "10 k", "100 k", "1 M"]
    assert len(charts.scale([1.0, 1e6], 0, 100).ticks()) < 7  # none touches its neighbour


def test_other_results_have_sections_when_they_are_there(tmp_path: Path) -> None:
    assert page.auto_grid(tmp_path / "no.jsonl") == page.robustness(tmp_path / "no.jsonl") == ""
    file = tmp_path / "auto.jsonl"
    lines = auto_lines("osm", 1000, "rmi", rmi=10, btree8=5, numpy=20)
    lines += auto_lines("two", 1000, "rmi", rmi=13, btree8=12, numpy=11)
    lines += auto_lines("seq", 1000, "rmi", rmi=10, btree8=10, numpy=20)
    write(file, *auto_lines("osm", 64, "rmi", card="b", rmi=99, btree8=5, numpy=20), *lines)
    text = page.auto_grid(file)
    assert "1 of 3 cells" in text and "not fitted to 1 of 2" in text  # of the machine with most
    assert ">2.00<" in text and ">1.18<" in text
    attacks = tmp_path / "robustness.jsonl"
    cell = {"card": "a", "n": 1000, "verb": "attack", "times": {}}
    found = {**cell, "set": "gaps", "missing": {"pygm": "its answers are wrong"}}
    more = {**cell, "set": "runs", "missing": {}, "slow_down": {"pygm": [2, 1, 3]}}
    lines = [{**found, "slow_down": {"rmi": [2.5, 2.0, 3.0]}}, more]
    text = page.robustness(write(attacks, *lines))
    assert '<td class="heat r2">2.50</td>' in text and "1 k uniform" in text
    assert 'title="its answers are wrong">–' in text


def test_the_committed_results_make_a_small_page(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert command.main(["report", "--out", str(out)]) == 0
    assert 50_000 < out.stat().st_size < 5_000_000
    Reader(out.read_text())


def test_a_page_of_nothing_says_what_to_do(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert command.main(["report", "--file", str(tmp_path / "no.jsonl"), "--out", str(out)]) == 0
    assert "make bench" in out.read_text()
