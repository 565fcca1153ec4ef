"""The floor plan of the C++ sources, executed: which folder includes from which."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEADERS = ROOT / "cpp" / "include" / "learnedidx"

# The folders of the headers, lowest first, and which others each includes: no more, no less.
CPP_ARROWS: dict[str, set[str]] = {
    "base": set(),
    "keys": {"base"},
    "filters": {"base", "keys"},
    "search": {"base"},
    "models": {"base", "keys", "search"},
    "file": {"base", "keys", "models", "filters"},
    "kernels": {"base", "keys", "search", "models"},
    "training": {"base", "keys", "search", "models", "kernels"},
    "lookup": {"base", "keys", "search", "models", "kernels"},
    "text": {"base", "keys", "search", "models", "training", "lookup", "file"},
    "tree": {"base", "search", "kernels"},
    "fitting": {"base", "models", "file", "training"},
    "owned": {"base", "file", "training", "lookup", "kernels", "text", "fitting"},
    "memtable": {"base", "kernels"},
}
# A folder is read in an hour. The tree that changes has nodes, shape, changes and batches; of
# filters there are three.
FOLDER_LINES = 1600
LARGE_FOLDERS = {"tree": 2800, "filters": 2300}
# What a kernel may see: pointers, sizes, and the functions that say what it means.
KERNELS_SEE = {"search/bisect", "search/retry", "search/window"}


def includes(path: Path) -> list[str]:
    """Return what a C++ file includes, as written."""
    return re.findall(r'^\s*#\s*include\s*["<]([^">]+)[">]', path.read_text(), re.MULTILINE)


def cpp_files(*folders: str) -> list[Path]:
    """Return the C++ files of some folders under cpp."""
    return sorted(p for folder in folders for p in (ROOT / "cpp" / folder).rglob("*.[ch]pp"))


def header_includes(path: Path) -> list[str]:
    """Return the headers of ours that a file includes, by folder and stem."""
    ours = [target for target in includes(path) if target.startswith("learnedidx/")]
    return [target.removeprefix("learnedidx/").removesuffix(".hpp") for target in ours]


def folder_graph() -> dict[str, set[str]]:
    """Return, for each folder of the headers, the other folders that it includes from."""
    graph: dict[str, set[str]] = {}
    for path in HEADERS.glob("*/*.hpp"):
        folder = path.parent.name
        targets = {target.partition("/")[0] for target in header_includes(path)}
        graph.setdefault(folder, set()).update(targets - {folder})
    return graph


def test_folders_of_headers_point_down() -> None:
    graph = folder_graph()
    print(*(f"{folder} -> {', '.join(sorted(graph[folder]))}" for folder in CPP_ARROWS), sep="\n")
    assert graph == CPP_ARROWS
    above = list(CPP_ARROWS)
    for folder, targets in CPP_ARROWS.items():
        assert all(above.index(target) < above.index(folder) for target in targets), folder


@pytest.mark.parametrize("folder", CPP_ARROWS)
def test_a_folder_of_headers_has_no_circle_and_is_read_in_an_hour(folder: str) -> None:
    headers = {f"{folder}/{path.stem}": path for path in (HEADERS / folder).glob("*.hpp")}
    graph = {name: header_includes(path) for name, path in headers.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError
    lines = sum(len(path.read_text().splitlines()) for path in headers.values())
    assert lines <= LARGE_FOLDERS.get(folder, FOLDER_LINES)


@pytest.mark.parametrize("path", sorted(HEADERS.glob("*.hpp")), ids=lambda p: p.stem)
def test_an_umbrella_is_a_list(path: Path) -> None:
    code = re.sub(r"//.*|^#(include|pragma once).*", "", path.read_text(), flags=re.MULTILINE)
    assert not code.strip() and header_includes(path)


@pytest.mark.parametrize("path", cpp_files("include", "src"), ids=lambda p: p.name)
def test_only_bindings_know_python(path: Path) -> None:
    for target in includes(path):
        assert not target.startswith(("Python.h", "pybind11", "numpy")), path


NO_ROWS = ("kernels", "rows", "tree_node")  # the table, the choice among rows, and what they read
ROWS = sorted({p.stem for p in (HEADERS / "kernels").glob("*.hpp")}.difference(NO_ROWS))


@pytest.mark.parametrize("name", ROWS)
def test_kernels_see_pointers_and_sizes_only(name: str) -> None:
    targets = header_includes(HEADERS / "kernels" / f"{name}.hpp")
    assert {target for target in targets if not target.startswith("kernels/")} <= KERNELS_SEE


@pytest.mark.parametrize("path", cpp_files("embed"), ids=lambda p: p.name)
def test_what_is_embedded_looks_up_and_trains_nothing(path: Path) -> None:
    for target in includes(path):
        assert not target.startswith(("Python.h", "pybind11", "numpy")), path
        assert not target.startswith(("learnedidx/training/", "learnedidx/tree/")), path


@pytest.mark.parametrize("path", cpp_files("capi"), ids=lambda p: p.name)
def test_the_c_library_stands_on_the_engine_alone(path: Path) -> None:
    for target in includes(path):
        assert "/" not in target or target.startswith("learnedidx/"), path
        assert not target.startswith(("Python.h", "pybind11", "numpy")), path
        looks_up = path.stem != "build"  # what looks up allocates nothing, so it fits nothing
        fits = target.startswith(
            ("learnedidx/training/", "learnedidx/fitting/", "learnedidx/owned/")
        )
        assert not (looks_up and fits), path
