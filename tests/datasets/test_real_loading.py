"""Finding, pinning and caching real sets."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets.checksum import sha256_of_keys
from datasets.keytypes import AnyKeys
from datasets.real import npm, places
from datasets.real.readers import reader
from datasets.real.realset import ChecksumError, RealSet
from datasets.registry import REAL

KEYS = np.array([3, 5, 5, 8], dtype=np.uint64)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("LEARNEDIDX_DATA", str(folder))
    return folder


def extract(path: Path) -> AnyKeys:
    return np.array(path.read_text().split(), dtype=np.uint64)


@pytest.fixture
def small(tmp_path: Path, cache: Path) -> RealSet:
    file = tmp_path / "keys.txt"
    file.write_text("3 5 5 8")
    return RealSet(
        name="small",
        dtype="uint64",
        shape="four keys",
        source="a test",
        licence="none",
        install="touch keys.txt",
        sha256=sha256_of_keys(KEYS),
        find=lambda: places.existing(file),
        extract=extract,
    )


def test_load_extracts_once_and_caches(small: RealSet, cache: Path, tmp_path: Path) -> None:
    assert small.load().tolist() == KEYS.tolist()
    assert [path.name for path in cache.iterdir()] == ["small.npy"]
    (tmp_path / "keys.txt").unlink()
    assert small.load().tolist() == KEYS.tolist()


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-1] + b"\1"),
        lambda file: file.write_bytes(file.read_bytes()[:-9]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"no array at all"),
        lambda file: np.save(file, KEYS.astype(np.int64)),
        lambda file: np.save(file, KEYS.reshape(2, 2)),
    ],
)
def test_damaged_cache_is_extracted_again(
    small: RealSet, cache: Path, damage: Callable[[Path], object]
) -> None:
    small.load()
    whole = (cache / "small.npy").read_bytes()
    damage(cache / "small.npy")
    keys = small.load()
    assert (keys.tolist(), keys.dtype) == (KEYS.tolist(), KEYS.dtype)
    assert (cache / "small.npy").read_bytes() == whole


def test_missing_file_names_the_command(small: RealSet, tmp_path: Path) -> None:
    (tmp_path / "keys.txt").unlink()
    with pytest.raises(FileNotFoundError, match="small: .*install it with: touch keys.txt"):
        small.load()


def test_explicit_path(small: RealSet, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere.txt"
    with pytest.raises(places.DataMissingError, match=r"no file at .*elsewhere.txt.*touch"):
        small.load(other)
    (tmp_path / "keys.txt").rename(other)
    assert small.load(str(other)).tolist() == KEYS.tolist()


def test_explicit_path_is_read_although_the_set_is_cached(small: RealSet, tmp_path: Path) -> None:
    small.load()
    other = tmp_path / "other.txt"
    other.write_text("1 2")
    with pytest.raises(ChecksumError):
        small.load(other)


def test_other_keys_are_refused(small: RealSet, cache: Path) -> None:
    with pytest.raises(ChecksumError, match="small: SHA-256 .* pinned version with: touch"):
        replace(small, sha256="0" * 64).load()
    assert not cache.exists()


@pytest.mark.parametrize("found", ["1.1", None])
def test_another_version_of_a_daily_package_warns(
    small: RealSet, cache: Path, found: str | None
) -> None:
    daily = replace(small, sha256="0" * 64, version="1.0", version_of=lambda path: found)
    with pytest.warns(UserWarning, match=r"not of the pinned version 1\.0"):
        keys = daily.load()
    assert keys.tolist() == KEYS.tolist()
    assert not cache.exists()


def test_pinned_version_of_a_daily_package_is_verified(small: RealSet) -> None:
    daily = replace(small, sha256="0" * 64, version="1.0", version_of=lambda path: "1.0")
    with pytest.raises(ChecksumError):
        daily.load()


def test_cache_that_cannot_be_written(
    small: RealSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    monkeypatch.setenv("LEARNEDIDX_DATA", str(blocked))
    assert small.load().tolist() == KEYS.tolist()


def test_default_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEARNEDIDX_DATA", raising=False)
    assert places.cache_folder() == Path.home() / ".cache" / "learnedidx"


def test_tarballs_by_version_and_folder(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    for folder in (here, cache):
        folder.mkdir()
    monkeypatch.chdir(here)
    assert npm.find_tarball("some-set", "1.0") is None
    order = [
        cache / "some-set-2.0.tgz",
        cache / "some-set-2.1.tgz",
        here / "some-set-3.0.tgz",
        cache / "some-set-1.0.tgz",
    ]
    for tarball in [*order, here / "some-set-1.0.tgz"]:
        tarball.touch()
        (here / "some-set-extra-1.0.tgz").touch()
        assert npm.find_tarball("some-set", "1.0") == tarball


def test_packages_are_found_without_importing_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "catalogue_of_nothing"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "keys.bin").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    found = places.in_python_package("catalogue_of_nothing", "keys.bin")
    assert found == package / "keys.bin"
    assert places.in_python_package("catalogue_of_nothing", "other.bin") is None
    assert places.in_python_package("no_such_package_anywhere", "keys.bin") is None
    assert "catalogue_of_nothing" not in sys.modules


def test_missing_reader_names_the_command() -> None:
    with pytest.raises(ModuleNotFoundError, match="install it with: pip install h5py"):
        reader("no_such_reader_anywhere", "h5py")


SIZES = {
    "gaia_source_id": (482_106, 482_106),
    "gaia_ra_f64": (482_176, 482_176),
    "gshhg_coast": (10_995_687, 10_748_168),
    "flights_3m": (3_000_000, 213_834),
    "ip4_asn": (411_961, 411_961),
    "geonames_id": (234_908, 234_908),
    "geonames_morton": (234_908, 234_799),
    "geonames_population": (234_908, 40_368),
}


@pytest.mark.parametrize("name", REAL)
def test_installed_packages(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the real package, where it is on this machine, past any cache."""
    file = REAL[name].find()
    if file is None:
        pytest.skip(f"not installed: {REAL[name].install}")
    for module, needing in (("h5py", "gshhg_coast"), ("pyarrow", "flights_3m")):
        if name == needing:
            pytest.importorskip(module)
    monkeypatch.setenv("LEARNEDIDX_DATA", str(tmp_path))
    keys = REAL[name].load(file)
    assert keys.dtype == REAL[name].dtype
    assert np.all(keys[1:] >= keys[:-1])
    assert (keys.size, int(np.count_nonzero(keys[1:] > keys[:-1])) + 1) == SIZES[name]
    assert np.array_equal(keys, np.load(tmp_path / f"{name}.npy"))
