"""The tests that pandas has of merge_asof, with join_asof in its place."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import learnedidx as lx

ROOT = Path(__file__).resolve().parents[2]
OTHERWISE = {  # what these ask to be refused, and why it is not
    "test_non_sorted": "left needs no order, and right is sorted with a warning",
    "test_valid_join_keys_one_sided_categorical": "categories are compared as what they stand for",
    "test_valid_tolerance": "1.0 is a distance of integers as 1 is",
}


def test_tests_of_pandas_pass() -> None:
    home = Path(pd.__file__).parent
    tests = home / "tests/reshape/merge/test_merge_asof.py"
    if not tests.exists():
        pytest.skip("this pandas was installed without its tests")
    # The sources, which pytest put in front, must not hide the installed library.
    others = [each for each in sys.path if os.path.abspath(each) != str(ROOT)]
    paths = [str(Path(lx.__file__).resolve().parents[1]), *others, str(ROOT)]
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-rfE", "-c", os.devnull, str(tests)]
    command += ["-p", "tests.interop.pandas_own", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command += [f"--rootdir={home}", f"--confcutdir={home}"]
    run = subprocess.run(
        command,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "PYTEST_ADDOPTS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    failed = {line.rpartition("::")[2].partition("[")[0].partition(" ")[0]
              for line in re.findall("^(?:FAILED|ERROR) .*", run.stdout, re.M)}  # fmt: skip
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed is not None and int(passed[1]) > 100, run.stdout + run.stderr
    assert failed <= OTHERWISE.keys(), run.stdout
