"""C++ that is timed beside the library, compiled when it is first needed and kept in ``build``."""

import _sqlite3
import ctypes
import functools
import hashlib
import importlib.util
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.contenders import Array
from benchmarks.plan import Cell, Plan
from benchmarks.suite import Subject, Timed

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = HERE / "build"
# As the core is compiled: see CMakeLists.txt.
FLAGS = ("-std=c++17", "-O3", "-DNDEBUG", "-ffp-contract=off", "-fPIC", "-shared")

Pointer = ctypes.c_void_p
Size = ctypes.c_size_t
Key = ctypes.c_uint64
Measure = Callable[[Subject, Cell, Plan], Timed]


class NativeMissingError(RuntimeError):
    """The C++ cannot be compiled here; the message says why."""


def needs_compiler(measure: Measure) -> Measure:
    """Let a suite that cannot compile its C++ say so, instead of ending the run."""

    @functools.wraps(measure)
    def measured(subject: Subject, cell: Cell, plan: Plan) -> Timed:
        try:
            return measure(subject, cell, plan)
        except NativeMissingError as error:
            return Timed({}, {"C++": str(error)})

    return measured


def loop(name: str, keys: Array, queries: Array, out: Array) -> Callable[[], None]:
    """Make an action of `lower_bounds` or of a merge that answers into `out` (int64)."""
    function = getattr(_loops(), name)
    arrays = (keys, queries, out)  # which the action keeps alive

    def act() -> None:
        at = [array.ctypes.data for array in arrays]
        function(at[0], len(keys), at[1], len(queries), at[2])

    return act


@functools.cache
def _loops() -> ctypes.CDLL:
    """Load what needs the standard library alone."""
    names = ("lower_bounds", "merge", "merge_branchless")
    signature = (None, Pointer, Size, Pointer, Size, Pointer)
    return _library(_compiled("loops"), dict.fromkeys(names, signature))


@functools.cache
def singles() -> ctypes.CDLL:
    """Load the single lookups, compiled with the core's own headers."""
    include = ROOT / "cpp" / "include"
    file = _compiled("singles", include.rglob("*.hpp"), [f"-I{include}"])
    answer = ctypes.c_int64
    signatures = {
        "make_tree": (Pointer, Pointer, Size, ctypes.c_uint),
        "make_rmi": (Pointer, Pointer, Size, ctypes.c_uint, Pointer, Size, Pointer),
        "free_index": (None, Pointer),
        "predict": (None, Pointer, Pointer, Size, Pointer),
        "chain_index": (answer, Pointer, ctypes.c_char_p, Pointer, Size, Key),
        "chain_lower_bound": (answer, Pointer, Size, Pointer, Size, Key),
    }
    return _library(file, signatures)


@functools.cache
def statements() -> ctypes.CDLL:
    """Load what runs SQL in the SQLite that Python's own module uses."""
    ctypes.CDLL(getattr(_sqlite3, "__file__", None), ctypes.RTLD_GLOBAL)
    vendored = ROOT / "cpp" / "embed" / "sqlite" / "vendor"
    text, failed = ctypes.c_char_p, ctypes.c_int
    signatures = {
        "open_database": (Pointer, text),
        "close_database": (None, Pointer),
        "run": (failed, Pointer, text, Pointer, Size, ctypes.c_int, Pointer, Pointer),
    }
    return _library(_compiled("sqlite", options=[f"-I{vendored}"]), signatures)


def _library(file: Path, signatures: Mapping[str, tuple[Any, ...]]) -> ctypes.CDLL:
    """Load a library whose functions have these results and arguments."""
    library = ctypes.CDLL(str(file))
    for name, (result, *arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


@functools.cache
def empty_call() -> Any:
    """Import the function that does nothing, called as the scalar verbs are."""
    include = sysconfig.get_paths()["include"]
    file = _compiled("empty", options=[f"-I{include}"])
    spec = importlib.util.spec_from_file_location("empty", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.empty


def program(source: Path, target: str, packages: str) -> Path:
    """Compile a program by its CMakeLists.txt, if anything changed, and give its place."""
    made = source / "build"
    configure = ["-S", str(source), "-B", str(made), "-DCMAKE_BUILD_TYPE=Release"]
    for words in (configure, ["--build", str(made), "--parallel", "--target", target]):
        done = subprocess.run(["cmake", *words], capture_output=True, text=True)
        if done.returncode != 0:
            needs = f"needs a C++ compiler: apt-get install {packages}"
            raise FileNotFoundError(f"{done.stdout}\n{done.stderr}\n{needs}")
    return made / target


def _compiled(name: str, headers: Iterable[Path] = (), options: Iterable[str] = ()) -> Path:
    """Compile, unless that was done with the same sources and options before."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        raise NativeMissingError("no C++ compiler: apt-get install g++")
    source = HERE / f"{name}.cpp"
    command = [compiler, *FLAGS, *options, str(source)]
    digest = hashlib.sha256(" ".join(command).encode())
    for file in sorted([source, *headers]):
        digest.update(file.read_bytes())
    target = BUILD / f"{name}-{digest.hexdigest()[:16]}.so"
    if not target.exists():
        BUILD.mkdir(exist_ok=True)
        unfinished = target.with_suffix(".part")
        run = subprocess.run([*command, "-o", str(unfinished)], capture_output=True, text=True)
        if run.returncode != 0:
            why = next(iter(run.stderr.splitlines()), "?")
            raise NativeMissingError(f"{name} did not compile: {why}")
        unfinished.replace(target)
    return target
