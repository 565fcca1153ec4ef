"""The example of keys on a server runs: a lookup is one request, and the model is the smallest."""

import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples/python/remote_lookups.py"


def test_lookups_over_keys_on_a_server() -> None:
    command = [sys.executable, "-P", str(EXAMPLE), "--keys", "100000", "--delay", "0"]
    told = subprocess.run(
        [*command, "--largest", "150", "--turns", "1"], capture_output=True, text=True, check=True
    )
    held = [int(each.replace(",", "")) for each in re.findall(r"holds ([\d,]+)", told.stdout)]
    assert held[2] == 0 < held[0] < held[1] / 3
    requests = [float(each) for each in re.findall(r"([\d.]+) requests", told.stdout)]
    assert requests[:2] == [1, 1] and requests[2] > 15
    assert requests[6] < 0.7
