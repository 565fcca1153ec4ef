"""Lookups by ranged reads: answers of a whole index, one read each, and servers that misbehave."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Iterator
from typing import Any

import fsspec
import numpy as np
import pytest

import learnedidx as lx
from learnedidx.interop import _ranges
from tests.format import spoil
from tests.interop.http_server import Server, serving

RANDOM = np.random.default_rng(8)
SMOOTH = np.cumsum(RANDOM.integers(1, 100, 20_000))
KEYS: dict[str, Any] = {
    "int64": SMOOTH,
    "uint64": np.sort(RANDOM.integers(0, 2**64, 3000, np.uint64)),
    "int32 duplicates": np.repeat(np.arange(-50, 50, dtype=np.int32), 37),
    "uint8": np.sort(RANDOM.integers(0, 256, 900).astype(np.uint8)),
    "float64": np.append(np.sort(RANDOM.normal(size=2000)), [np.inf, np.nan, np.nan]),
    "float32": np.sort(RANDOM.normal(size=2000).astype(np.float32)),
    "datetime64": np.append(SMOOTH[:999].astype("M8[s]"), np.datetime64("NaT", "s")),
    "equal": np.full(5000, 7),
    "lognormal": np.sort(RANDOM.lognormal(0, 4, 4000) * 1e6).astype(np.int64),
    "one": np.array([5]),
    "none": np.array([], np.int64),
}


def stored(name: str, data: bytes) -> str:
    url = f"memory://remote/{name}"
    fsspec.filesystem("memory").pipe(f"/remote/{name}", data)
    return url


def numpy_file(keys: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, keys)
    return file.getvalue()


@pytest.mark.parametrize("model", [lx.PGM(epsilon=8), lx.RadixSpline(epsilon=16)])
@pytest.mark.parametrize("name", KEYS)
def test_answers_are_those_of_an_index(name: str, model: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(lx.remote, "AT_ONCE", 300)
    keys = KEYS[name]
    index = lx.LearnedIndex(keys, model)
    remote = lx.remote.open(stored("own.lidx", index.save(bytes, values=np.arange(keys.size))))
    queries = np.concatenate([keys[::3], keys[:5], keys[-5:]])[RANDOM.permutation(keys.size // 3)]
    if keys.dtype != "M8[s]":
        queries = np.concatenate([queries.astype(np.float64), RANDOM.normal(scale=1e6, size=50)])
    for verb in ("searchsorted", "rank", "find", "contains"):
        for v in (queries, queries[:9].reshape(3, 3), queries[:0], *queries[:3]):
            got, wanted = getattr(remote, verb)(v), getattr(index, verb)(v)
            assert type(got) is type(wanted)
            assert np.array_equal(got, wanted)
    assert np.array_equal(remote.searchsorted(queries, "right"), index.rank(queries))
    assert np.array_equal(remote.count(queries, queries[::-1]), index.count(queries, queries[::-1]))
    assert len(remote) == keys.size


def test_instants_and_keys_beyond_doubles() -> None:
    import pandas as pd

    times = pd.Series(pd.to_datetime(SMOOTH[:999], unit="s")).dt.tz_localize("Asia/Tokyo")
    index = lx.LearnedIndex(times, "pgm")
    remote = lx.remote.open(stored("times.lidx", index.save(bytes)))
    utc = times.dt.tz_convert("UTC")
    assert remote.find(utc[::5]).tolist() == list(range(0, 999, 5))
    assert (remote.find(utc[7]), remote.rank(utc[7].to_pydatetime())) == (7, 8)
    with pytest.raises(TypeError, match="time zone"):
        remote.find(np.datetime64("2020-01-01"))
    large = lx.LearnedIndex(np.array([1, 2**53, 2**53 + 1]), "pgm")
    remote = lx.remote.open(stored("large.lidx", large.save(bytes)))
    assert remote.find([2**53 + 1, 10**30, 2**53]).tolist() == [2, -1, 1]
    assert remote.count(2**53, 10**30) == 2


@pytest.mark.parametrize("form", ["npy", "raw", "lidx"])
def test_keys_in_a_file_of_their_own(form: str) -> None:
    index = lx.LearnedIndex(SMOOTH, lx.PGM(epsilon=64))
    model = stored("model.lidx", index.save(bytes, keys=False))
    with pytest.raises(lx.FormatError, match=r"model\.lidx: does not hold its keys; pass their U"):
        lx.remote.open(model)
    other = lx.LearnedIndex(SMOOTH, "rmi").save(bytes, filter=lx.PointFilter().fit(SMOOTH))
    data = {"npy": numpy_file(SMOOTH), "raw": SMOOTH.tobytes(), "lidx": other}[form]
    remote = lx.remote.open(model, stored("keys", data))
    assert remote.find(SMOOTH[::7]).tolist() == list(range(0, 20_000, 7))
    assert SMOOTH[5] in remote
    assert pickle.loads(pickle.dumps(remote)).find(SMOOTH[9]) == 9
    assert repr(remote) == "RemoteIndex(20000 keys of int64 in memory://remote/keys)"


def test_a_file_with_a_filter_and_a_large_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lx.remote, "FIRST_READ", 4096)
    keys = np.sort(RANDOM.integers(0, 2**60, 60_000))
    index = lx.LearnedIndex(keys, lx.PGM(epsilon=2))
    assert index.nbytes > 20_000
    data = index.save(bytes, filter=lx.PointFilter().fit(keys), values=keys)
    remote = lx.remote.open(stored("all.lidx", data))
    assert np.array_equal(remote.find(keys[::9]), np.arange(0, 60_000, 9))
    assert 4096 < remote.nbytes <= index.nbytes
    smooth = lx.LearnedIndex(np.arange(10**6), lx.PGM(epsilon=256))
    remote = lx.remote.open(stored("all.lidx", smooth.save(bytes)))
    assert remote.nbytes < 1000 < smooth.nbytes, "corrections, of lookups in memory, stay there"
    assert (remote.find(77_777), remote.bytes_read < 4096 + 4200) == (77_777, True)


# Over HTTP.


@pytest.fixture
def server() -> Iterator[Server]:
    index = lx.LearnedIndex(SMOOTH, lx.PGM(epsilon=64))
    with serving({"keys.lidx": index.save(bytes), "other": numpy_file(SMOOTH + 1)}) as server:
        yield server


@pytest.fixture
def remote(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[lx.remote.RemoteIndex]:
    monkeypatch.setattr(_ranges, "PAUSE", 0.01)
    opened = lx.remote.open(server.url("keys.lidx"), in_flight=8, retries=2, timeout=0.2)
    server.requests.clear()
    yield opened
    opened._file._system.close_session(opened._file._system.loop, opened._file._system._session)


def test_a_lookup_is_one_request(server: Server, remote: lx.remote.RemoteIndex) -> None:
    for key in SMOOTH[::2500].tolist():
        for v in (key, key + 1, key - 1):
            server.requests.clear()
            assert remote.searchsorted(v) == np.searchsorted(SMOOTH, v)
            ((start, end),) = server.requests
            assert end - start <= (2 * 64 + 3) * 8
    server.requests.clear()
    near = SMOOTH[5000:5400:3]
    assert remote.find(near[::-1]).tolist() == list(range(5000, 5400, 3))[::-1]
    assert len(server.requests) == 1, "windows that overlap are one request"


def test_many_are_in_flight(server: Server, remote: lx.remote.RemoteIndex) -> None:
    server.delay, before = 0.02, remote.requests
    assert remote.find(SMOOTH[::1000]).tolist() == list(range(0, 20_000, 1000))
    assert len(server.requests) == remote.requests - before == 20
    assert 1 < server.most_in_flight <= 8
    assert remote.bytes_read < 20 * 131 * 8 + 70_000


def test_waiting_for_others_is_no_time_out(
    server: Server, remote: lx.remote.RemoteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lx.remote, "JOINED", 0)
    server.delay = 0.02
    assert remote.find(SMOOTH[::150]).tolist() == list(range(0, 20_000, 150))
    assert len(server.requests) == 134, "one after the other, they take longer than one may"


WRONG = {
    "whole": "ignores Range and sends the whole file",
    "other range": r"answered 206 with Content-Range 'bytes \d+-\d+/\d+'; the file may have",
    "other length": "answered 206 with Content-Range",
    "no range": "answered 206 with Content-Range ''",
    "refuse": "the server answered 403",
    "busy": "were not read in 3 tries: AgainError the server answered 503",
    "short": "were not read in 3 tries: ClientPayloadError",
    "slow": "were not read in 3 tries: .*Timeout",
}


@pytest.mark.parametrize("mode", WRONG)
def test_responses_that_are_not_what_was_asked_for(
    server: Server, remote: lx.remote.RemoteIndex, mode: str
) -> None:
    server.misbehaves(mode)
    with pytest.raises(OSError, match=rf"keys\.lidx: .*{WRONG[mode]}"):
        remote.find(SMOOTH[[1, 10_000]])
    assert len(server.requests) == (6 if mode in ("busy", "short", "slow") else 2)
    server.misbehaves("")
    assert remote.find(SMOOTH[7]) == 7


@pytest.mark.parametrize("mode", ["busy", "short", "slow"])
def test_what_goes_away_is_tried_again(
    server: Server, remote: lx.remote.RemoteIndex, mode: str
) -> None:
    server.misbehaves(mode, times=3)
    assert remote.find(SMOOTH[[1, 10_000]]).tolist() == [1, 10_000]
    assert len(server.requests) == 5


def test_a_file_that_is_replaced(server: Server, remote: lx.remote.RemoteIndex) -> None:
    server.tag = '"two"'
    with pytest.raises(lx.FormatError, match=r'was replaced .* ETag was "one", now it is "two"'):
        remote.find(SMOOTH[3])
    server.files["keys.lidx"] = bytes(100)
    with pytest.raises(OSError, match="the file may have changed, open it again"):
        remote.find(SMOOTH[3])


def test_the_header_that_tells_versions_apart_is_named(
    server: Server, remote: lx.remote.RemoteIndex
) -> None:
    remote._file._tag, server.tag, server.more = None, "", {"Last-Modified": "Tue"}
    assert remote.find(SMOOTH[3]) == 3
    says = "replaced while it was open: its Last-Modified was Tue, now it is"
    for server.more, now in (({"Last-Modified": "Wed"}, "Wed"), ({}, "missing")):
        with pytest.raises(lx.FormatError, match=rf"{says} {now}; open it again"):
            remote.find(SMOOTH[3])
    remote._file._tag = None
    assert remote.find(SMOOTH[3]) == remote.find(SMOOTH[3]) == 3, "a server may send neither"


def test_what_cannot_be_reached() -> None:
    with pytest.raises(ConnectionError, match=r"http://127\.0\.0\.1:1/x: Cannot connect"):
        lx.remote.open("http://127.0.0.1:1/x")
    with pytest.raises(FileNotFoundError, match="not there: there is no such file; check the URL"):
        lx.remote.open("memory://remote/not there")


def test_a_size_is_asked_for_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ranges, "PAUSE", 0.01)
    server.late = 2
    assert len(lx.remote.open(server.url("keys.lidx"), retries=2, timeout=0.3)) == len(SMOOTH)
    server.late = 9
    with pytest.raises(ConnectionError, match=r"keys\.lidx: "):
        lx.remote.open(server.url("keys.lidx"), retries=2, timeout=0.3)


def test_what_is_not_on_the_server(server: Server, remote: lx.remote.RemoteIndex) -> None:
    says = r"nothing\.lidx: there is no such file \(the server answered 404\); check the URL"
    with pytest.raises(FileNotFoundError, match=says):
        lx.remote.open(server.url("nothing.lidx"))
    with pytest.raises(OSError, match=r"keys\.lidx: the server answered 403") as caught:
        server.status = 403
        lx.remote.open(server.url("keys.lidx"))
    assert not isinstance(caught.value, (FileNotFoundError, ConnectionError))
    server.files.pop("keys.lidx")
    with pytest.raises(FileNotFoundError, match=r"keys\.lidx: there is no such file"):
        remote.find(SMOOTH[3])


def test_wrong_arguments() -> None:
    wrong: dict[str, Any] = {"in_flight": 0, "retries": -1, "timeout": 0}
    for name, value in wrong.items():
        with pytest.raises(ValueError, match=f"{name}: must be .*, got {value}"):
            lx.remote.open("memory://any", **{name: value})
    with pytest.raises(TypeError, match="url, keys: must be URLs or paths, got int"):
        lx.remote.open(3)  # type: ignore[arg-type]


def test_keys_of_another_index() -> None:
    index = lx.LearnedIndex(SMOOTH, lx.PGM(epsilon=8))
    model = stored("model.lidx", index.save(bytes, keys=False))

    def opened(data: bytes) -> lx.remote.RemoteIndex:
        return lx.remote.open(model, stored("keys", data))

    for wrong in (SMOOTH[1:], SMOOTH.astype(np.int32), SMOOTH.astype(">i8"), SMOOTH.reshape(2, -1)):
        with pytest.raises(lx.FormatError, match=r"keys: has keys of dtype .* made over 20000 of"):
            opened(numpy_file(wrong))
    for raw in (b"", SMOOTH.tobytes()[:-1], SMOOTH.tobytes()[:-8], numpy_file(SMOOTH)[:-1]):
        with pytest.raises(lx.FormatError, match="has keys of dtype"):
            opened(raw)
    with pytest.raises(lx.FormatError, match="is no .npy file that can be read"):
        opened(b"\x93NUMPY\x09\x00" + bytes(100))
    with pytest.raises(lx.FormatError, match="or none; "):
        opened(index.save(bytes, keys=False))
    with pytest.raises(lx.FormatError, match=r"keys: has other keys .* first or last one differs"):
        opened(numpy_file(SMOOTH + 1))
    moved, swapped = SMOOTH.copy(), SMOOTH.copy()
    moved[1:-1] = np.sort(RANDOM.integers(moved[0], moved[-1] // 9, moved.size - 2))
    with pytest.raises(lx.FormatError, match="they lie outside certified bounds"):
        opened(numpy_file(moved)).find(SMOOTH)
    swapped[[700, 701]] = swapped[[701, 700]]
    with pytest.raises(lx.FormatError, match="their order: keys: not sorted"):
        opened(swapped.tobytes()).find(SMOOTH[700])


def test_models_without_narrow_bounds() -> None:
    filter = lx.PointFilter().fit(SMOOTH)
    files = {lx.LearnedIndex(SMOOTH, m).save(bytes): "has no model with" for m in ("btree", "none")}
    files[lx.LearnedIndex(SMOOTH, "rmi").save(bytes, keys=False, filter=filter)] = "has no model w"
    for strings in (["a", "b"], lx.Columns([1, 2], [3, 4])):
        files[lx.LearnedIndex(strings).save(bytes)] = "has keys of text, .* use lx.open"
    for one in (filter, lx.PointFilter().fit(["a"])):
        files[one.save(bytes)] = "is a filter, .* use lx.open"
    for data, says in files.items():
        with pytest.raises(lx.FormatError, match=rf"own\.lidx: {says}"):
            lx.remote.open(stored("own.lidx", data))


def answers_or_is_refused(data: bytes, keys: Any) -> None:
    """Any bytes are refused, or answer as their keys do."""
    try:
        remote = lx.remote.open(stored("own.lidx", data))
        got = remote.find(keys)
    except lx.FormatError:
        return
    assert np.array_equal(got, np.arange(keys.size))


@pytest.mark.parametrize("model", [lx.PGM(epsilon=8), lx.RadixSpline(epsilon=16)])
def test_damaged_files(model: Any) -> None:
    keys = SMOOTH[:999]
    whole = lx.LearnedIndex(keys, model).save(bytes)
    for name, part in spoil.parts(whole).items():
        if name.startswith("KEYS"):
            continue  # other keys have other answers
        for _ in range(16):
            spoiled = spoil.flipped(whole, part, RANDOM)
            answers_or_is_refused(spoiled, keys)
            answers_or_is_refused(spoil.signed(spoiled), keys)
    for size in (0, 7, 127, 128, 500, 4096, len(whole) - 1):
        with pytest.raises(lx.FormatError, match=r"own\.lidx"):
            lx.remote.open(stored("own.lidx", whole[:size]))


def test_damage_is_found_when_a_file_is_opened() -> None:
    whole = lx.LearnedIndex(SMOOTH, lx.PGM(epsilon=8)).save(bytes)
    for name, part in spoil.parts(whole).items():
        kind, spoiled = name.partition(" ")[0], bytearray(whole)
        spoiled[part[0] + 3] ^= 1
        if kind in ("META", "MODL", "BEFO", "SEGS"):
            with pytest.raises(lx.FormatError, match=rf"own\.lidx: is damaged: .*{kind}"):
                lx.remote.open(stored("own.lidx", bytes(spoiled)))


def test_a_file_that_becomes_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ranges, "PAUSE", 0.001)
    whole = lx.LearnedIndex(SMOOTH, lx.PGM(epsilon=8)).save(bytes)
    remote = lx.remote.open(stored("own.lidx", whole))
    stored("own.lidx", whole[:-800])
    with pytest.raises(OSError, match=r"own\.lidx: bytes \d+ to \d+ were not .* 0 bytes came"):
        remote.find(SMOOTH[-1])
    assert remote.find(SMOOTH[5]) == 5


def test_without_fsspec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(ImportError, match=r"needs fsspec.* pip install 'learnedidx\[remote\]'"):
        lx.remote.open("memory://any")
