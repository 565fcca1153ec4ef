"""SOSD files: round trips, and files that are not what they say."""

from pathlib import Path

import numpy as np
import pytest

from datasets.keytypes import AnyKeys
from datasets.sosd import read_sosd, write_sosd


def keys_of(bits: int) -> AnyKeys:
    return np.array([0, 7, 7, 2**bits - 1], dtype=f"uint{bits}")


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("mmap", [False, True])
def test_round_trip_by_name(tmp_path: Path, bits: int, mmap: bool) -> None:
    file = tmp_path / f"set_4_uint{bits}"
    write_sosd(file, keys_of(bits))
    keys = read_sosd(file, mmap=mmap)
    assert np.array_equal(keys, keys_of(bits))
    assert keys.dtype == keys_of(bits).dtype
    assert isinstance(keys, np.memmap) == mmap
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("bits", [32, 64])
def test_round_trip_by_argument(tmp_path: Path, bits: int) -> None:
    write_sosd(tmp_path / "keys.bin", keys_of(bits), bits)
    assert np.array_equal(read_sosd(tmp_path / "keys.bin", bits), keys_of(bits))


def test_bytes_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "set_uint32"
    write_sosd(file, np.array([1, 258], dtype=">u4"))
    assert file.read_bytes() == b"\2\0\0\0\0\0\0\0" + b"\1\0\0\0" + b"\2\1\0\0"


def test_strided_and_empty_keys(tmp_path: Path) -> None:
    file = tmp_path / "set_uint64"
    write_sosd(file, np.arange(10, dtype=np.uint64)[::3])
    assert read_sosd(file).tolist() == [0, 3, 6, 9]
    write_sosd(file, np.empty(0, dtype=np.uint64))
    assert read_sosd(file, mmap=True).size == 0


def test_mapped_keys_are_read_only(tmp_path: Path) -> None:
    file = tmp_path / "set_uint64"
    write_sosd(file, keys_of(64))
    with pytest.raises(ValueError, match="read-only"):
        read_sosd(file, mmap=True)[0] = 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 bytes are too few"),
        (b"\1\0\0", "3 bytes are too few"),
        (b"\1" + bytes(7), "8 bytes, but 1 keys of 64 bits take 16"),
        (b"\1" + bytes(19), "20 bytes, but 1 keys of 64 bits take 16"),
        (b"\xff" * 16, "18446744073709551615 keys"),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "set_uint64"
    file.write_bytes(content)
    for mmap in (False, True):
        with pytest.raises(ValueError, match=message):
            read_sosd(file, mmap=mmap)


def test_unknown_width(tmp_path: Path) -> None:
    file = tmp_path / "keys.bin"
    with pytest.raises(ValueError, match=r"'keys.bin' does not end in _uint32 or _uint64"):
        read_sosd(file)
    with pytest.raises(ValueError, match="bits=16"):
        read_sosd(file, 16)


@pytest.mark.parametrize(
    "keys",
    [
        np.zeros(3, dtype=np.uint32),
        np.zeros(3, dtype=np.int64),
        np.zeros(3, dtype=np.float64),
        np.zeros((3, 1), dtype=np.uint64),
    ],
)
def test_keys_that_the_file_cannot_hold(tmp_path: Path, keys: AnyKeys) -> None:
    with pytest.raises(ValueError, match="keys: set_uint64 takes"):
        write_sosd(tmp_path / "set_uint64", keys)
    assert list(tmp_path.iterdir()) == []


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_sosd(tmp_path / "set_uint64")
