"""A benchmark-only extension around `absl::btree_set`, built by build.py beside this file."""

import functools
import importlib.util
import sys
import sysconfig
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BUILD = HERE / "build"
MODULE = "_absl_btree"


def built_file() -> Path:
    """Give the place of the compiled extension for the running Python."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX") or ".so"
    return BUILD / f"python{sys.version_info.major}.{sys.version_info.minor}" / f"{MODULE}{suffix}"


def why_missing() -> str | None:
    """Say what to do when the extension is not built, else None."""
    if built_file().exists():
        return None
    if not any(Path(root, "absl/container/btree_set.h").exists() for root in include_folders()):
        return "not built: apt-get install libabsl-dev"
    return "not built: python -m benchmarks.absl_btree.build"


def include_folders() -> list[str]:
    """List where Abseil's headers may be."""
    return ["/usr/include", "/usr/local/include", "/opt/homebrew/include"]


@functools.cache
def load_extension() -> Any:
    """Import the compiled extension; call `why_missing` first."""
    spec = importlib.util.spec_from_file_location(MODULE, built_file())
    if spec is None or spec.loader is None:
        raise ImportError(f"{built_file()} is not an extension module of this Python")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
