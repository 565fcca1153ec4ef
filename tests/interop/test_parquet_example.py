"""The example of single rows runs, and all ways find the same rows."""

import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples/python/parquet_points.py"


def test_single_rows_of_a_parquet_file() -> None:
    command = [sys.executable, "-P", str(EXAMPLE), "--rows", "9000", "--group", "1000"]
    told = subprocess.run([*command, "--points", "3"], capture_output=True, text=True, check=True)
    rows = re.findall(r"^ +(90 keys|one key)  (\S.*?) +[\d.]+ ms$", told.stdout, re.MULTILINE)
    assert [name for _, name in rows[:3]] == ["sidecar", "minima by hand", "dataset filter"]
    assert len(rows) == 6
