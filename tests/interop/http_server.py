"""An HTTP server of one process's memory that counts what it is asked for, and may misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """Serves `files` with Range, and if it `lists` what lies in a folder of them, links to that.

    `mode` is what it does wrong: "", "whole", "other range", "no range", "other length", "busy",
    "short", "slow", "refuse". `wrong` is how many of the next responses are so.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, files: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.lock = files, threading.Lock()
        self.requests: list[tuple[int, int]] = []
        self.mode, self.wrong, self.delay, self.tag = "", 0, 0.0, '"one"'
        self.lists = True
        self.more: dict[str, str] = {}
        self.status = 200  # of the files that are there
        self.late = 0  # how many of the next questions for a size come to nothing
        self.busy = 0  # how many of the next questions for what lies in a folder meet a 503
        self.in_flight = self.most_in_flight = 0

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"

    def misbehaves(self, mode: str, times: int = 1_000_000) -> None:
        self.mode, self.wrong = mode, times

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no matter of the server."""

    def taken(self, start: int, end: int) -> str:
        """Count a request, and return what to do wrong with it."""
        with self.lock:
            self.requests.append((start, end))
            self.wrong -= 1
            return self.mode if self.wrong >= 0 else ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    @property
    def _status(self) -> int:
        return self.server.status if self.path[1:] in self.server.files else 404

    def do_HEAD(self) -> None:
        self.server.late -= 1
        if self.server.late >= 0:
            time.sleep(0.5)
            return
        self._head(self._status, len(self.server.files.get(self.path[1:], b"")))
        self.end_headers()

    def do_GET(self) -> None:
        server = self.server
        if self.path[1:] not in server.files:
            self._list(self.path[1:].rstrip("/") + "/")
            return
        if server.status != 200:
            self._head(server.status, 0)
            self.end_headers()
            return
        if "Range" not in self.headers:
            self.close_connection = True  # as a server that is overrun
            return
        data = server.files[self.path[1:]]
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        start, end = int(first), int(last) + 1
        mode = server.taken(start, end)
        with server.lock:
            server.in_flight += 1
            server.most_in_flight = max(server.most_in_flight, server.in_flight)
        time.sleep(server.delay + 5 * (mode == "slow"))
        with server.lock:
            server.in_flight -= 1
        self._answer(data, start, end, mode)

    def _list(self, folder: str) -> None:
        server = self.server
        server.busy -= 1
        if server.busy >= 0:
            self._head(503, 0)
            self.end_headers()
            return
        found = [name[len(folder) :] for name in server.files if name.startswith(folder)]
        page = "".join(f'<a href="{name}">{name}</a>' for name in found).encode()
        self._head(200 if found and server.lists else 404, len(page))
        self.end_headers()
        self.wfile.write(page)

    def _answer(self, data: Any, start: int, end: int, mode: str) -> None:
        span: str | None = f"bytes {start}-{end - 1}/{len(data)}"
        if mode in ("busy", "refuse"):
            self._head(503 if mode == "busy" else 403, 0)
            self.end_headers()
            return
        if mode == "whole":
            start, end, span = 0, len(data), None
        elif mode == "other range":
            span = f"bytes {start + 8}-{end + 7}/{len(data)}"
        elif mode == "other length":
            span = f"bytes {start}-{end - 1}/{len(data) + 8}"
        elif mode == "no range":
            span = None
        self._head(200 if mode == "whole" else 206, end - start)
        if span is not None:
            self.send_header("Content-Range", span)
        self.end_headers()
        body = memoryview(data)[start:end]
        self.wfile.write(body[: len(body) // 2] if mode == "short" else body)
        self.close_connection = mode == "short"

    def _head(self, status: int, length: int) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", str(length))
        if self.server.tag:
            self.send_header("ETag", self.server.tag)
        for name, value in self.server.more.items():
            self.send_header(name, value)


@contextmanager
def serving(files: dict[str, Any]) -> Iterator[Server]:
    server = Server(files)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
