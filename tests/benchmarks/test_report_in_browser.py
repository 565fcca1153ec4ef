"""A browser's view of the page, on a phone and on a wide screen, in the light and in the dark."""

import html
import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import record
from benchmarks.plan import CONTENDERS
from benchmarks.report import boards, page
from tests.benchmarks.test_report import made

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars "
    "--disable-background-networking --disable-component-update --disable-sync --dump-dom"
)
# OKLab (B. Ottosson, 2020): from sRGB to what three kinds of cones see, and from that to colours.
CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
SCHEMES = {"dark": 0, "light": 1}
pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"),
        reason="no chromium: apt-get install chromium",
    ),
]


def look(folder: Path, text: str, script: str, width: int, scheme: str = "light") -> Any:
    """Show a page in a frame, as no window is narrower than 500 pixels; give what a script says."""
    script = f"{script}; parent.document.title = JSON.stringify(said);"
    inside = html.escape(text.replace("</body>", f"<script>{script}</script></body>"))
    file = folder / "frame.html"
    file.write_text(
        '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<iframe width="{width}" height="800" style="border: 0" srcdoc="{inside}"></iframe>'
    )
    flags = [f"--user-data-dir={folder / 'profile'}", "--window-size=1400,900"]
    flags.append(f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}")
    command = [str(CHROMIUM), *FLAGS.split(), *flags, file.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    title = re.search(r"<title>(\{.*?)</title>", run.stdout, re.DOTALL)
    assert title is not None
    return json.loads(html.unescape(title[1]))


SORTING = """
const said = {};
const table = document.querySelector("#cells table");
const column = (i) => [...table.tBodies[0].rows].filter((r) => !r.hidden)
  .map((r) => r.cells[i].textContent);
const head = (i) => table.tHead.rows[0].cells[i];
const press = (i) => head(i).querySelector("button").click();
press(1); said.up = column(1); said.ariaUp = head(1).getAttribute("aria-sort");
press(1); said.down = column(1); said.ariaDown = head(1).getAttribute("aria-sort");
press(4); said.numbers = column(4); said.ariaOther = head(1).getAttribute("aria-sort");
head(4).querySelector("button").focus();
said.focus = document.activeElement.tagName;
const select = document.querySelector('#cells select[name="work"]');
select.value = "build"; select.dispatchEvent(new Event("change"));
said.filtered = column(2); said.output = document.querySelector("#cells output").textContent;
"""


def test_the_page_sorts_and_filters(tmp_path: Path) -> None:
    said = look(tmp_path, made(), SORTING, 1280)
    assert said["up"] == ["1 k", "1 k", "1 k", "10 k", "10 k"]
    assert said["down"] == said["up"][::-1]
    assert (said["ariaUp"], said["ariaDown"]) == ("ascending", "descending")
    assert said["ariaOther"] is None
    assert said["numbers"] == ["5.00", "9.00", "9.00", "50.0", "100"]
    assert said["focus"] == "BUTTON"
    assert said["filtered"] == ["build", "build"] and said["output"] == "2 of 5 cells"


LAYOUT = """
const all = (what, room = document) => [...room.querySelectorAll(what)];
const box = (one) => one.getBoundingClientRect();
const isBeside = (a, b) => a.right <= b.left || b.right <= a.left;
const isApart = (a, b) => isBeside(a, b) || a.bottom <= b.top || b.bottom <= a.top;
const isInside = (a, b) => a.left >= b.left && a.right <= b.right && a.bottom <= b.bottom;
const says = (one) => one.parentNode.querySelector(".hint").checkVisibility();
const isCut = (one) => box(one).right > innerWidth && !one.closest(".scroll");
for (const one of all("details")) one.open = true;
dispatchEvent(new Event("resize"));
const said = {width: innerWidth, charts: all("svg").length, covered: [], outside: []};
said.wide = all("body *").filter(isCut).map((one) => one.outerHTML.slice(0, 99));
const scrolls = all(".scroll").filter((one) => one.scrollWidth > one.clientWidth);
said.scrolls = scrolls.length;
said.silent = scrolls.filter((one) => !says(one)).length;
said.loud = all(".scroll").filter((one) => !scrolls.includes(one) && says(one)).length;
for (const chart of all("svg")) {
  const names = all("text", chart).map((one) => [one.textContent, box(one)]);
  for (const [i, [name, at]] of names.entries()) {
    const covered = names.slice(i + 1).filter((other) => !isApart(at, other[1]));
    said.covered.push(...covered.map((other) => [name, other[0]]));
    if (!isInside(at, box(chart))) said.outside.push(name);
  }
}
const isEmpty = (one) => all("td, svg, li, dd", one).length === 0;
const isLast = (one) => /^(H.|SECTION)$/.test((one.nextElementSibling ?? one).tagName);
said.empty = all("section, section > details, .charts").filter(isEmpty).map((one) => one.outerHTML);
said.empty.push(...all("h2, h3").filter(isLast).map((one) => one.textContent));
const sample = document.body.appendChild(document.createElement("i"));
said.colours = WHO.map((who) => {
  sample.className = `c-${who}`;
  return getComputedStyle(sample).color.match(/\\d+/g).map(Number);
});
"""


@pytest.fixture(scope="module", params=[(360, "light"), (1280, "dark")])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Look at the page of the committed results."""
    width, scheme = request.param
    text = page.page(boards.boards(record.read(record.KEPT)))
    script = f"const WHO = {json.dumps(CONTENDERS)}; {LAYOUT}"
    said = look(tmp_path_factory.mktemp("seen"), text, script, width, scheme)
    assert said["width"] == width
    return said | {"scheme": scheme}


def test_nothing_is_wider_than_the_screen_but_what_scrolls_and_says_so(seen: Any) -> None:
    assert seen["wide"] == []
    assert (seen["silent"], seen["loud"]) == (0, 0)
    assert seen["scrolls"] > 0


def test_no_name_in_a_chart_covers_another(seen: Any) -> None:
    assert seen["charts"] > 20
    assert seen["covered"] == seen["outside"] == []


def test_no_section_is_empty(seen: Any) -> None:
    assert seen["empty"] == []


def test_every_contender_has_a_colour_of_its_own_that_is_read(seen: Any) -> None:
    panel = [27, 31, 37] if seen["scheme"] == "dark" else [255, 255, 255]
    for one in seen["colours"]:
        dark, light = sorted((luminance(one), luminance(panel)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # what WCAG asks of text
    for one, other in itertools.combinations(map(oklab, seen["colours"]), 2):
        assert np.linalg.norm(one - other) > 0.08


def linear(colour: list[int]) -> Any:
    """Turn sRGB into amounts of light."""
    shares = np.array(colour) / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def luminance(colour: list[int]) -> float:
    """Give the relative luminance as WCAG defines it."""
    return float(np.dot([0.2126, 0.7152, 0.0722], linear(colour)))


def oklab(colour: list[int]) -> Any:
    """Turn sRGB into OKLab, where distances are those that people see."""
    return np.array(LAB) @ np.cbrt(np.array(CONES) @ linear(colour))
