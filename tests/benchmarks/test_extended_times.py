"""The table of benchmarks.extended."""

import sys

import pytest

from benchmarks import extended


def test_there_is_a_row_for_each_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["extended", "--old", "40000", "--new", "400"])
    extended.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(extended.MODELS)
    assert all(len([float(cell) for cell in line.split()[1:]]) == 5 for line in lines[1:])


def test_extending_is_much_faster_than_training_anew() -> None:
    """A tenth is measured with as many new keys; a half leaves room for a busy machine."""
    keys = extended.log_keys(2_020_000)
    for model in ("pgm", "radix_spline"):
        longer, _, built, *_ = extended.compare(model, keys, 2_000_000)
        assert longer < built / 2, model
    for model in ("rmi", "btree"):  # whose training is a part of the checks that a vouch leaves out
        longer, vouched, built, *_ = extended.compare(model, keys, 2_000_000)
        assert vouched < longer / 1.5 and vouched < built / 1.5, model
