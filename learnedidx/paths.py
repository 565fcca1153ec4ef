"""Where what came with this package lies for C++ (headers, CMake, pkg-config) and for SQLite.

Wheels hold them beside the extension module; so do editable installs, which keep the Python files
elsewhere.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def include_dir() -> Path:
    """Return the folder to give a C++ compiler with -I.

    >>> (include_dir() / "learnedidx" / "lookup.hpp").exists()
    True
    """
    return _installed("include", "learnedidx/lookup.hpp")


def cmake_dir() -> Path:
    """Return the folder of learnedidxConfig.cmake, for `learnedidx_DIR`.

    >>> (cmake_dir() / "learnedidxConfig.cmake").exists()
    True
    """
    return _installed("share/cmake/learnedidx", "learnedidxConfig.cmake")


def pkgconfig_dir() -> Path:
    """Return the folder of learnedidx.pc, for `PKG_CONFIG_PATH`.

    >>> (pkgconfig_dir() / "learnedidx.pc").exists()
    True
    """
    return _installed("share/pkgconfig", "learnedidx.pc")


def sqlite_extension() -> Path:
    """Return the extension for SQLite, which its shell loads with `.load`.

    >>> sqlite_extension().name
    'learnedidx.so'
    """
    return _installed("lib", "learnedidx.so") / "learnedidx.so"


def _installed(folder: str, file: str) -> Path:
    """Return the installed folder that holds a file."""
    core = find_spec("learnedidx._core")
    place = Path((core and core.origin) or __file__).resolve().parent / folder
    if (place / file).exists():
        return place
    raise FileNotFoundError(
        f"{place} has no {file}: it was not installed with learnedidx. Install it again by "
        "`pip install .` in its sources; CMake can also use those, by add_subdirectory"
    )
