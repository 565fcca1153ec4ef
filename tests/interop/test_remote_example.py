"""The example of keys on a server runs: a lookup is one request, and the model is the smallest."""

import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np

import learnedidx as lx

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples/python/remote_lookups.py"


def test_a_file_is_served_with_ranges(tmp_path: Path) -> None:
    keys = np.arange(0, 300_000, 3)
    path = tmp_path / "orders.lidx"
    lx.LearnedIndex(keys, lx.PGM(epsilon=256)).save(path)
    command = [sys.executable, "-P", str(EXAMPLE), "--serve", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().strip()
            assert lx.remote.open(url).find([300, 301]).tolist() == [100, -1]
            with urllib.request.urlopen(url) as response:
                assert (response.status, response.read()) == (200, path.read_bytes())
        finally:
            server.terminate()


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
