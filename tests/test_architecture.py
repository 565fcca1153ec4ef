"""The floor plan, executed: who may import whom, and how large things may grow.

A rule that is broken for a reason is listed here with a sentence that says why.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import lizard
import pytest

ROOT = Path(__file__).resolve().parent.parent

# The rooms of the library, lowest first. A module imports from lower rows only: modules of one row
# do not know each other, and none imports upwards, on use neither.
PYTHON_ROWS = (
    {"_core", "_pictures", "paths"},
    {"sqlite"},
    {"_formats", "_formats.foreign", "_formats.scalars", "_formats.zones"},
    {"_formats.family", "_formats.forms", "_formats.tables"},
    {"_formats.numbers", "_formats.text", "_formats.times"},
    {"_formats.instants", "_formats.strings"},
    {"_formats.known"},
    {"_formats.fields", "_formats.queries"},
    {"_formats.keys", "_formats.nearest", "rows"},
    {"_formats.rows"},
    {"_formats.bounds"},
    {"models.estimator", "models.pieces", "models.roots"},
    {"models.train"},
    {"models.grow"},
    {"models.btree", "models.direct", "models.pgm", "models.radix_spline", "models.rmi"},
    {"models", "models.choose", "models.layers"},
    {"_state"},
    {"files._values"},
    {"files._stored"},
    {"files._head", "files._strings"},
    {"files._saving"},
    {"files._building"},
    {"filters"},
    {"filters._plot", "filters._regions", "filters._saving"},
    {"filters._filter", "filters._parquet"},
    {"filters._hash", "filters._learned", "filters._point", "filters._range"},
    {"filters._files"},
    {"filters.beside"},
    {"extend", "prefixes"},
    {"explain._statistics"},
    {"explain._layers"},
    {"explain", "explain._plot"},
    {"index"},
    {"files", "hardness", "advice._samples", "advice._string_samples"},
    {"advice", "advice._benchmark", "advice._costs"},
    {"advice._filters"},
    {"advice._strings"},
    {"advice._advising", "advice._tuning"},
    {"containers.codes", "containers.objects"},
    {"containers.algebra", "containers.values", "containers.views"},
    {"containers.sorted_dict", "containers.sorted_list", "containers.sorted_set"},
    {"containers.sorted_key_list"},
    {"containers"},
    {"interop", "interop._names", "interop._ranges", "interop._rule"},
    {"interop._match"},
    {"interop._columns", "interop._groups"},
    {"interop._pandas", "interop._polars", "interop._pyarrow"},
    {"interop._doors"},
    {"interop._asof", "interop._range", "interop._row_groups", "shards._locks"},
    {"interop.duckdb", "interop.pandas", "interop.polars", "interop.xarray", "interop._sidecar"},
    {"shards._places", "shards._sources"},
    {"shards._manifest"},
    {"shards._view", "shards._writing"},
    {"shards._index"},
    {"shards._batches", "shards._parts"},
    {"shards"},
    {"dask._tasks", "parquet", "remote"},
    {"dask._sending"},
    {"dask"},
    {""},
    {"__main__"},
)
# Whoever imports these has the library, whose objects get a new attribute by it.
OWN_LIBRARY = {
    "dask._tasks": {"pandas", "pyarrow"},
    "interop.pandas": {"pandas"},
    "interop.polars": {"polars"},
    "interop.xarray": {"pandas", "xarray"},
}
CORE_USERS = {
    "_formats.bounds",
    "_formats.fields",
    "_formats.keys",
    "_formats.nearest",
    "_formats.queries",
    "_formats.rows",
    "_formats.strings",
    "_formats.tables",
    "_formats.text",
    "models.btree",
    "models.direct",
    "models.pgm",
    "models.radix_spline",
    "models.rmi",
    "models.pieces",
    "models.train",
    "models.grow",
    "models.layers",
    "filters._saving",
    "filters._filter",
    "filters._hash",
    "filters._learned",
    "filters._point",
    "filters._range",
    "_state",
    "index",
    "explain",
    "explain._statistics",
    "explain._layers",
    "advice._string_samples",
    "prefixes",
    "files._stored",
    "files._head",
    "files._strings",
    "files._building",
    "extend",
    "containers.algebra",
    "containers.sorted_dict",
    "containers.sorted_key_list",
    "containers.sorted_list",
    "containers.sorted_set",
    "containers.values",
    "interop._columns",
    "interop._groups",
}
# What is larger than its limit, and why.
LARGE_FILES: dict[str, str] = {
    "cpp/bindings/bind_rmi.cpp": "training makes its passes through one class of the core",
}
A_LIE_EACH = "one condition for each thing that a file may lie about"
BRANCHY = {
    "message": "one line for each status",
    "message_of_call": "one line for each status",
    "is_range_filter": A_LIE_EACH,
    "is_point_filter": A_LIE_EACH,
    "is_learned_hash": A_LIE_EACH,
    "is_learned_filter": A_LIE_EACH,
    "read_options": "one condition for each option",
    "can_build": "one condition for each option",
    "build_file": "one condition for each argument",
    "many_strings": "one condition for each thing that an argument may be",
    "plan_into": "one case for each model",
    "open_body": A_LIE_EACH,
    "wrong_one": "one condition for each verb",
    "wrong_batch": "one condition for each verb",
    "check_table": A_LIE_EACH,
    "borrow": A_LIE_EACH,
    "add_column": A_LIE_EACH,
    "read_sections": A_LIE_EACH,
    "read_strings": A_LIE_EACH,
    "check_ends": A_LIE_EACH,
    "read_rmi": A_LIE_EACH,
    "read_pgm": A_LIE_EACH,
    "stream_rmi": "the three steps of the pipeline share one loop, with its beginning and its end",
    "check_sorted": "one pass that knows numbers and NaN, without a branch in its inner loop",
    "read_number": "one line for each NumPy scalar type",
    "key_in": "one line for each order of keys",
    "take": "a merge knows three ends",
    "take_both": "a merge without branches that depend on keys: what they would choose is selected",
    "visit_key_type": "one line for each kind of key",
    "available_kernels": "the list of processor features that a row needs",
    "character_size": "one condition for each range of the bytes of UTF-8",
    "format_of": "one line for each format of Arrow",
    "give_value": "one line for each kind of value",
    "positions_of": "one line for each type of index",
    "fit_leaves": "optional lines and weights are unpacked before the GIL is released",
}


def modules(room: str) -> dict[str, Path]:
    """Return the Python files of a room by their dotted name inside it."""
    found = {}
    for path in sorted((ROOT / room).rglob("*.py")):
        parts = path.relative_to(ROOT / room).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield (absolute dotted name, is it imported on load?) for all that runs."""
    tree = ast.parse(path.read_text())
    idle = {id(n) for top in ast.walk(tree) if _is_type_checking(top) for n in ast.walk(top)}
    late = {id(n) for top in ast.walk(tree) if _is_function(top) for n in ast.walk(top)}
    for node in ast.walk(tree):
        if id(node) in idle:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) not in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", id(node) not in late


def home(target: str) -> str | None:
    """Return the module of the library that a dotted name lives in: "" is the package itself."""
    root, _, short = target.partition(".")
    inside = {*modules("learnedidx"), "_core"}
    while root == "learnedidx" and short and short not in inside:
        short = short.rpartition(".")[0]
    return short if root == "learnedidx" else None


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def row_of(name: str, rows: tuple[set[str], ...]) -> int:
    """Return the row of a module; one that has none has to be placed first."""
    for row, names in enumerate(rows):
        if name in names:
            return row
    pytest.fail(f"{name} is in no row of the floor plan: place it in tests/test_architecture.py")


@pytest.mark.parametrize("name", modules("learnedidx"))
def test_python_imports_point_down(name: str) -> None:
    for target, _ in imports(modules("learnedidx")[name]):
        short = home(target)
        if short is None:
            continue
        down = row_of(short, PYTHON_ROWS) < row_of(name, PYTHON_ROWS)
        assert down, f"learnedidx.{name} imports learnedidx.{short}, which is not below it"
        assert short != "_core" or name in CORE_USERS, f"{name} has no business with the core"


@pytest.mark.parametrize("name", modules("learnedidx"))
def test_formats_alone_know_the_families_of_keys(name: str) -> None:
    """Others ask `family_of`; containers have kinds of values of their own, which codes knows."""
    if name.startswith("_formats.") or name == "containers.codes":
        return
    for node in ast.walk(ast.parse(modules("learnedidx")[name].read_text())):
        of_dtype = isinstance(node, ast.Attribute) and node.attr in ("kind", "char")
        text = ast.unparse(node) if of_dtype else ""
        assert "dtype" not in text, f"{name}: {text}; ask learnedidx._formats.known.family_of"


@pytest.mark.parametrize("name", modules("learnedidx"))
def test_the_library_needs_numpy_alone(name: str) -> None:
    for target, on_load in imports(modules("learnedidx")[name]):
        root = target.partition(".")[0]
        assert root not in ("datasets", "benchmarks", "tests")
        known = {*sys.stdlib_module_names, "numpy", "learnedidx", *OWN_LIBRARY.get(name, ())}
        assert not on_load or root in known, f"{name} imports {root} on load"


@pytest.mark.parametrize("name", modules("datasets"))
def test_data_sets_depend_on_numpy_alone(name: str) -> None:
    for target, on_load in imports(modules("datasets")[name]):
        root = target.partition(".")[0]
        assert root not in ("learnedidx", "benchmarks", "tests")
        known = {*sys.stdlib_module_names, "numpy", "datasets"}
        assert not on_load or root in known, f"{name} imports {root} on load"


@pytest.mark.parametrize("name", modules("benchmarks"))
def test_benchmarks_use_the_public_interface(name: str) -> None:
    private = modules("learnedidx").keys() - {""} | {"_core"}
    for target, _ in imports(modules("benchmarks")[name]):
        assert not target.startswith("tests")
        short = target.removeprefix("learnedidx.")
        assert short == target or short.partition(".")[0] not in private, f"{name}: {target}"


@pytest.mark.parametrize("name", modules("docs"))
def test_the_documentation_uses_the_public_interface(name: str) -> None:
    for target, _ in imports(modules("docs")[name]):
        assert not target.startswith(("tests", "benchmarks", "learnedidx.")), f"{name}: {target}"


def all_files(*suffixes: str) -> list[Path]:
    """Return the project's own files with one of these suffixes."""
    rooms = ("learnedidx", "cpp", "datasets", "benchmarks", "docs", "examples", "tests")
    found = [p for room in rooms for p in (ROOT / room).rglob("*") if p.suffix in suffixes]
    return sorted(p for p in found if "build" not in p.relative_to(ROOT).parts)


def length(path: Path) -> int:
    """Count the lines of a file."""
    return len(path.read_text().splitlines())


def test_files_stay_small() -> None:
    limits = {".py": 350, ".hpp": 350, ".cpp": 350}
    too_large = []
    for path in all_files(*limits):
        name = str(path.relative_to(ROOT))
        limit = 200 if "/bindings/bind_" in name else limits[path.suffix]
        limit = 60 if path.name == "module.cpp" else limit
        if length(path) > limit and name not in LARGE_FILES:
            too_large.append(f"{name}: {length(path)} lines, at most {limit}")
    assert not too_large, "\n".join(too_large)
    for build in (ROOT / "CMakeLists.txt", *all_files(".txt")):
        assert length(build) <= 120, build


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    first = node.body[0]
    docstring = ast.get_docstring(node) is not None
    lines = (first.end_lineno or 0) - first.lineno + 1 if docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - lines


@pytest.mark.parametrize("room", ["learnedidx", "datasets", "benchmarks", "docs", "tests"])
def test_python_functions_stay_small(room: str) -> None:
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules(room).values()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and function_lines(node) > 40
    ]
    assert not too_long, "\n".join(too_long)


def test_cpp_functions_stay_small() -> None:
    too_large = []
    for path in all_files(".hpp", ".cpp"):
        for f in lizard.analyze_file(str(path)).function_list:
            name = f.name.rpartition("::")[2]
            if f.length > 40 or (f.cyclomatic_complexity > 10 and name not in BRANCHY):
                too_large.append(
                    f"{f.long_name}: {f.length} lines, {f.cyclomatic_complexity} paths"
                )
    assert not too_large, "\n".join(too_large)


def test_constructors_take_few_parameters() -> None:
    for path in modules("learnedidx").values():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                taken = len(node.args.args) + len(node.args.kwonlyargs) - 1
                assert taken <= 5, f"{path.name}:{node.lineno}"


def test_every_exception_is_still_needed() -> None:
    for name in LARGE_FILES:
        assert length(ROOT / name) > 200, f"{name} is small again: strike it from the list"
