"""The example for devices: a kilobyte of model, no heap, no runtime, right answers."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import learnedidx as lx
from tests.capi.conftest import C_FLAGS, CC, CXX, CXX_FLAGS, NO_RUNTIME, ROOT, run

EXAMPLES = ROOT / "examples/c"
FROM_C = {"printf", "puts", "memset", "memcpy", "memcmp", "memmove", "strcmp", "__libc_start_main"}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("maker", EXAMPLES / "make_device_model.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_array_is_the_file_that_python_saves(maker: ModuleType) -> None:
    index = lx.LearnedIndex(maker.log_times(), lx.PGM(epsilon=2048))
    blob = index.save(bytes, keys=False)
    assert blob is not None and len(blob) < 1024
    assert maker.header(blob) == (EXAMPLES / "device_model.h").read_text()


def small_objects(folder: Path) -> list[Path]:
    """The library without kernel rows."""
    made = [folder / "open.o", folder / "lookups.o"]
    flags = (*CXX_FLAGS, *NO_RUNTIME, "-Os", "-DLIDX_SMALL", "-ffunction-sections")
    for target in made:
        run(CXX, *flags, "-c", ROOT / f"cpp/capi/{target.stem}.cpp", "-o", target)
    return made


@pytest.mark.parametrize(
    "small", [False, pytest.param(True, marks=pytest.mark.whole)], ids=["rows", "small"]
)
def test_the_device_answers_without_a_heap(built: Path, tmp_path: Path, small: bool) -> None:
    program = tmp_path / "device"
    objects = sorted(p for p in built.glob("*.o") if p.stem != "build")
    if small:
        objects = small_objects(tmp_path)
    flags = (*C_FLAGS, f"-I{ROOT / 'cpp/include'}", "-Wl,--gc-sections")
    run(CC, *flags, EXAMPLES / "device.c", *objects, "-o", program)
    said = run(program)
    assert re.fullmatch(r"976 bytes for 1000000 keys; 0 of 10000 answers wrong; .*\n", said)
    assert float(re.findall(r"([\d.]+) pages", said)[0]) < 1.5
    needed = {line.split()[1].partition("@")[0] for line in run("nm", "-u", program).splitlines()}
    needed = {name for name in needed if not name.startswith(("_ITM_", "__gmon", "__cxa_finalize"))}
    assert needed <= FROM_C, "neither malloc nor operator new nor anything of the C++ runtime"
    if small:
        assert int(run("size", program).splitlines()[1].split()[0]) < 80_000


def test_the_example_in_the_documentation() -> None:
    text = (ROOT / "docs/device.md").read_text()
    examples = doctest.DocTestParser().get_doctest(text, {}, "device.md", None, 0)
    result = doctest.DocTestRunner().run(examples)
    assert (result.failed, result.attempted) == (0, 6)


@pytest.mark.parametrize("shape", ["uniform", "lognormal"])
def test_a_million_keys_in_four_kilobytes(shape: str) -> None:
    """As docs/device.md has it: from an epsilon of 1024 on there are no corrections."""
    rng = np.random.default_rng(3)
    raw = rng.random(10**6) if shape == "uniform" else rng.lognormal(0, 2, 10**6) / 1e6
    keys = np.sort((raw * 2**62).astype(np.uint64))
    blob = lx.LearnedIndex(keys, lx.PGM(epsilon=1024)).save(bytes, keys=False)
    assert blob is not None and len(blob) <= 4096
    queries = rng.choice(keys, 5000) + rng.integers(0, 3, 5000).astype(np.uint64)
    low, high = lx.open(blob).bounds(queries)
    answers = np.searchsorted(keys, queries)
    assert ((low <= answers) & (answers <= high)).all() and int((high - low).max()) <= 2048
