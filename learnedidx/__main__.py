"""The command line: tells C++ builds where the headers are, and SQLite where its extension is."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence

from learnedidx import __version__, paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was asked for; return the exit status.

    >>> main(["--version"])
    0.1.0
    0
    """
    parser = argparse.ArgumentParser(
        prog="python -m learnedidx",
        description="Where the C++ headers and the extension for SQLite are, of this package.",
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    for option, text in {
        "--includes": "the flag for the compiler: -I and the folder of the headers",
        "--cmake-dir": "the folder of learnedidxConfig.cmake, for -Dlearnedidx_DIR=",
        "--pkgconfig-dir": "the folder of learnedidx.pc, for PKG_CONFIG_PATH",
        "--sqlite-extension": "the extension for SQLite, for .load in its shell",
        "--version": "the version of the package",
    }.items():
        asked.add_argument(option, action="store_true", help=f"print {text}")
    try:
        print(_answer(parser.parse_args(arguments)))
    except FileNotFoundError as error:
        print(f"learnedidx: {error}", file=sys.stderr)
        return 1
    return 0


def _answer(asked: argparse.Namespace) -> str:
    if asked.includes:
        return shlex.quote(f"-I{paths.include_dir()}")
    if asked.cmake_dir:
        return str(paths.cmake_dir())
    if asked.pkgconfig_dir:
        return str(paths.pkgconfig_dir())
    if asked.sqlite_extension:
        return str(paths.sqlite_extension())
    return __version__


if __name__ == "__main__":
    sys.exit(main())
