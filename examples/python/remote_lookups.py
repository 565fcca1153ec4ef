"""Lookups over keys on a web server: a model, the first key of each 4 KiB block, and bisection.

python examples/python/remote_lookups.py --keys 100000000 --delay 0.02

A server in a process of its own adds the delay to each response. Requests and bytes are those of
one lookup. The server alone, for a file of yours, until Ctrl-C; it prints the URL:

python examples/python/remote_lookups.py --serve orders.lidx
"""

from __future__ import annotations

import argparse
import contextlib
import mmap
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
from numpy.typing import NDArray

import learnedidx as lx

BLOCK = 512  # keys of 8 bytes: 4 KiB
IN_FLIGHT = 64
Array = NDArray[Any]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # connections that are made at once


def serve(path: str, delay: float) -> None:
    """Serve one file with Range on this machine, and print its URL."""
    with Path(path).open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_HEAD(self) -> None:
            self.send_response_only(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()

        def do_GET(self) -> None:
            asked = self.headers.get("Range", f"bytes=0-{len(data) - 1}")
            first, last = map(int, asked.removeprefix("bytes=").split("-"))
            time.sleep(delay)
            self.send_response_only(206 if "Range" in self.headers else 200)
            self.send_header("Content-Length", str(last + 1 - first))
            if "Range" in self.headers:
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
            self.end_headers()
            self.wfile.write(data[first : last + 1])

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}/{Path(path).name}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


class Reader:
    """Reads ranges of keys, many at a time, and counts."""

    def __init__(self, url: str, begin: int, dtype: Any) -> None:
        self.url, self.begin, self.dtype = url, begin, dtype
        self.requests = self.bytes_read = 0
        self.system = fsspec.filesystem("http")

    def read(self, starts: Array, ends: Array) -> list[Array]:
        at = [(self.begin + 8 * each).tolist() for each in (starts, ends)]
        urls = [self.url] * len(starts)
        got = self.system.cat_ranges(urls, *at, batch_size=IN_FLIGHT, on_error="raise")
        self.requests += len(got)
        self.bytes_read += sum(map(len, got))
        return [np.frombuffer(each, self.dtype) for each in got]


class Blocks(Reader):
    """The first key of each block is in memory; blocks beside each other are one read."""

    def __init__(self, url: str, begin: int, keys: Array) -> None:
        super().__init__(url, begin, keys.dtype)
        self.firsts, self.n = keys[::BLOCK].copy(), keys.size
        self.nbytes = self.firsts.nbytes

    def find(self, v: Array) -> Array:
        order = np.argsort(v)
        blocks = np.maximum(np.searchsorted(self.firsts, v[order], "left") - 1, 0)
        cuts = np.append(0, np.flatnonzero(np.diff(blocks) > 2) + 1)
        starts = blocks[cuts] * BLOCK
        ends = np.minimum((blocks[np.append(cuts[1:], v.size) - 1] + 1) * BLOCK + 1, self.n)
        found = np.empty(v.size, np.int64)
        parts = zip(np.split(order, cuts[1:]), starts, self.read(starts, ends), strict=True)
        for which, start, keys in parts:
            found[which] = start + np.searchsorted(keys, v[which])
        return found


class Bisection(Reader):
    """Nothing is in memory; equal probes of a batch are one read."""

    def __init__(self, url: str, begin: int, keys: Array) -> None:
        super().__init__(url, begin, keys.dtype)
        self.n, self.nbytes = keys.size, 0

    def find(self, v: Array) -> Array:
        low, high = np.zeros(v.size, np.int64), np.full(v.size, self.n)
        while (open_ := np.flatnonzero(low < high)).size:
            probes, which = np.unique((low[open_] + high[open_]) // 2, return_inverse=True)
            keys = np.concatenate(self.read(probes, probes + 1))[which]
            below = keys < v[open_]
            low[open_[below]] = probes[which][below] + 1
            high[open_[~below]] = probes[which][~below]
        return low


def timed(way: Any, batches: list[Array], truth: Callable[[Array], Array]) -> str:
    seconds, before = [], (way.requests, way.bytes_read)
    for batch in batches:
        start = time.perf_counter()
        found = way.find(batch)
        seconds.append(time.perf_counter() - start)
        if not np.array_equal(found, truth(batch)):
            raise AssertionError("a wrong position")
    lookups = sum(batch.size for batch in batches)
    requests, read = (way.requests - before[0]) / lookups, (way.bytes_read - before[1]) / lookups
    return f"{statistics.median(seconds) * 1e3:9.1f} ms {requests:6.2f} requests {read:6.0f} bytes"


def compare(path: Path, given: Array, delay: float, turns: int, largest: int) -> None:
    random = np.random.default_rng(7)
    lx.LearnedIndex(given, lx.PGM(epsilon=256)).save(path)
    mapped = lx.open(path)
    keys: Any = mapped.keys
    begin = path.stat().st_size - keys.nbytes
    command = [sys.executable, "-P", __file__, "--serve", str(path), "--delay", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            ways: dict[str, Any] = {
                "model": lx.remote.open(url, in_flight=IN_FLIGHT),
                "first keys of blocks": Blocks(url, begin, keys),
                "bisection": Bisection(url, begin, keys),
            }
            for name, way in ways.items():
                print(f"  {name:22} holds {way.nbytes:,} bytes")
            for size, times in ((1, 2 * turns + 1), (100, turns), (largest, 1)):
                batches = [keys[random.integers(0, keys.size, size)] for _ in range(times)]
                for name, way in ways.items():
                    print(f"  {size:6} {name:22} {timed(way, batches, mapped.find)}", flush=True)
        finally:
            server.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=10_000_000)
    parser.add_argument("--file", help="sorted keys of 8 bytes, a .npy file, in their place")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--delay", type=float, help="seconds before a response: 0.02; of --serve 0")
    parser.add_argument("--largest", type=int, default=10_000, help="lookups of the last batch")
    parser.add_argument("--serve", metavar="FILE", help="serve this file with Range, and no more")
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.delay or 0.0)
        return
    keys = (
        np.load(given.file, mmap_mode="r")
        if given.file
        else np.cumsum(np.random.default_rng(5).integers(1, 200, given.keys))
    )
    with tempfile.TemporaryDirectory() as folder:
        delay = 0.02 if given.delay is None else given.delay
        compare(Path(folder) / "keys.lidx", keys, delay, given.turns, given.largest)


if __name__ == "__main__":
    main()
