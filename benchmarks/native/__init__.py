"""C++ beside the library: compiled when it is first used, kept in ``build/native`` of the tree.

Extensions are made with pybind11: loops that batches are compared with, single lookups, statements
of SQL, and adapters of indexes (``rival.hpp`` says what an adapter is). Programs print what they
measured: one for each container of C++.
"""

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "native"
# As the core is compiled: see CMakeLists.txt.
FLAGS = ("-std=c++17", "-O3", "-DNDEBUG", "-ffp-contract=off", "-Wall", "-Wextra", f"-I{HERE}")
CORE = (f"-I{ROOT}/cpp/include",)


class NativeMissingError(RuntimeError):
    """The C++ cannot be compiled here; the message says why."""


@functools.cache
def extension(
    name: str, source: Path, options: Sequence[str] = (), packages: Sequence[str] = ()
) -> Any:
    if importlib.util.find_spec("pybind11") is None:
        raise NativeMissingError("not built: pip install pybind11")
    import pybind11

    include = (f"-I{pybind11.get_include()}", f"-I{sysconfig.get_paths()['include']}")
    shared = ("-fPIC", "-shared", "-fvisibility=hidden", f"-DRIVAL={name}")
    file = program(source, (*shared, *include, *options), packages, suffix=".so")
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def missing(packages: Sequence[str] = ()) -> str | None:
    """Say what to install before C++ that needs these packages of pkg-config can be compiled."""
    if _compiler() is None:
        return "not built: no C++ compiler: apt-get install g++"
    for package in packages:
        if shutil.which("pkg-config") is None or _run(["pkg-config", package]).returncode:
            return f"not built: apt-get install pkg-config lib{package.partition('_')[0]}-dev"
    return None


@functools.cache
def program(
    source: Path, options: Sequence[str] = (), packages: Sequence[str] = (), suffix: str = ""
) -> Path:
    """Compile a file, unless all that the preprocessor makes of it was compiled before."""
    if why := missing(packages):
        raise NativeMissingError(why)
    libraries = _run(["pkg-config", "--cflags", "--libs", *packages]).stdout if packages else ""
    command = [str(_compiler()), *FLAGS, *options]
    text = _checked([*command, "-E", str(source)], source)
    digest = hashlib.sha256(f"{command}{libraries}{text}".encode()).hexdigest()[:16]
    target = BUILD / f"{source.stem}-{digest}{suffix}"
    if not target.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        print(f"compiling {source.name}", file=sys.stderr)
        unfinished = target.with_suffix(f".{os.getpid()}")  # two may compile at once
        _checked([*command, str(source), "-o", str(unfinished), *libraries.split()], source)
        unfinished.replace(target)
    return target


def _compiler() -> str | None:
    return shutil.which("g++") or shutil.which("clang++")


def _checked(command: Sequence[str], source: Path) -> str:
    done = _run(command)
    if done.returncode != 0:
        first = next((line for line in done.stderr.splitlines() if "error" in line), "?")
        raise NativeMissingError(f"{source.name} does not compile: {first}\n{done.stderr}")
    return done.stdout


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
