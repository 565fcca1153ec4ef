"""Contenders that the command line brings, and what is said when they cannot be built."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import keysets, native
from benchmarks.contenders import CONTENDERS
from benchmarks.contenders.native import Native

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/your-own-index.md"
SMALL = ["--plan", "tiny", "--sets", "uniform", "--sizes", "2000", "--contenders", "numpy"]


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Build into a folder of the test's own, and forget the contenders that it named."""
    monkeypatch.setattr(native, "BUILD", tmp_path / "build")
    with patch.dict(CONTENDERS):
        yield


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


@pytest.mark.whole
@pytest.mark.skipif(native.missing() is not None, reason="no C++ compiler: apt-get install g++")
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
        (["--contender", ".x:Mine"], "expected MODULE:CLASS: the 'package' argument"),
        (["--contender", "tests.benchmarks.fakes:Clock"], "is no benchmarks.contenders.Contender"),
        (["--contender", "tests.benchmarks.fakes:NeedsArguments"], "be made without arguments: "),
        (["--contender", "tests.benchmarks.fakes:Nameless"], "its class has no name"),
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


def test_what_cannot_be_compiled_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "does not compile" in (Broken().missing() or "")
    failed = subprocess.CompletedProcess([], 1, "", "")
    monkeypatch.setattr(native, "_run", lambda _: failed)
    assert native.missing(("absl_btree",)) == "not built: apt-get install pkg-config libabsl-dev"
    monkeypatch.setattr(native, "_compiler", lambda: None)
    assert native.missing() == "not built: no C++ compiler: apt-get install g++"


class Broken(Native):
    """An adapter of which nothing can be made."""

    source = PAGE
