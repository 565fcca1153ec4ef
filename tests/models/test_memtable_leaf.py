"""The memtable's leaf under a model checker: every interleaving of its writer and a reader."""

import shutil
import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).parent / "memtable_leaf.pml"
BUGS = (
    ("FIND", "CUT_BEFORE_LINK"),
    ("FIND", "EVEN_WHILE_SHIFTING"),
    ("FIND", "NO_SECOND_LOOK"),
    ("FIND", "NO_WAY_RIGHT"),
    ("FIND", "SHIFT_UPWARDS"),
    ("WALK", "NO_COMPARISON"),
    ("WALK", "SHIFT_UPWARDS"),
)

pytestmark = pytest.mark.skipif(
    not (shutil.which("spin") and shutil.which("cc")), reason="spin and a C compiler (Debian: spin)"
)


def errors(folder: Path, *names: str) -> int:
    """Check the model with these names defined; return how many errors were found."""
    defined = [f"-D{name}" for name in names]
    subprocess.run(["spin", "-a", *defined, str(MODEL)], cwd=folder, check=True)
    compiling = ["cc", "-O1", "-w", "-DSAFETY", "-o", "pan", "pan.c"]
    subprocess.run(compiling, cwd=folder, check=True)
    checking = ["./pan", "-m100000"]
    done = subprocess.run(checking, cwd=folder, check=True, capture_output=True, text=True)
    assert "max search depth too small" not in done.stdout
    return int(done.stdout.split("errors: ")[1].split()[0])


@pytest.mark.parametrize("reader", ["FIND", "WALK"])
def test_no_interleaving_is_wrong(tmp_path: Path, reader: str) -> None:
    assert errors(tmp_path, reader) == 0


@pytest.mark.parametrize(("reader", "bug"), BUGS)
def test_bugs_that_are_put_back_are_found(tmp_path: Path, reader: str, bug: str) -> None:
    assert errors(tmp_path, reader, bug) > 0
