"""The C++ package that comes with the Python package is found, or missed with a reason."""

from pathlib import Path

import pytest

from learnedidx import __main__ as command
from learnedidx import __version__, paths

OPTIONS = {
    "--includes": paths.include_dir,
    "--cmake-dir": paths.cmake_dir,
    "--pkgconfig-dir": paths.pkgconfig_dir,
    "--sqlite-extension": paths.sqlite_extension,
}


@pytest.mark.parametrize("option", OPTIONS)
def test_folders_are_printed(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([option]) == 0
    flag = "-I" if option == "--includes" else ""
    assert capsys.readouterr().out == f"{flag}{OPTIONS[option]()}\n"


def test_every_header_of_the_sources_is_installed() -> None:
    sources = Path(__file__).resolve().parent.parent / "cpp" / "include"
    wanted = {path.relative_to(sources) for path in sources.rglob("*.h*")}
    if not wanted:
        pytest.skip("the sources of the core are not here")
    installed = paths.include_dir()
    assert {path.relative_to(installed) for path in installed.rglob("*.h*")} == wanted


@pytest.mark.parametrize("file", ["learnedidxConfigVersion.cmake", "learnedidx.pc"])
def test_the_version_is_written_for_cmake_and_pkg_config(file: str) -> None:
    folder = paths.pkgconfig_dir() if file.endswith(".pc") else paths.cmake_dir()
    assert __version__ in (folder / file).read_text()


@pytest.mark.parametrize("option", OPTIONS)
def test_what_is_missing_is_said(
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(paths, "find_spec", lambda name: None)
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "paths.py"))
    assert command.main([option]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert str(tmp_path) in said.err
    assert "pip install" in said.err


@pytest.mark.parametrize("arguments", [[], ["--includes", "--version"]])
def test_one_question_is_answered_at_a_time(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(arguments)
