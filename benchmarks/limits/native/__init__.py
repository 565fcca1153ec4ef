"""The C++ beside the limits, compiled when it is first needed and kept in ``build``."""

import ctypes
import functools
import hashlib
import importlib.machinery
import importlib.util
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.contenders import Array

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
BUILD = HERE / "build"
# As the core is compiled: see CMakeLists.txt.
FLAGS = ("-std=c++17", "-O3", "-DNDEBUG", "-ffp-contract=off", "-fPIC", "-shared")

Pointer = ctypes.c_void_p
Size = ctypes.c_size_t
Key = ctypes.c_uint64


class NativeMissingError(RuntimeError):
    """The C++ cannot be compiled here; the message says why."""


def loop(name: str, keys: Array, queries: Array, out: Array) -> Callable[[], None]:
    """Make an action of `lower_bounds` or of a merge that answers into `out` (int64).

    The arrays are borrowed: whoever asks keeps them alive.
    """
    place = (keys.ctypes.data, len(keys), queries.ctypes.data, len(queries), out.ctypes.data)
    return functools.partial(getattr(_loops(), name), *place)


@functools.cache
def _loops() -> ctypes.CDLL:
    """Load what needs the standard library alone."""
    library = ctypes.CDLL(str(_compiled("loops", [HERE / "loops.cpp"])))
    for name in ("lower_bounds", "merge", "merge_branchless"):
        _declare(library, name, None, Pointer, Size, Pointer, Size, Pointer)
    return library


@functools.cache
def singles() -> ctypes.CDLL:
    """Load the single lookups, compiled with the core's own headers."""
    include = ROOT / "cpp" / "include"
    headers = include.rglob("*.hpp")
    file = _compiled("singles", [HERE / "singles.cpp"], headers, [f"-I{include}"])
    library = ctypes.CDLL(str(file))
    _declare(library, "make_tree", Pointer, Pointer, Size, ctypes.c_uint)
    _declare(library, "make_rmi", Pointer, Pointer, Size, ctypes.c_uint, Pointer, Size, Pointer)
    _declare(library, "free_index", None, Pointer)
    _declare(library, "predict", None, Pointer, Pointer, Size, Pointer)
    _declare(library, "chain_index", ctypes.c_int64, Pointer, ctypes.c_char_p, Pointer, Size, Key)
    _declare(library, "chain_lower_bound", ctypes.c_int64, Pointer, Size, Pointer, Size, Key)
    return library


@functools.cache
def empty_call() -> Any:
    """Import the function that does nothing, called as the scalar verbs are."""
    include = sysconfig.get_paths()["include"]
    file = _compiled("empty", [HERE / "empty.cpp"], options=[f"-I{include}"])
    loader = importlib.machinery.ExtensionFileLoader("empty", str(file))
    spec = importlib.util.spec_from_loader("empty", loader)
    if spec is None:
        raise NativeMissingError(f"{file.name} is not an extension module of this Python")
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module.empty


def _declare(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> None:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments


def _compiled(
    name: str, sources: list[Path], headers: Iterable[Path] = (), options: Iterable[str] = ()
) -> Path:
    """Compile, unless that was done with the same sources and options before."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        raise NativeMissingError("no C++ compiler: apt-get install g++")
    command = [compiler, *FLAGS, *options, *map(str, sources)]
    digest = hashlib.sha256(" ".join(command).encode())
    for file in sorted([*sources, *headers]):
        digest.update(file.read_bytes())
    target = BUILD / f"{name}-{digest.hexdigest()[:16]}.so"
    if not target.exists():
        BUILD.mkdir(exist_ok=True)
        unfinished = target.with_suffix(".part")
        try:
            subprocess.run([*command, "-o", str(unfinished)], check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            log = error.stderr.decode(errors="replace").strip().splitlines()
            raise NativeMissingError(f"{name} did not compile: {log[0] if log else '?'}") from None
        unfinished.replace(target)
    return target
