"""A C99 program opens what Python saved and answers as NumPy does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import learnedidx as lx
from tests.capi.cases import KINDS, MODELS, answers_of, cases, queries_of
from tests.capi.conftest import ROOT, linked, run

SIZES = (0, 1, 40, 3000)


@pytest.mark.parametrize("with_keys", [True, False], ids=["keys", "model only"])
def test_c_answers_like_numpy(client: Path, tmp_path: Path, with_keys: bool) -> None:
    lines = []
    for stem, kind, keys, index in cases(SIZES):
        queries = queries_of(keys, 60 if with_keys else 20)
        index.save(tmp_path / f"{stem}.lidx", keys=with_keys)
        if not with_keys:
            keys.tofile(tmp_path / f"{stem}.keys")
        queries.tofile(tmp_path / f"{stem}.queries")
        answers_of(keys, queries).tofile(tmp_path / f"{stem}.answers")
        lines.append(f"{KINDS[kind]} {stem}\n")
    (tmp_path / "cases.txt").write_text("".join(lines))
    said = run(client, tmp_path)
    assert said.startswith(f"{len(KINDS) * len(MODELS) * len(SIZES)} cases")


def examples() -> list[str]:
    """Return the programs of the page, in order."""
    text = (ROOT / "docs/c-api.md").read_text()
    return [block.partition("```")[0] for block in text.split("```c\n")[1:]]


def compiled(built: Path, folder: Path, text: str) -> Path:
    """Return a program, linked to the shared library."""
    source, program = folder / "first.c", folder / "first"
    source.write_text(text)
    return linked(built, source, program)


def test_the_examples_in_the_documentation(built: Path, tmp_path: Path) -> None:
    text = (ROOT / "docs/c-api.md").read_text()
    first, _, _, tree = examples()
    for program, wanted in ((first, "1 4, 0 1 5"), (tree, "500 502 503 1365")):
        said = run(compiled(built, tmp_path, program)).strip()
        assert said == wanted and f"prints `{said}`" in text


MAIN = """
#include <stdlib.h>
int main(int count, char **arguments) {
  FILE *file = fopen(arguments[1], "rb");
  static char blob[1 << 16];
  void *copy = malloc(sizeof blob);
  size_t bytes = fread(blob, 1, sizeof blob, file);
  memcpy(copy, blob, bytes);
  return count < 2 || {call};
}
"""


def main_that(call: str) -> str:
    """Return a program that reads the file it is given and does something with it."""
    return MAIN.replace("{call}", call)


def test_the_example_over_filters(built: Path, tmp_path: Path) -> None:
    keys = np.arange(0, 1000, 10)
    filter = lx.RangeFilter(strategy="exact").fit(keys)
    program = compiled(built, tmp_path, examples()[2] + main_that("print_answers(copy, bytes)"))
    for blob in (filter.save(bytes), lx.LearnedIndex(keys).save(bytes, filter=filter)):
        (tmp_path / "keys.lidx").write_bytes(blob or b"")
        said = run(program, tmp_path / "keys.lidx").strip()
        assert said == "1 0 0, 0" and f"prints `{said}`" in (ROOT / "docs/c-api.md").read_text()


def test_the_example_over_strings(built: Path, tmp_path: Path) -> None:
    lx.LearnedIndex(["com.a", "com.a.x", "com.b", "org.a"]).save(tmp_path / "names.lidx")
    program = compiled(
        built, tmp_path, examples()[1] + main_that("print_prefix(copy, bytes, arguments[2])")
    )
    assert run(program, tmp_path / "names.lidx", "com.a") == "com.a\ncom.a.x\n"


def test_only_the_interface_is_exported(built: Path) -> None:
    names = run("nm", "-D", "--defined-only", built / "liblearnedidx_c.so").splitlines()
    symbols = [line.split()[-1] for line in names]
    assert len(symbols) > 150
    assert [name for name in symbols if not name.startswith("lidx_")] == []


def test_lookups_need_no_runtime(built: Path) -> None:
    """No operator new, no exception, no table of types: what opens and looks up links as C."""
    objects = sorted(p for p in built.glob("*.o") if p.stem != "build")
    lines = run("nm", "-u", *objects).splitlines()
    names = {line.split()[-1] for line in lines if line.strip().startswith("U ")}
    foreign = {name for name in names if not name.startswith("_ZN10learnedidx")}
    assert foreign <= {"memcpy", "memset", "memcmp", "memmove", "strcmp"} | COMPILER | OURS


COMPILER = {"__cpu_model", "__cpu_indicator_init", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}
OURS = {"lidx_release", "madvise"}  # malloc and free are the builder's; a tree asks for huge pages
