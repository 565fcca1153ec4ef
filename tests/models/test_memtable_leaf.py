"""The memtable's leaf under a model checker: every interleaving of its writers and a reader."""

import shutil
import subprocess
from pathlib import Path

import pytest

# A model and what it looks at: a reader that finds or walks beside one writer; two writers, or
# these and a reader.
MODELS = (
    ("memtable_leaf", "FIND"),
    ("memtable_leaf", "WALK"),
    *(
        pytest.param("memtable_writers", name, marks=pytest.mark.whole)
        for name in ("WRITE", "FIND")
    ),
)
BUGS = (
    ("memtable_leaf", "FIND", "CUT_BEFORE_LINK"),
    ("memtable_leaf", "FIND", "EVEN_WHILE_SHIFTING"),
    ("memtable_leaf", "FIND", "NO_SECOND_LOOK"),
    ("memtable_leaf", "FIND", "NO_WAY_RIGHT"),
    ("memtable_leaf", "FIND", "SHIFT_UPWARDS"),
    ("memtable_leaf", "WALK", "NO_COMPARISON"),
    ("memtable_leaf", "WALK", "SHIFT_UPWARDS"),
    ("memtable_writers", "WRITE", "NO_LOCK"),
    ("memtable_writers", "WRITE", "NO_SECOND_LOOK"),
    ("memtable_writers", "WRITE", "NO_WAY_RIGHT"),
    ("memtable_writers", "WRITE", "RIGHT_NOT_LOCKED"),
    ("memtable_writers", "WRITE", "UNLOCK_BEFORE_PUT"),
    ("memtable_writers", "FIND", "APPEND_WITHOUT_VERSION"),
    ("memtable_writers", "FIND", "CUT_BEFORE_LINK"),
)

pytestmark = pytest.mark.skipif(
    not (shutil.which("spin") and shutil.which("cc")), reason="spin and a C compiler (Debian: spin)"
)


def errors(folder: Path, model: str, *names: str) -> int:
    """Check a model with these names defined; return how many errors were found."""
    defined = [f"-D{name}" for name in names]
    source = Path(__file__).parent / f"{model}.pml"
    subprocess.run(["spin", "-a", *defined, str(source)], cwd=folder, check=True)
    compiling = ["cc", "-O1", "-w", "-DSAFETY", "-o", "pan", "pan.c"]
    subprocess.run(compiling, cwd=folder, check=True)
    checking = ["./pan", "-m100000"]
    done = subprocess.run(checking, cwd=folder, check=True, capture_output=True, text=True)
    assert "max search depth too small" not in done.stdout
    return int(done.stdout.split("errors: ")[1].split()[0])


@pytest.mark.parametrize(("model", "reader"), MODELS)
def test_no_interleaving_is_wrong(tmp_path: Path, model: str, reader: str) -> None:
    assert errors(tmp_path, model, reader) == 0


@pytest.mark.whole
@pytest.mark.parametrize(("model", "reader", "bug"), BUGS)
def test_bugs_that_are_put_back_are_found(
    tmp_path: Path, model: str, reader: str, bug: str
) -> None:
    assert errors(tmp_path, model, reader, bug) > 0
