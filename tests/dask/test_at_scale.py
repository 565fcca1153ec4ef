"""What the page says of 10^10 and 10^12 keys is computed, from figures of the size it measures."""

import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples/python/shards_at_scale.py"


def test_the_page_has_what_is_computed() -> None:
    made = runpy.run_path(str(EXAMPLE))
    page = (ROOT / "docs/dask.md").read_text()
    tables = [made["at_scale"](keys, made["ROWS"], made["MEASURED"]) for keys in made["SIZES"]]
    for name, first in tables[0].items():
        assert f"| {name} | {first} | {tables[1][name]} |" in page


def test_what_is_measured_has_the_form_of_what_was() -> None:
    made = runpy.run_path(str(EXAMPLE))
    one = made["measured"](20_000)
    assert one.keys() == made["MEASURED"].keys()
    assert one["file"] > 160_000 and one["lines"] < 9 and one["task"] < 6_000
    assert 100 < one["manifest"] < 400
    command = [sys.executable, "-P", str(EXAMPLE)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.count("\n| ") == 11
