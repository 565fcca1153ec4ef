"""The C library, built once for all sessions that have the same sources."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.capi.binding import View

ROOT = Path(__file__).resolve().parent.parent.parent
CXX, CC = os.environ.get("CXX", "g++"), os.environ.get("CC", "gcc")
STRICT = ("-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", f"-I{ROOT / 'cpp/include'}")
CXX_FLAGS = (*STRICT, "-std=c++17", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off")
ROWS = ("avx2", "avx512", "scalar")  # each in its own object
C_FLAGS = ("-O1", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
NO_RUNTIME = ("-fno-exceptions", "-fno-rtti")  # all but the builder do without


def run(*command: str | Path) -> str:
    """Run a command; what it printed is the reason of a failure."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def sources() -> list[Path]:
    return sorted((ROOT / "cpp/capi").glob("*.cpp"))


def _objects_of_rows(folder: Path) -> list[Path]:
    """The kernel rows: as the extension was built with, unless a source has changed since."""
    newest = max(path.stat().st_mtime for path in (ROOT / "cpp").rglob("*.[ch]pp"))
    there = [
        ROOT.glob(f"build/cp*/cpp/src/CMakeFiles/learnedidx_rows.dir/{row}.cpp.o") for row in ROWS
    ]
    found = [[one for one in objects if one.stat().st_mtime > newest] for objects in there]
    if not all(found):
        return [_compile(ROOT / f"cpp/src/{row}.cpp", folder) for row in ROWS]
    return [
        Path(shutil.copy(one[0], folder / f"{row}.o")) for row, one in zip(ROWS, found, strict=True)
    ]


def _compile(source: Path, folder: Path) -> Path:
    target = folder / f"{source.stem}.o"
    extra = () if source.stem == "build" else NO_RUNTIME
    run(CXX, *CXX_FLAGS, "-DLIDX_COMPILED_ROWS", *extra, "-c", source, "-o", target)
    return target


def _fingerprint() -> str:
    digest = hashlib.sha256(repr((CXX, CXX_FLAGS)).encode())
    for path in sorted((ROOT / "cpp").rglob("*.*")):
        if path.suffix in (".h", ".hpp", ".cpp", ".map"):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="session")
def built(pytestconfig: pytest.Config) -> Path:
    """The folder with the object files and liblearnedidx_c.so."""
    if not sources() or shutil.which(CXX) is None or shutil.which(CC) is None:
        pytest.skip("needs the C++ sources and compilers")
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir(f"capi-{_fingerprint()}")
    with (folder / "lock").open("w") as lock:  # of sessions that run side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        library = folder / "liblearnedidx_c.so"
        if not library.exists():
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                rows = pool.submit(_objects_of_rows, folder)
                objects = list(pool.map(lambda source: _compile(source, folder), sources()))
                objects += rows.result()
            exports = ROOT / "cpp/capi/exports.map"
            beside = folder / "new.so"
            run(CXX, "-shared", f"-Wl,--version-script={exports}", *objects, "-o", beside)
            beside.replace(library)
    return folder


def linked(built: Path, source: Path, target: Path) -> Path:
    """Return a C program, linked to the shared library."""
    where = (f"-I{ROOT / 'cpp/include'}", f"-L{built}", f"-Wl,-rpath,{built}")
    run(CC, *C_FLAGS, *where, source, "-llearnedidx_c", "-o", target)
    return target


@pytest.fixture(scope="session")
def client(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C program that compares answers."""
    source = Path(__file__).parent / "client.c"
    return linked(built, source, tmp_path_factory.mktemp("client") / "client")


@pytest.fixture(scope="session")
def library(built: Path) -> ctypes.CDLL:
    loaded = ctypes.CDLL(str(built / "liblearnedidx_c.so"))
    loaded.lidx_message.restype = ctypes.c_char_p
    loaded.lidx_n.restype = loaded.lidx_numbers.restype = ctypes.c_uint64
    loaded.lidx_n_bytes.restype = loaded.lidx_filter_n.restype = ctypes.c_uint64
    loaded.lidx_values_bytes.restype = ctypes.c_void_p
    loaded.lidx_keys.restype = loaded.lidx_values.restype = ctypes.c_void_p
    return loaded


@pytest.fixture
def view(library: ctypes.CDLL) -> View:
    return View(library)
