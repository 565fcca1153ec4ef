"""Indexes in C++ as contenders: each is one adapter file, compiled into one small extension.

``rival.hpp`` says what an adapter is, ``text.hpp`` what one over text is. ``python -m
benchmarks.rivals`` builds those that are here; ``--rival NAME=ADAPTER.cpp:FOLDER`` builds anyone's
(see docs/your-own-index.md).
"""

import dataclasses
import functools
import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"


@dataclasses.dataclass(frozen=True)
class Adapter:
    """One adapter: its file, the folders that it includes from, and the compiler's options."""

    name: str
    source: Path
    folders: tuple[Path, ...] = ()
    options: tuple[str, ...] = ()
    absl: bool = False  # whether it needs Abseil

    @property
    def folder(self) -> Path:
        """Give the folder of what is built for the running Python."""
        return BUILD / f"python{sys.version_info.major}.{sys.version_info.minor}" / self.name

    @property
    def module(self) -> str:
        """Give the name of the extension."""
        return f"rival_{self.name}"

    @property
    def file(self) -> Path:
        """Give the place of the compiled extension."""
        return self.folder / f"{self.module}{sysconfig.get_config_var('EXT_SUFFIX') or '.so'}"

    def build(self) -> None:
        """Compile; a ValueError has the compiler's words, or says which tool is missing."""
        if reason := missing_tool():
            raise ValueError(f"{self.name}: {reason}")
        import pybind11

        configure = [
            *("cmake", "-S", str(HERE), "-B", str(self.folder / "cmake")),
            f"-DPython_EXECUTABLE={sys.executable}",
            "-DPYBIND11_FINDPYTHON=ON",
            f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
            f"-DCMAKE_LIBRARY_OUTPUT_DIRECTORY={self.folder}",
            f"-DMODULE={self.module}",
            f"-DSOURCE={self.source.resolve()}",
            f"-DFOLDERS={';'.join(str(folder.resolve()) for folder in self.folders)}",
            f"-DOPTIONS={';'.join(self.options)}",
            f"-DABSL={'ON' if self.absl else 'OFF'}",
        ]
        for command in (configure, ["cmake", "--build", str(self.folder / "cmake")]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                words = f"{done.stdout}\n{done.stderr}"
                raise ValueError(f"{self.name}: {self.source} does not compile:\n{words}")

    def load(self) -> Any:
        """Import the compiled extension."""
        return _load(self.module, self.file)


ABSL = Adapter("absl", HERE / "absl.cpp", absl=True)
ABSL_TEXT = Adapter("absl_text", HERE / "absl_text.cpp", absl=True)
FLAT_HASH_TEXT = Adapter("flat_hash_text", HERE / "flat_hash_text.cpp", absl=True)
LOWER_BOUND_TEXT = Adapter("lower_bound_text", HERE / "lower_bound_text.cpp")
OWN = (ABSL, LOWER_BOUND_TEXT, ABSL_TEXT, FLAT_HASH_TEXT)


def not_built(adapter: Adapter = ABSL) -> str | None:
    """Say what to do when the extension of one of the own adapters is not built, else None."""
    if adapter.file.exists():
        return None
    if adapter.absl and not any(
        Path(root, "absl/container/btree_set.h").exists() for root in include_folders()
    ):
        return "not built: apt-get install libabsl-dev"
    return "not built: python -m benchmarks.rivals"


def include_folders() -> list[str]:
    """List where Abseil's headers may be."""
    return ["/usr/include", "/usr/local/include", "/opt/homebrew/include"]


def missing_tool() -> str | None:
    """Name the first tool that a build needs and does not find, else None."""
    if shutil.which("cmake") is None:
        return "not built: cmake not found: pip install cmake"
    if importlib.util.find_spec("pybind11") is None:
        return "not built: pybind11 not found: pip install pybind11"
    return None


@functools.cache
def _load(module: str, file: Path) -> Any:
    spec = importlib.util.spec_from_file_location(module, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not an extension module of this Python")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
