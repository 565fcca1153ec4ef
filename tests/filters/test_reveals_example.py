"""The attack on files without keys runs, and gets what the page says."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import datasets
import learnedidx as lx

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples/python/what_a_model_reveals.py"
# The data sets of the checkout stand behind the library that is installed.
RUN = f"""
import runpy, sys
sys.path.append({str(ROOT)!r})
runpy.run_path({str(EXAMPLE)!r}, run_name="__main__")
"""


def test_files_without_keys_give_keys_away() -> None:
    command = [sys.executable, "-P", "-c", RUN, "--keys", "5000", "--digits", "6"]
    command += ["--sample", "100"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    row = (
        r"^  (PGM, \d+|RadixSpline, \d+|RMI, .*? leaves|B\+-tree) +[\d,]+ +([\d.]+)% +\S+ +([\d.]+)"
    )
    rows = re.findall(row, told, re.MULTILINE)
    assert len(rows) == 3 * 10
    for start in range(0, len(rows), 10):
        exact = {name: float(share) for name, share, _ in rows[start : start + 10]}
        known = [float(bits) for *_, bits in rows[start : start + 10]]
        assert 6.2 < exact["B+-tree"] < 6.3 and all(exact[n] == 0.04 for n in exact if "RMI" in n)
        assert exact["PGM, 1024"] < exact["PGM, 16"] < 5
        assert known[0] < known[2] and known[3] < known[5] and known[6] < known[8]
    members = dict(re.findall(r"^  (\w+\(.*?\)) +[\d.]+ +[\d,]+ +([\d.]+)%$", told, re.MULTILINE))
    assert members["RangeFilter()"] == "100.0" and float(members["PointFilter()"]) < 50
    assert float(members["PointFilter(fpr=0.0001)"]) > 80
    *_, heaviest = told.splitlines()
    inside = [gram in "clinic hospital" for gram in heaviest.split()]
    assert inside[0] and sum(inside) >= 4  # by chance one gram in 1,700 is


@pytest.mark.parametrize(
    ("model", "least"),
    [(lx.RMI(), 4), (lx.PGM(16), 100), (lx.RadixSpline(16), 100), (lx.BTree(), 1250)],
    ids=lambda each: type(each).__name__,
)
def test_keys_that_a_file_holds_are_read(model: lx.RMI, least: int) -> None:
    keys = np.asarray(datasets.load("fb", n=20_000))
    data = lx.LearnedIndex(keys, model=model).save(bytes, keys=False)
    read = runpy.run_path(str(EXAMPLE))["stored"](data)
    assert np.isin(read, keys).sum() >= least
    assert (np.isin(read, keys) | np.isin(read - 1, keys) | np.isin(read + 1, keys)).all()
