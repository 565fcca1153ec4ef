"""What is said when the extension around absl::btree_set is not there."""

from pathlib import Path

import pytest

from benchmarks import absl_btree
from benchmarks.absl_btree import build


def test_without_the_header_the_package_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(absl_btree, "BUILD", tmp_path)
    monkeypatch.setattr(absl_btree, "include_folders", lambda: [str(tmp_path)])
    assert absl_btree.why_missing() == "not built: apt-get install libabsl-dev"


def test_with_the_header_the_command_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    header = tmp_path / "absl" / "container" / "btree_set.h"
    header.parent.mkdir(parents=True)
    header.touch()
    monkeypatch.setattr(absl_btree, "BUILD", tmp_path)
    monkeypatch.setattr(absl_btree, "include_folders", lambda: [str(tmp_path)])
    assert absl_btree.why_missing() == "not built: python -m benchmarks.absl_btree.build"


def test_the_build_ends_in_one_line_when_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "missing_tool", lambda: "not built: cmake not found")
    assert build.main() == 1
    assert capsys.readouterr().err == "not built: cmake not found\n"
