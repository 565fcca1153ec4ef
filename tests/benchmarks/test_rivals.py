"""Contenders that the command line brings, and what is said when they cannot be built."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import keysets, rivals
from benchmarks.contenders import CONTENDERS
from benchmarks.rivals import __main__ as command

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/your-own-index.md"
SMALL = ["--plan", "tiny", "--sets", "uniform", "--sizes", "2000", "--contenders", "numpy"]


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Build into a folder of the test's own, and forget the contenders that it named."""
    monkeypatch.setattr(rivals, "BUILD", tmp_path / "build")
    kept = dict(CONTENDERS)
    yield
    CONTENDERS.clear()
    CONTENDERS.update(kept)


def run(tmp_path: Path, *more: str) -> int:
    """Run one suite on few keys."""
    return benchmarks.main(["run", "sorted", "--file", str(tmp_path / "a.jsonl"), *SMALL, *more])


def template(language: str) -> str:
    """Read the page's template in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_python_template_is_a_contender(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own_index.py").write_text(template("py"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # of the process that measures its growth
    assert run(tmp_path, "--contender", "own_index:Mine") == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "mine" in line)
    assert "missing" not in row


@pytest.mark.skipif(
    rivals.missing_tool() is not None or shutil.which("c++") is None,
    reason="needs a compiler, CMake and pybind11",
)
def test_the_cpp_template_is_a_contender_of_its_types(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "own.cpp"
    types = template("cpp").replace("std::uint64_t, std::int64_t, double", "std::uint64_t")
    source.write_text(
        types.replace("public:\n", "public:\n  static constexpr bool unique = true;\n")
    )
    named = ["--rival", f"own={source}:{tmp_path}:-O0"]
    assert run(tmp_path, *named) == 0
    out = capsys.readouterr().out
    assert "missing" not in out
    assert "* own: std::lower_bound, C++17" in out
    own = CONTENDERS["own"]()
    keys = keysets.from_name("uniform", 2_000).keys
    assert own.refuses(keys.astype(float)) == "takes uint64 only, not float64"
    assert own.refuses(keys.repeat(2)) == "holds no equal keys"
    assert own.refuses(keys) is None


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (["--contenders", "trie"], "no contender 'trie'; choose from"),
        (["--contender", "no_such_module:Mine"], "expected MODULE:CLASS: No module named"),
        (["--contender", "math:Mine"], "expected MODULE:CLASS: module 'math' has no attribute"),
        (["--contender", "math:pi"], "3.141592653589793 is no benchmarks.contenders.Contender"),
        (["--contender", "tests.benchmarks.fakes:Right"], "numpy: a contender has this name"),
        (["--rival", "own"], "expected NAME=ADAPTER.cpp, see docs/your-own-index.md"),
        (["--rival", "own=nowhere.cpp"], "nowhere.cpp is not there"),
    ],
)
def test_a_wrong_name_ends_in_one_line(
    named: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, *named) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("header", [False, True])
def test_the_row_of_absl_says_how_to_get_it(
    header: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rivals, "include_folders", lambda: [str(tmp_path)])
    if header:
        place = tmp_path / "absl" / "container" / "btree_set.h"
        place.parent.mkdir(parents=True)
        place.touch()
    wanted = "python -m benchmarks.rivals" if header else "apt-get install libabsl-dev"
    assert rivals.not_built() == f"not built: {wanted}"


def test_the_build_ends_in_one_line_when_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rivals, "missing_tool", lambda: "not built: cmake not found")
    assert command.main() == 1
    assert capsys.readouterr().err == "not built: cmake not found\n"
