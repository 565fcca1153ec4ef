"""The example of a cold file runs, and its filters read fewer pages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples/python/cold.py"


@pytest.mark.skipif(sys.platform != "linux", reason="mincore and posix_fadvise as on Linux")
def test_filters_before_a_cold_file_save_reads(tmp_path: Path) -> None:
    command = [sys.executable, "-P", str(EXAMPLE), "--keys", "100000", "--queries", "100"]
    command += ["--folder", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^  (\S.*?)\s+([\d,]+) pages +[\d.]+ ms$", told, re.MULTILINE)
    names, pages = zip(*((name, int(count.replace(",", ""))) for name, count in rows), strict=True)
    assert names[1:3] == ("PointFilter, index", "RangeFilter, index") and names[-1] == "LearnedHash"
    if pages[0] == 0:
        pytest.skip("the folder's file system keeps all pages in memory")
    alone, points, ranges, alone_ranges, before_ranges, alone_values, by_hash = pages
    assert points < alone / 2 and ranges < alone / 2 and before_ranges < alone_ranges / 2
    assert by_hash < 0.7 * alone_values
