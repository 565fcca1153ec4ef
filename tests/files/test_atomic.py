"""Saving is atomic: killed, out of space or interrupted, one whole file stays."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest

import learnedidx as lx

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

SAVES = """
import sys
import numpy as np, learnedidx as lx
indexes = [lx.LearnedIndex(np.arange(n, dtype=np.uint64), "rmi") for n in (2_000_000, 2_000_001)]
print("ready", flush=True)
while True:
    for index in indexes:
        print("in", flush=True)
        index.save(sys.argv[1])
        print("out", flush=True)
"""


def kill_while_saving(path: Path, chosen: random.Random) -> bool:
    """Kill a process that saves over and over; tell whether it was inside a save."""
    command = [sys.executable, "-P", "-c", SAVES, str(path)]
    with subprocess.Popen(command, stdout=PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.stdout.readline()
        time.sleep(chosen.uniform(0.0, 0.06))
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read().split()
    return not said or said[-1] == "in"


def check_killed(tmp_path: Path, times: int) -> int:
    path = tmp_path / "index.lidx"
    lx.LearnedIndex(np.arange(2_000_000, dtype=np.uint64), "rmi").save(path)
    chosen = random.Random(8)
    inside = 0
    for _ in range(times):
        inside += kill_while_saving(path, chosen)
        index = lx.open(path, verify="full")
        assert len(index) in (2_000_000, 2_000_001)
        assert index.searchsorted(1_234_567) == 1_234_567
        for left in tmp_path.glob(".index.lidx.*.tmp"):
            left.unlink()
    return inside


def test_killed(tmp_path: Path) -> None:
    assert check_killed(tmp_path, 4) >= 1


@pytest.mark.long
def test_killed_two_hundred_times(tmp_path: Path) -> None:
    inside = check_killed(tmp_path, 200)
    print(f"{inside} of 200 inside a save")
    assert inside >= 100


def check_no_space(path: Path, old: bytes, index: lx.LearnedIndex) -> None:
    with pytest.raises(OSError, match="what was there before stays") as caught:
        index.save(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == old
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_limit_of_size(tmp_path: Path) -> None:
    path = tmp_path / "index.lidx"
    lx.LearnedIndex(np.arange(100)).save(path)
    old = path.read_bytes()
    index = lx.LearnedIndex(np.arange(100_000))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        check_no_space(path, old, index)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        path = disk / "index.lidx"
        lx.LearnedIndex(np.arange(100)).save(path)
        check_no_space(path, path.read_bytes(), lx.LearnedIndex(np.arange(100_000)))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "index.lidx", tmp_path / "link"
    lx.LearnedIndex(np.arange(100)).save(path)
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()
    path.chmod(0o640)
    link.symlink_to(path)
    lx.LearnedIndex(np.arange(200)).save(link)
    assert link.is_symlink() and path.stat().st_mode & 0o777 == 0o640
    assert len(lx.open(path)) == 200


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
